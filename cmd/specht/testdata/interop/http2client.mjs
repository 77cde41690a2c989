// What node's client of HTTP/2 makes of specht serve, whose URL is the argument.
// It says what it has tried, a line each, and fails if anything has.
import http2 from "node:http2";

const session = http2.connect(process.argv[2], { rejectUnauthorized: false });
session.on("error", (e) => { console.log("FAIL the connection: " + e); process.exit(1); });
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

// ask is the response to a request: its fields, interim ones, content, trailers.
function ask(fields, send = (stream) => stream.end(), options = {}) {
  return new Promise((resolve, reject) => {
    const stream = session.request(fields, options);
    const answer = { interim: [], parts: [] };
    stream.on("headers", (h) => answer.interim.push(h[":status"]));
    stream.on("response", (h) => (answer.fields = h));
    stream.on("trailers", (h) => (answer.trailers = h));
    stream.on("data", (p) => answer.parts.push(p));
    stream.on("error", reject);
    stream.on("end", () => resolve({ ...answer, content: Buffer.concat(answer.parts) }));
    send(stream);
  });
}

await check("GET", async () => {
  const { fields, content } = await ask({ ":path": "/" });
  want(fields[":status"], 200, "the status");
  want(content.toString(), "Hello, World!", "the content");
});

await check("HEAD", async () => {
  const { fields, content } = await ask({ ":path": "/bytes/1000", ":method": "HEAD" });
  want(fields["content-length"], "1000", "content-length");
  want(content.length, 0, "the length");
});

await check("many at once", async () => {
  const all = await Promise.all(Array.from({ length: 90 }, (_, i) => ask({ ":path": "/bytes/" + i * 100 })));
  all.forEach(({ content }, i) => want(content.length, i * 100, "the length"));
});

await check("eight MiB there and back", async () => {
  const all = Buffer.alloc(8 << 20, "0123456789abcdef");
  const { content } = await ask({ ":path": "/echo", ":method": "POST" }, (stream) => stream.end(all));
  want(content.equals(all), true, "that the echo is the same");
});

await check("interim responses", async () => {
  const { interim } = await ask({ ":path": "/status/103" });
  want(interim.join(), "103", "the interim responses");
});

await check("trailers both ways", async () => {
  const { trailers } = await ask({ ":path": "/trailers", ":method": "POST", te: "trailers" }, (stream) => {
    stream.on("wantTrailers", () => stream.sendTrailers({ "x-sum": "7" }));
    stream.end("content");
  }, { waitForTrailers: true });
  want(Object.keys(trailers).some((name) => name.startsWith("received-")), true, "that there are trailers");
  return JSON.stringify(trailers);
});

await check("a request that is given up", async () => {
  const stream = session.request({ ":path": "/stream?n=1000&ms=5" });
  stream.once("data", () => stream.close(http2.constants.NGHTTP2_CANCEL));
  await new Promise((resolve) => stream.once("close", resolve));
  const { content } = await ask({ ":path": "/" });
  want(content.toString(), "Hello, World!", "the content");
});

await check("a ping", () => new Promise((resolve, reject) => {
  session.ping((e, ms) => (e ? reject(e) : resolve("answered in " + Math.round(ms) + " ms")));
}));

await new Promise((resolve) => session.close(resolve));
process.exit(failed ? 1 : 0);
