// What node's own WebSocket makes of the echo whose URL is the argument.
const url = process.argv[2];
const give = setTimeout(() => { console.log("it takes too long"); process.exit(1); }, 20_000);
const ws = new WebSocket(url, "echo");
ws.binaryType = "arraybuffer";
await new Promise((resolve, reject) => { ws.onopen = resolve; ws.onerror = (e) => reject(e.error ?? e); });
console.log("open, subprotocol " + ws.protocol);
const echo = (message) => new Promise((resolve, reject) => {
  ws.onmessage = (m) => resolve(m.data);
  ws.onclose = (e) => reject(new Error("closed by " + e.code));
  ws.send(message);
});
for (const message of ["hello", "", "ü".repeat(1000), "x".repeat(1 << 20)]) {
  const got = await echo(message);
  if (got !== message) throw new Error(`${message.length} characters came back as ${got.length}`);
  console.log(`text of ${message.length} characters, and back`);
}
for (const size of [0, 1, 125, 126, 65535, 65536, 4 << 20]) {
  const message = new Uint8Array(size).map((_, i) => i % 251);
  const got = Buffer.from(await echo(message));
  if (Buffer.compare(got, Buffer.from(message)) !== 0) throw new Error(`${size} octets came back as ${got.length}`);
  console.log(`binary of ${size} octets, and back`);
}
const closed = new Promise((resolve) => (ws.onclose = resolve));
ws.close(1000, "done");
const { code, wasClean } = await closed;
console.log(`closed by ${code}, ${wasClean ? "cleanly" : "not cleanly"}`);
clearTimeout(give);
process.exit(code === 1000 && wasClean ? 0 : 1);
