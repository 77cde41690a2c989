"use strict";
const $ = (selector, within = document) => within.querySelector(selector);
const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];

// Colours: as the system has them, light, or dark.
const theme = $("#theme"), themes = ["auto", "light", "dark"];
const paint = (name) => {
  if (name === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = name;
  theme.dataset.name = name;
  theme.textContent = name[0].toUpperCase() + name.slice(1);
  theme.setAttribute("aria-label", "Colours: " + (name === "auto" ? "as the system has them" : name));
};
let kept = "auto";
try { kept = localStorage.getItem("theme") || "auto"; } catch { /* a page in a file may have no storage */ }
paint(themes.includes(kept) ? kept : "auto");
theme.addEventListener("click", () => {
  const next = themes[(themes.indexOf(theme.dataset.name) + 1) % themes.length];
  paint(next);
  try { localStorage.setItem("theme", next); } catch { /* then it is asked again */ }
});

// The contents, where there is no room beside the page.
const menu = $("#menu"), contents = $("#contents");
const show = (isShown) => {
  contents.classList.toggle("shown", isShown);
  menu.setAttribute("aria-expanded", isShown);
};
menu.addEventListener("click", () => show(!contents.classList.contains("shown")));
contents.addEventListener("click", (e) => { if (e.target.closest("a")) show(false); });

// What is led to is opened, if it stands in something closed, and shown, if a
// filter hides it.
const reveal = () => {
  const at = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!at) return;
  const form = $(`form[data-filters=${at.closest("#trace") ? "trace" : "claims"}]`);
  if (at.hidden && form) form.reset();
  for (let n = at; n; n = n.parentElement) if (n.tagName === "DETAILS") n.open = true;
  if (at.tagName !== "SPAN") { // readers of the page go on from there
    if (!at.hasAttribute("tabindex") && !at.matches("a, button, input")) at.tabIndex = -1;
    at.focus({ preventScroll: true });
  }
  at.scrollIntoView();
};
addEventListener("hashchange", reveal);
document.addEventListener("click", (e) => { // a link to where one is already
  const a = e.target.closest("a[href^='#']");
  if (a && a.getAttribute("href") === location.hash) reveal();
});

// Filters.
const words = (text) => text.toLowerCase().split(/\s+/).filter(Boolean);
const textOf = new WeakMap();
const lower = (n) => {
  if (!textOf.has(n)) textOf.set(n, n.textContent.toLowerCase().replace(/\s+/g, " "));
  return textOf.get(n);
};
const fits = {
  words: (n, v) => words(v).every((w) => lower(n).includes(w)),
  section: (n, v) => n.dataset.section === v || n.dataset.section.startsWith(v + "."),
  by: (n, v) => v[0] === "!" ? !n.dataset.by.includes(v.slice(1)) : n.dataset.by === v,
};
const filters = {};
for (const form of $$("form[data-filters]")) {
  const name = form.dataset.filters;
  const all = name === "claims" ? $$("#claims .claim") : $$("#trace-table tbody tr");
  const apply = () => {
    const asked = [...new FormData(form)].map(([k, v]) => [k, v.trim()]).filter(([, v]) => v);
    let n = 0;
    for (const row of all) {
      row.hidden = !asked.every(([k, v]) => (fits[k] || ((r, w) => r.dataset[k] === w))(row, v));
      if (!row.hidden) n++;
    }
    for (const check of $$("#claims .check")) check.hidden = name === "claims" && asked.length > 0 && !$(".claim:not([hidden])", check);
    $("output", form).textContent = n + " of " + all.length;
  };
  form.addEventListener("input", apply);
  form.addEventListener("submit", (e) => e.preventDefault());
  form.addEventListener("reset", () => queueMicrotask(apply));
  filters[name] = { form, apply };
  apply();
}

