"use strict";

const page = document.body.dataset;

function remember(key, value) {
  try {
    localStorage.setItem(key, value);
  } catch (error) {
    // Without storage the choice lasts as long as the page.
  }
}

// Dark and light.
const themeButton = document.getElementById("theme-toggle");
function showTheme() {
  themeButton.setAttribute("aria-pressed", String(document.documentElement.dataset.theme === "dark"));
}
themeButton.addEventListener("click", () => {
  const theme = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
  document.documentElement.dataset.theme = theme;
  remember("theme", theme);
  showTheme();
});
showTheme();

// The sidebar on narrow screens.
const menuButton = document.getElementById("menu-button");
const sidebar = document.getElementById("sidebar");
function showMenu(open) {
  sidebar.classList.toggle("open", open);
  menuButton.setAttribute("aria-expanded", String(open));
}
menuButton.addEventListener("click", () => showMenu(!sidebar.classList.contains("open")));
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && sidebar.classList.contains("open")) {
    showMenu(false);
    menuButton.focus();
  }
});

// A copy button for every listing.
const copyIcon =
  '<svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="1.3">' +
  '<rect x="5.5" y="5.5" width="8" height="8" rx="1.2"/><path d="M10.5 5.5v-2a1 1 0 0 0-1-1h-6a1 1 0 0 0-1 1v6a1 1 0 0 0 1 1h2"/></svg>';
for (const block of document.querySelectorAll("div.sourceCode")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy-button";
  button.innerHTML = copyIcon;
  button.title = page.copy;
  button.setAttribute("aria-label", page.copy);
  button.addEventListener("click", async () => {
    const code = block.querySelector("code").textContent;
    try {
      await navigator.clipboard.writeText(code);
    } catch (error) {
      copyBySelection(code);
    }
    button.textContent = "✓";
    button.setAttribute("aria-label", page.copied);
    setTimeout(() => {
      button.innerHTML = copyIcon;
      button.setAttribute("aria-label", page.copy);
    }, 1500);
  });
  block.append(button);
}

// The clipboard interface is for https and localhost; a page opened from a disk copies this way.
function copyBySelection(code) {
  const area = document.createElement("textarea");
  area.value = code;
  area.style.position = "fixed";
  area.style.opacity = "0";
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}

// The section being read: marked in the page's contents, and kept when the language changes.
const contents = new Map();
for (const link of document.querySelectorAll("#TOC a")) {
  const section = document.getElementById(decodeURIComponent(link.hash.slice(1)));
  if (section) contents.set(section, link);
}
let reading = null;
function follow() {
  let current = null;
  for (const section of contents.keys()) {
    if (section.getBoundingClientRect().top <= 120) current = section;
  }
  if (current === reading) return;
  contents.get(reading)?.removeAttribute("aria-current");
  contents.get(current)?.setAttribute("aria-current", "true");
  reading = current;
}
addEventListener("scroll", follow, { passive: true });
follow();

for (const link of document.querySelectorAll("a.language")) {
  link.addEventListener("click", () => {
    follow();
    const labeled = [...contents.keys()].filter((section) => section.id.startsWith("sec-"));
    const passed = labeled.filter((section) => section.getBoundingClientRect().top <= 120);
    // A short last section never reaches the top: the address says that the reader is in it.
    const asked = labeled.find((section) => `#${section.id}` === location.hash);
    const inView = asked && Math.abs(asked.getBoundingClientRect().top) < innerHeight;
    // Labels are the same in both editions; other headings are named by their words.
    const section = inView ? asked : passed.at(-1);
    if (section) link.hash = section.id;
    remember("language", link.hreflang);
  });
}
remember("language", document.documentElement.lang);

// A link may lead into a folded callout.
function unfold() {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  for (let node = target; node; node = node.parentElement) {
    if (node.tagName === "DETAILS") node.open = true;
  }
}
addEventListener("hashchange", unfold);
unfold();
addEventListener("beforeprint", () => {
  for (const details of document.querySelectorAll("details")) details.open = true;
});

// Search, in the page itself: scripts load from a disk too, where a request for data would fail.
const field = document.getElementById("search-input");
const results = document.getElementById("search-results");
const message = document.getElementById("search-status");
let engine = null;

function load(name) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = `${page.root}assets/${name}`;
    script.onload = resolve;
    script.onerror = reject;
    document.head.append(script);
  });
}

function fold(term) {
  return term.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

async function prepare() {
  await Promise.all([load("vendor/minisearch.js"), load("search-index.js")]);
  const search = new MiniSearch({
    fields: ["section", "title", "text"],
    storeFields: ["url", "title", "section", "text"],
    processTerm: fold,
    searchOptions: { prefix: true, fuzzy: 0.15, combineWith: "AND", boost: { section: 4, title: 2 } },
  });
  search.addAll(window.searchIndex.map((entry, id) => ({ id, ...entry })));
  return search;
}

function excerpt(text, terms) {
  const folded = fold(text);
  const places = terms.map((term) => folded.indexOf(term)).filter((place) => place >= 0);
  const start = Math.max(0, (places.length ? Math.min(...places) : 0) - 40);
  return (start ? "…" : "") + text.slice(start, start + 120) + (start + 120 < text.length ? "…" : "");
}

async function search() {
  const query = field.value.trim();
  results.hidden = !query;
  if (!query) results.replaceChildren();
  if (!query) message.textContent = "";
  if (!query) return;
  engine ??= prepare();
  const found = (await engine).search(query).slice(0, 12);
  if (field.value.trim() !== query) return;
  results.replaceChildren();
  message.textContent = found.length ? `${page.found}: ${found.length}` : page.noResults;
  for (const hit of found) {
    const item = document.createElement("li");
    const link = document.createElement("a");
    link.href = page.root + hit.url;
    const title = document.createElement("strong");
    title.textContent = hit.section || hit.title;
    const where = document.createElement("small");
    where.textContent = hit.section ? hit.title : "";
    const text = document.createElement("span");
    text.textContent = excerpt(hit.text, hit.terms.map(fold));
    link.append(title, where, text);
    item.append(link);
    results.append(item);
  }
  if (!found.length) {
    const item = document.createElement("li");
    item.textContent = page.noResults;
    results.append(item);
  }
}

field.addEventListener("input", search);
field.form.addEventListener("submit", (event) => {
  event.preventDefault();
  results.querySelector("a")?.click();
});
// The arrows go through what was found, and from the first of it back to the field.
field.form.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const stops = [field, ...results.querySelectorAll("a")];
  const next = stops[stops.indexOf(document.activeElement) + step];
  if (event.key === "Escape") {
    if (!field.value) return;
    event.stopPropagation(); // the menu stays open until the next one
    field.value = "";
    search();
    field.focus();
  } else if (next) {
    event.preventDefault();
    next.focus();
  }
});
document.addEventListener("keydown", (event) => {
  const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement.tagName);
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    showMenu(true);
    field.focus();
  }
});
