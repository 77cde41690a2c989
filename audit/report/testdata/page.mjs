// Opens the page of an audit in a browser, clicks through it, and takes pictures.
//
//	node --experimental-websocket page.mjs CHROMIUM PROFILE FILE.html [DIRECTORY]
//
// It prints what it has done, and what went wrong; then it exits with 1.
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";

const [chromium, profile, file, pictures] = process.argv.slice(2);
const browser = spawn(chromium, [
  "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update",
  "--disable-sync", "--disable-dev-shm-usage", "--user-data-dir=" + profile, "--remote-debugging-port=0", "--window-size=1360,900", "about:blank",
], { stdio: ["ignore", "ignore", "pipe"] });
setTimeout(() => { console.log("the browser takes too long"); browser.kill("SIGKILL"); process.exit(1); }, 200_000).unref();

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
let serial = 0, loaded;
const waiting = new Map(), wrong = [], requests = [];
ws.onmessage = (m) => {
  const { id, result, error, method, params } = JSON.parse(m.data);
  if (waiting.has(id)) waiting.get(id)(error ? Promise.reject(new Error(error.message)) : result);
  if (method === "Network.requestWillBeSent") requests.push(params.request.url);
  if (method === "Runtime.exceptionThrown") wrong.push("exception: " + (params.exceptionDetails.exception?.description || params.exceptionDetails.text));
  if (method === "Log.entryAdded" && params.entry.level !== "verbose") wrong.push("log: " + params.entry.text);
  if (method === "Runtime.consoleAPICalled") wrong.push("console: " + params.args.map((a) => a.value).join(" "));
  if (method === "Page.loadEventFired") loaded?.();
};
const call = (method, params = {}) => new Promise((resolve) => {
  waiting.set(++serial, resolve);
  ws.send(JSON.stringify({ id: serial, method, params }));
});
const run = async (expression) => {
  const { result, exceptionDetails } = await call("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true });
  if (exceptionDetails) wrong.push(expression + ": " + (exceptionDetails.exception?.description || exceptionDetails.text));
  return result.value;
};
const check = async (what, expression, want) => {
  const got = await run(expression);
  const isFine = typeof want === "function" ? want(got) : got === want;
  console.log((isFine ? "ok    " : "WRONG ") + what + ": " + JSON.stringify(got));
  if (!isFine) wrong.push(what + ": " + JSON.stringify(got));
};
const frames = () => run("new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(() => r())))");
const picture = async (name) => {
  if (!pictures) return;
  await frames();
  writeFileSync(pictures + "/" + name + ".png", Buffer.from((await call("Page.captureScreenshot")).data, "base64"));
};
const screen = (width, height, isPhone) => call("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: 1, mobile: isPhone });
const scheme = (value) => call("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value }, { name: "prefers-reduced-motion", value: "reduce" }] });
const key = async (key, code, text) => {
  await call("Input.dispatchKeyEvent", { type: "keyDown", key, code: code || key, text, windowsVirtualKeyCode: { Escape: 27, Enter: 13, ArrowDown: 40, Tab: 9 }[key] || 0 });
  await call("Input.dispatchKeyEvent", { type: "keyUp", key, code: code || key });
};
const go = async (hash) => { await run(`location.hash = ${JSON.stringify(hash)}`); await frames(); };

for (const domain of ["Page", "Network", "Runtime", "Log"]) await call(domain + ".enable");
await screen(1360, 900, false);
await scheme("light");
const whole = new Promise((resolve) => (loaded = resolve));
await call("Page.navigate", { url: "file://" + file });
await whole;

await check("the verdict", "document.querySelector('.lead .verdict').textContent", (v) => ["holds", "undecided"].includes(v));
await check("landmarks", "['header','nav[aria-label]','main','[role=search]'].every((s) => document.querySelector(s))", true);
await check("one heading of level 1", "document.querySelectorAll('h1').length", 1);
await check("no heading skips a level", `(() => { let last = 0; return [...document.querySelectorAll("main h1,main h2,main h3,main h4,main h5,main h6")].filter((h) => { const n = +h.tagName[1], bad = n > last + 1; last = n; return bad; }).map((h) => h.textContent).slice(0, 5).join("; "); })()`, "");
await check("header cells have a scope", "document.querySelectorAll('th:not([scope])').length", 0);
await check("inputs have labels", "[...document.querySelectorAll('input,select')].filter((i) => !i.labels?.length && !i.getAttribute('aria-label')).length", 0);
await check("links and buttons have names", "[...document.querySelectorAll('a[href],button')].filter((a) => !a.textContent.trim() && !a.getAttribute('aria-label') && !a.querySelector('title')).length", 0);
await check("ids are unique", "(() => { const seen = new Set(), twice = []; for (const n of document.querySelectorAll('[id]')) { if (seen.has(n.id)) twice.push(n.id); seen.add(n.id); } return twice.slice(0, 5).join(' '); })()", "");
await check("links within the page lead somewhere", "[...new Set([...document.querySelectorAll('a[href^=\"#\"]')].map((a) => a.getAttribute('href').slice(1)))].filter((id) => !document.getElementById(id)).slice(0, 8).join(' ')", "");
await check("what scrolls can be reached by keys", "[...document.querySelectorAll('.scroll')].filter((n) => n.tabIndex !== 0 || !n.getAttribute('aria-label') && !n.getAttribute('aria-labelledby')).length", 0);
await picture("overview-light");

// The search.
await key("/", "Slash", "/");
await check("slash leads to the search", "document.activeElement.id", "ask");
await call("Input.insertText", { text: "bare LF chunk-line" });
await check("the search finds it", "document.querySelector('#answers').textContent.includes('no bare LF: chunk-line')", true);
await check("and tells how much", "document.querySelector('#answers-say').textContent", (v) => /^\d+ found$/.test(v));
await picture("search-light");
await key("ArrowDown");
await check("an arrow leads into the answers", "document.activeElement.closest('#answers') !== null", true);
await key("Escape");
await check("Escape closes them", "document.querySelector('#answers').hidden", true);
await run("document.querySelector('#ask').focus(); document.querySelector('#ask').value = 'no bare LF: chunk-line'; document.querySelector('#ask').dispatchEvent(new Event('input', {bubbles: true}))");
await key("Enter");
await frames();
await check("Enter leads to the claim", "document.querySelector(location.hash)?.textContent.includes('no bare LF: chunk-line')", true);
await check("which has the focus", "'#' + document.activeElement.id === location.hash", true);
await picture("claim-light");

// Filters of claims.
await run("const f = document.querySelector('[data-filters=claims]'); f.elements.words.value = 'chunk-line'; f.elements.verdict.value = 'holds'; f.dispatchEvent(new Event('input'))");
await check("the claims are filtered", "[...document.querySelectorAll('.claim:not([hidden])')].every((c) => c.textContent.includes('chunk-line') && c.dataset.verdict === 'holds') && document.querySelectorAll('.claim:not([hidden])').length", (n) => n > 5);
await check("and counted", "document.querySelector('[data-filters=claims] output').textContent", (v) => /^\d+ of \d+$/.test(v));
await run("document.querySelector('[data-filters=claims] button').click()");
await frames();
await check("and all shown again", "document.querySelectorAll('.claim[hidden]').length", 0);

// The requirements that the grammar doesn't hold.
await run("document.querySelector('.question[data-trace*=\"section=6\"]').click()");
await frames();
await check("requirements of one section", "[...document.querySelectorAll('#trace-table tbody tr:not([hidden])')].every((r) => r.dataset.rfc === 'RFC 9112' && /^6/.test(r.dataset.section) && !r.dataset.by.includes('grammar')) && document.querySelectorAll('#trace-table tbody tr:not([hidden])').length", (n) => n > 10 && n < 60);
await picture("trace-light");
await run("const g = document.querySelector('[data-filters=trace]'); g.reset(); g.elements.seen.value = 'measured and killed'; g.elements.level.value = 'MUST'; g.elements.rfc.value = 'RFC 9112'; g.dispatchEvent(new Event('input'))");
await check("requirements that were seen to be held", "[...document.querySelectorAll('#trace-table tbody tr:not([hidden])')].every((r) => r.dataset.seen === 'measured and killed' && /dies|refused/.test(r.textContent)) && document.querySelectorAll('#trace-table tbody tr:not([hidden])').length", (n) => n > 0);
await run("document.querySelector('#trace-table tbody tr:not([hidden]) details').open = true; document.querySelector('#trace-table tbody tr:not([hidden])').scrollIntoView()");
await picture("seen-light");
await check("a requirement that is hidden is shown where a link leads to it", "location.hash = '#rfc9110-2.2-1', new Promise((r) => setTimeout(() => r(!document.getElementById('rfc9110-2.2-1').hidden), 300))", true);

// A machine, its diagram, and a state of it.
await run("document.querySelector('#contents a[href=\"#machine-chunk-line\"]').click()");
await frames();
await check("the machine is in view", "Math.round(document.getElementById('machine-chunk-line').getBoundingClientRect().top)", (y) => y > 0 && y < 300);
await picture("machine-light");
await run("document.querySelector('#machine-chunk-line svg a[href=\"#machine-chunk-line-s4\"]').dispatchEvent(new MouseEvent('click', {bubbles: true}))");
await frames();
await check("a node of the diagram leads to its state", "location.hash + ' ' + document.getElementById('machine-chunk-line-s4').closest('details').open", "#machine-chunk-line-s4 true");
await check("which says what happens to LF", "document.getElementById('machine-chunk-line-s4').textContent.includes('LF → s9')", true);
await picture("state-light");
await go("#transitions-stream-state");
await picture("grid-light");
await go("#matrix"); await picture("matrix-light");
await go("#variants"); await picture("variants-light");
await go("#limits"); await picture("limits-light");
await go("#doc-chunked.md"); await picture("chapter-light");
await run("document.querySelectorAll('#doc-chunked\\\\.md .code').forEach((d) => { d.open = true; d.scrollIntoView(); })");
await picture("code-light");
await go("#rfc9112-7.1"); await picture("section-light");

// Colours.
const background = "getComputedStyle(document.body).backgroundColor";
const light = await run(background);
await scheme("dark");
await check("dark, as the system has it", background, (v) => v !== light);
const dark = await run(background);
await run("document.querySelector('#theme').click()");
await check("the switch makes it light", background, light);
await run("document.querySelector('#theme').click()");
await scheme("light");
await check("and dark", background, dark);
await check("and says so", "document.querySelector('#theme').getAttribute('aria-label')", "Colours: dark");
await run("document.querySelector('#ask').value = ''");
for (const [name, hash] of [["overview", "#overview"], ["machine", "#machine-chunk-line"], ["grid", "#transitions-stream-state"], ["trace", "#trace"], ["chapter", "#doc-chunked.md"], ["claims", "#claims"]]) {
  await go(hash);
  await picture(name + "-dark");
}
const contrast = `(() => {
  const rgb = (c) => c.match(/[\\d.]+/g).map(Number);
  const lum = (c) => { const [r, g, b] = rgb(c).map((v) => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const behind = (n) => { for (; n; n = n.parentElement) { const c = getComputedStyle(n).backgroundColor; if (!/rgba\\(.*, 0\\)|transparent/.test(c) && c.startsWith("rgb")) return c; } return "rgb(255,255,255)"; };
  const low = new Set();
  for (const n of document.querySelectorAll(".of, .verdict, .by, .tag, a, p, th, td, label, button, summary, .evidence, .witness, .fault")) {
    const s = getComputedStyle(n); if (!n.textContent.trim() || !s.color.startsWith("rgb")) continue;
    const a = lum(s.color), b = lum(behind(n)), ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) low.add(n.tagName + "." + n.className + " " + ratio.toFixed(2));
  }
  return [...low].slice(0, 6).join("; ");
})()`;
await check("contrast in the dark", contrast, "");
await run("document.querySelector('#theme').click()"); // auto, and light
await check("contrast in the light", contrast, "");

// A phone.
await screen(390, 844, true);
await frames();
await check("nothing is wider than a phone", "document.documentElement.scrollWidth", (w) => w <= 390);
await check("the contents are a menu", "getComputedStyle(document.querySelector('#contents')).display", "none");
await run("document.querySelector('#menu').click()");
await check("which opens", "getComputedStyle(document.querySelector('#contents')).display + ' ' + document.querySelector('#menu').getAttribute('aria-expanded')", "block true");
await picture("menu-phone");
await run("document.querySelector('#contents a[href=\"#machine-chunk-line\"]').click()");
await frames();
await check("and closes behind a choice", "getComputedStyle(document.querySelector('#contents')).display", "none");
for (const [name, hash] of [["machine", "#machine-chunk-line"], ["overview", "#overview"], ["claims", "#claims"], ["trace", "#trace"], ["section", "#rfc9112-7.1"]]) {
  await go(hash);
  await picture(name + "-phone");
}
await scheme("dark");
await go("#overview");
await picture("overview-phone-dark");
await scheme("light");

// Paper.
await screen(900, 1200, false);
await call("Emulation.setEmulatedMedia", { media: "print", features: [{ name: "prefers-color-scheme", value: "dark" }] });
await check("no contents and no search on paper", "getComputedStyle(document.querySelector('#contents')).display + getComputedStyle(document.querySelector('.top')).display", "nonenone");
await check("which is white", "getComputedStyle(document.body).backgroundColor", "rgb(255, 255, 255)");
await picture("overview-paper");
await check("no table is wider than paper", "[...document.querySelectorAll('main table')].filter((t) => t.getBoundingClientRect().right > innerWidth + 2).map((t) => t.closest('[id]')?.id).slice(0, 5).join(' ')", "");
await go("#machine-chunk-line");
for (let left = 40; left > 0; left--) await frames(); // all of it is laid out anew
await picture("machine-paper");
const printed = await call("Page.printToPDF", { printBackground: false, pageRanges: "1-3" });
console.log("ok    printed: " + Buffer.from(printed.data, "base64").length + " octets for three pages");
if (pictures) writeFileSync(pictures + "/paper.pdf", Buffer.from(printed.data, "base64"));

const others = requests.filter((u) => !u.startsWith("file://" + file) && !u.startsWith("data:"));
console.log((others.length ? "WRONG " : "ok    ") + "network: " + requests.length + " requests, of which " + others.length + " for anything but the page");
wrong.push(...others);
const gone = new Promise((resolve) => browser.on("exit", resolve));
call("Browser.close"); // it doesn't answer
await gone;
for (const w of wrong) console.log("wrong: " + w);
process.exit(wrong.length ? 1 : 0);