// The search over everything.
const ask = $("#ask"), answers = $("#answers"), say = $("#answers-say");
const kinds = [
  ["Claims", ".claim", (n) => $(".what", n).textContent, (n) => $(".verdict", n).textContent],
  ["Rows of the specification", ".prose tr[id]", (n) => [...n.cells].map((c) => c.textContent).join(" | "), (n) => n.closest(".prose").dataset.prose || ""],
  ["Machines and tables", ".thing", (n) => $("h4", n).textContent, () => ""],
  ["Rules", ".abnf .line", (n) => n.textContent, (n) => n.closest(".prose").dataset.prose || ""],
  ["Requirements", "#trace-table tbody tr", (n) => n.cells[0].textContent + " " + n.cells[1].firstChild.textContent + ": " + n.cells[2].textContent, (n) => n.dataset.by],
  ["Prose", ".prose > p", (n) => n.textContent, (n) => n.closest(".prose").dataset.prose || "Guide"],
];
let entries;
const gather = () => kinds.map(([title, selector, tell, from]) => [title, $$(selector).map((n) => {
  const text = tell(n), where = from(n);
  const whole = title === "Machines and tables" ? text + " " + where : n.textContent + " " + where;
  return { n, text, where, search: whole.toLowerCase().replace(/\s+/g, " ") };
})]);
const answer = () => {
  const asked = words(ask.value);
  answers.replaceChildren();
  answers.hidden = asked.length === 0;
  if (answers.hidden) { say.textContent = ""; return; }
  entries ||= gather();
  let total = 0;
  for (const [title, all] of entries) {
    const found = all.filter((e) => asked.every((w) => e.search.includes(w)));
    if (!found.length) continue;
    total += found.length;
    const h = document.createElement("h2");
    h.textContent = title + ", " + found.length;
    answers.append(h);
    for (const { n, text, where } of found.slice(0, 12)) {
      const a = document.createElement("a");
      if (!n.id) n.id = "p" + Math.random().toString(36).slice(2);
      a.href = "#" + n.id;
      a.textContent = text.trim().slice(0, 220) + (where ? " · " + where : "");
      answers.append(a);
    }
  }
  if (!total) answers.append(Object.assign(document.createElement("p"), { textContent: "Nothing has all these words." }));
  say.textContent = total + " found";
};
const leave = () => { answers.hidden = true; };
ask.addEventListener("input", answer);
ask.addEventListener("focus", answer);
answers.addEventListener("click", (e) => { if (e.target.closest("a")) leave(); });
document.addEventListener("click", (e) => { if (!e.target.closest(".ask, .question")) leave(); });
document.addEventListener("keydown", (e) => {
  const isTyping = e.target.matches("input, select, textarea");
  if (e.key === "/" && !isTyping && !e.ctrlKey && !e.metaKey) { e.preventDefault(); ask.focus(); }
  if (e.key === "Escape") { leave(); show(false); }
  const links = $$("a", answers), i = links.indexOf(document.activeElement);
  if (answers.hidden || i < 0 && e.target !== ask) return;
  if (e.key === "ArrowDown" && i + 1 < links.length) { e.preventDefault(); links[i + 1].focus(); }
  if (e.key === "ArrowUp") { e.preventDefault(); (links[i - 1] || ask).focus(); }
  if (e.key === "Enter" && e.target === ask && links[0]) { e.preventDefault(); links[0].click(); }
});
for (const b of $$(".question")) b.addEventListener("click", () => {
  if (b.dataset.ask) { ask.value = b.dataset.ask; ask.focus(); answer(); return; }
  const { form, apply } = filters.trace;
  for (const e of form.elements) if (e.name) e.value = "";
  for (const [k, v] of new URLSearchParams(b.dataset.trace)) form.elements[k].value = v;
  apply();
  location.hash = "#trace";
  reveal();
});

// Where one is, in the contents.
const marks = new Map($$("#contents a").map((a) => [a.getAttribute("href").slice(1), a]));
const seen = new IntersectionObserver((all) => {
  for (const e of all) if (e.isIntersecting) {
    for (const a of marks.values()) a.removeAttribute("aria-current");
    marks.get(e.target.id)?.setAttribute("aria-current", "location");
  }
}, { rootMargin: "-10% 0px -80% 0px" });
for (const id of marks.keys()) { const n = document.getElementById(id); if (n) seen.observe(n); }

// On paper everything is open, but for generated code and the RFCs' text.
addEventListener("beforeprint", () => { for (const d of $$("main details:not(.code, .rfc)")) d.open = true; });
if (location.hash) reveal();
