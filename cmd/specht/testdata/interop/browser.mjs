// What a browser makes of the events of specht serve: it opens the root, lists
// the events of /events as they come, and takes a picture of that.
//
//	node --experimental-websocket browser.mjs CHROMIUM PROFILE URL [PNG]
//
// It prints the list, and when each event came, in ms since the first.
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";

const [chromium, profile, url, png] = process.argv.slice(2);
const browser = spawn(chromium, [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--user-data-dir=" + profile,
  "--ignore-certificate-errors", "--remote-debugging-port=0", "--window-size=900,620", "about:blank",
], { stdio: ["ignore", "ignore", "pipe"] });
const give = setTimeout(() => { console.log("the browser takes too long"); browser.kill("SIGKILL"); process.exit(1); }, 60_000);

const endpoint = await new Promise((resolve) => {
  let text = "";
  browser.stderr.on("data", (p) => {
    text += p;
    const found = text.match(/DevTools listening on (ws:\S+)/);
    if (found) resolve(found[1]);
  });
});
const targets = await (await fetch("http://" + new URL(endpoint).host + "/json")).json();
const ws = new WebSocket(targets.find((t) => t.type === "page").webSocketDebuggerUrl);
await new Promise((resolve) => (ws.onopen = resolve));
let serial = 0;
const waiting = new Map();
ws.onmessage = (m) => {
  const { id, result, error } = JSON.parse(m.data);
  if (waiting.has(id)) waiting.get(id)(error ? Promise.reject(new Error(error.message)) : result);
};
const call = (method, params = {}) => new Promise((resolve) => {
  waiting.set(++serial, resolve);
  ws.send(JSON.stringify({ id: serial, method, params }));
});

await call("Page.enable");
await call("Page.navigate", { url });
const list = `new Promise((resolve) => {
  document.body.innerHTML = "<h1 style='font:bold 24px sans-serif'>Server-sent events of " + location.host + "</h1><ol style='font:18px monospace'></ol><p style='font:18px sans-serif'></p>";
  const began = [], events = new EventSource("/events?n=12&ms=150"), lines = [];
  events.onmessage = (e) => {
    began.push(performance.now());
    const line = "id " + e.lastEventId + ", " + e.data + ", after " + Math.round(began.at(-1) - began[0]) + " ms";
    lines.push(line);
    document.querySelector("ol").insertAdjacentHTML("beforeend", "<li>" + line + "</li>");
  };
  events.onerror = () => {
    events.close();
    document.querySelector("p").textContent = "The stream has ended, after " + lines.length + " events.";
    resolve(JSON.stringify({ lines, times: began.map((t) => Math.round(t - began[0])) }));
  };
})`;
for (let left = 100; left > 0; left--) { // until the page is there
  const { result } = await call("Runtime.evaluate", { expression: "document.body?.textContent + location.href" });
  if (result.value === "Hello, World!" + url + "/") break;
  await new Promise((resolve) => setTimeout(resolve, 50));
}
const asked = await call("Runtime.evaluate", { expression: "performance.getEntriesByType('navigation')[0].nextHopProtocol" });
const protocol = url.startsWith("https:") ? "h2" : "http/1.1"; // no browser speaks HTTP/2 over clear text
console.log("the page came over " + asked.result.value);
if (asked.result.value !== protocol) console.log("which is not " + protocol);
const { result } = await call("Runtime.evaluate", { expression: list, awaitPromise: true });
const { lines, times } = JSON.parse(result.value);
console.log(lines.join("\n"));
if (png) writeFileSync(png, Buffer.from((await call("Page.captureScreenshot")).data, "base64"));
clearTimeout(give);
const gone = new Promise((resolve) => browser.on("exit", resolve));
call("Browser.close"); // it doesn't answer
await gone;
const isSteady = times.slice(1).every((t, i) => t - times[i] > 50); // as they come, not at the end
process.exit(lines.length === 12 && isSteady && asked.result.value === protocol ? 0 : 1);
