// A server of node's for specht get. It prints its port.
import http from "node:http";

const server = http.createServer((req, res) => {
  const url = new URL(req.url, "http://a");
  switch (url.pathname) {
    case "/hello":
      res.end("Hello, World!");
      break;
    case "/chunks":
      for (let i = 0; i < 5; i++) res.write("chunk " + i + "\n");
      res.end();
      break;
    case "/trailers":
      res.writeHead(200, { Trailer: "X-Sum" });
      res.write("hello\n");
      res.addTrailers({ "X-Sum": "42" });
      res.end();
      break;
    case "/early":
      res.writeEarlyHints({ link: "</style.css>; rel=preload" });
      res.end("late");
      break;
    case "/close":
      res.setHeader("Connection", "close");
      res.end("bye");
      break;
    case "/untilclose": // HTTP/1.0 in disguise: neither length nor chunks
      res.socket.end("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nuntil the end");
      break;
    case "/none":
      res.statusCode = Number(url.searchParams.get("status"));
      res.end();
      break;
    case "/echo":
      req.pipe(res);
      break;
    case "/refuse": // without waiting for the content
      res.statusCode = 413;
      res.end("too much");
      break;
    case "/cut":
      res.setHeader("Content-Length", 100);
      res.write("half");
      setTimeout(() => res.socket.destroy(), 20);
      break;
    case "/connections":
      res.end(String(req.socket.remotePort));
      break;
    default:
      res.statusCode = 404;
      res.end("no " + req.url);
  }
});
server.on("checkContinue", (req, res) => {
  if (req.url.startsWith("/refuse")) {
    res.statusCode = 417;
    return res.end("not for me");
  }
  res.writeContinue();
  server.emit("request", req, res);
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
process.stdin.resume().on("end", () => process.exit(0)); // ends with who began it
