// What node's clients make of specht serve, whose URL is the argument. It says
// what it has tried, a line each, and fails if anything has.
import http from "node:http";
import net from "node:net";
import { once } from "node:events";

const url = new URL(process.argv[2]);
let failed = 0;

async function check(name, f) {
  try {
    const told = await f();
    console.log("ok   " + name + (told ? ": " + told : ""));
  } catch (e) {
    failed++;
    console.log("FAIL " + name + ": " + (e.stack ?? e));
  }
}

function want(got, expected, what) {
  if (got !== expected) throw new Error(`${what} is ${JSON.stringify(got)}, want ${JSON.stringify(expected)}`);
}

// ask sends a request by http.request, and is its response with all content.
function ask(path, options = {}, send = (req) => req.end()) {
  return new Promise((resolve, reject) => {
    const req = http.request(new URL(path, url), options, (res) => {
      const parts = [];
      res.on("data", (p) => parts.push(p));
      res.on("end", () => resolve({ res, content: Buffer.concat(parts), socket: req.socket, req }));
      res.on("error", reject);
    });
    req.on("error", reject);
    send(req);
  });
}

await check("http.get", async () => {
  const { res, content } = await ask("/");
  want(res.statusCode, 200, "the status");
  want(content.toString(), "Hello, World!", "the content");
});

await check("an agent that keeps connections", async () => {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const sockets = new Set();
  for (let i = 0; i < 50; i++) {
    const { socket, content } = await ask(["/", "/bytes/100", "/stream?n=3&ms=0", "/status/204"][i % 4], { agent });
    sockets.add(socket);
    want(content.length, [13, 100, 21, 0][i % 4], "the length");
  }
  agent.destroy();
  want(sockets.size, 1, "the number of connections");
  return "50 requests on one connection";
});

await check("many at once", async () => {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 20 });
  const all = await Promise.all(Array.from({ length: 200 }, (_, i) => ask("/bytes/" + i, { agent })));
  all.forEach(({ content }, i) => want(content.length, i, "the length"));
  agent.destroy();
});

await check("content of known length", async () => {
  const { content } = await ask("/echo", { method: "POST", headers: { "Content-Length": 5 } }, (req) => req.end("hello"));
  want(content.toString(), "hello", "the echo");
});

await check("content in chunks", async () => {
  const parts = Array.from({ length: 100 }, (_, i) => "part " + i + " ".repeat(i * 7) + "\n");
  const { content } = await ask("/echo", { method: "POST" }, async (req) => {
    for (const part of parts) if (!req.write(part)) await once(req, "drain");
    req.end();
  });
  want(content.toString(), parts.join(""), "the echo");
});

await check("eight MiB there and back", async () => {
  const all = Buffer.alloc(8 << 20, "0123456789abcdef");
  const { content } = await ask("/echo", { method: "POST" }, (req) => req.end(all));
  want(Buffer.compare(content, all), 0, "the comparison");
});

await check("Expect: 100-continue", async () => {
  let asked = 0;
  const { content } = await ask("/echo", { method: "POST", headers: { Expect: "100-continue", "Content-Length": 5 } }, (req) => {
    req.on("continue", () => { asked++; req.end("hello"); });
    req.flushHeaders();
  });
  want(asked, 1, "the number of 100 (Continue)");
  want(content.toString(), "hello", "the echo");
});

await check("trailers of a request", async () => {
  const { content } = await ask("/echo", { method: "POST", headers: { Trailer: "X-Sum" } }, (req) => {
    req.write("hello");
    req.addTrailers({ "X-Sum": "42" });
    req.end();
  });
  want(content.toString(), "hello", "the echo");
});

await check("early hints", async () => {
  const seen = [];
  const { res } = await ask("/status/103", {}, (req) => { req.on("information", (i) => seen.push(i.statusCode)); req.end(); });
  want(seen.join(), "103", "what came before");
  want(res.statusCode, 200, "the status");
});

await check("trailers there and back", async () => {
  const { res, content } = await ask("/trailers", { method: "POST", headers: { Trailer: "X-Sum" } }, (req) => {
    req.write("hello");
    req.addTrailers({ "X-Sum": "42" });
    req.end();
  });
  if (!/x-sum/i.test(content.toString())) throw new Error("the server didn't show X-Sum: " + content);
  if (Object.keys(res.trailers).length === 0) throw new Error("no trailers came back");
  return JSON.stringify(res.trailers);
});

await check("server-sent events, read by fetch", async () => {
  const res = await fetch(new URL("/events?n=5&ms=50", url));
  want(res.headers.get("content-type"), "text/event-stream", "Content-Type");
  const came = [];
  for await (const part of res.body) came.push(Date.now() + " " + Buffer.from(part));
  if (came.length < 2) throw new Error("all events came at once");
});

await check("an upgrade that isn't taken", async () => {
  const { res, content } = await ask("/", { headers: { Connection: "Upgrade", Upgrade: "websocket" } });
  want(res.statusCode, 200, "the status");
  want(content.toString(), "Hello, World!", "the content");
});

await check("HEAD", async () => {
  const { res, content } = await ask("/bytes/1000", { method: "HEAD" });
  want(res.headers["content-length"], "1000", "Content-Length");
  want(content.length, 0, "the content's length");
});

await check("statuses without content", async () => {
  for (const status of [204, 205, 304]) {
    const { res, content } = await ask("/status/" + status);
    want(res.statusCode, status, "the status");
    want(content.length, 0, "the content's length");
  }
});

await check("a response that comes in parts", async () => {
  const began = Date.now();
  let first = 0;
  await new Promise((resolve, reject) => {
    http.get(new URL("/stream?n=5&ms=100", url), (res) => {
      res.once("data", () => (first = Date.now() - began));
      res.on("end", resolve);
      res.on("error", reject);
    }).on("error", reject);
  });
  const all = Date.now() - began;
  if (first > all / 2) throw new Error(`the first part came after ${first} of ${all} ms`);
});

await check("a client that goes in the middle", async () => {
  for (let i = 0; i < 20; i++) {
    await new Promise((resolve, reject) => {
      const req = http.get(new URL("/big", url), (res) => res.once("data", () => { req.destroy(); resolve(); }));
      req.on("error", (e) => (e.code === "ECONNRESET" ? resolve() : reject(e)));
    });
  }
  const { content } = await ask("/");
  want(content.toString(), "Hello, World!", "what comes afterwards");
});

await check("Connection: close", async () => {
  const { res, socket } = await ask("/", { headers: { Connection: "close" } });
  want(res.headers.connection, "close", "Connection");
  if (!socket.destroyed) await once(socket, "close");
});

await check("names in their case, and repeated ones", async () => {
  const { content } = await ask("/headers", { headers: [["X-MiXed", "1"], ["x-mixed", "2"], ["X-Obs", "\xe4"], ["Host", url.host]].flat() });
  const text = content.toString("latin1");
  for (const part of ["X-MiXed", "x-mixed"]) if (!text.includes(part)) throw new Error(`no ${part} in ${text}`);
});

await check("pipelined by hand", async () => {
  const socket = net.connect(url.port, url.hostname);
  socket.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n".repeat(9) + "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  let text = "";
  for await (const part of socket) text += part;
  want(text.split("Hello, World!").length - 1, 10, "the number of responses");
});

await check("a refusal, which node can read", async () => {
  const { res } = await ask("/", { method: "GET", headers: { Host: "a b" } });
  want(res.statusCode, 400, "the status");
  want(res.headers.connection, "close", "Connection");
});

await check("fetch", async () => {
  const res = await fetch(new URL("/", url));
  want(await res.text(), "Hello, World!", "the content");
});

await check("fetch that sends a stream", async () => {
  const body = new ReadableStream({
    start(c) { for (let i = 0; i < 10; i++) c.enqueue(new TextEncoder().encode("part " + i + "\n")); c.close(); },
  });
  const res = await fetch(new URL("/echo", url), { method: "POST", body, duplex: "half" });
  want((await res.text()).split("\n").length, 11, "the number of lines");
});

await check("fetch, fifty at once", async () => {
  const all = await Promise.all(Array.from({ length: 50 }, (_, i) => fetch(new URL("/bytes/" + i * 1000, url)).then((r) => r.arrayBuffer())));
  all.forEach((b, i) => want(b.byteLength, i * 1000, "the length"));
});

await check("fetch that is given up", async () => {
  const abort = new AbortController();
  const res = await fetch(new URL("/stream?n=1000&ms=10", url), { signal: abort.signal });
  const reader = res.body.getReader();
  await reader.read();
  abort.abort();
  await reader.read().then(() => { throw new Error("it went on"); }, () => {});
});

process.exit(failed ? 1 : 0);
