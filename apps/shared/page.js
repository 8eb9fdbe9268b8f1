// The page's side of an application: it tells the server what the reader does, draws what comes
// back without flicker, and looks after theme, address, grids and keyboard.
//
// What the reader does goes out as one input, `act`: {do: "set", key, value}, {do: "pick", cell},
// {do: "type", cell, text} or {do: the data-do of a button}. What comes back is one message; see
// `show`. What an application does by itself follows on the event "app:shown".
(() => {
  "use strict";

  // Shinylive runs the application in a frame of its own; the address that people see and share
  // is that of the page around it.
  const host = window.frameElement?.classList.contains("app-frame") ? window.parent : window;
  const byId = (id) => document.getElementById(id);
  const root = () => byId("app");
  let told = {}; // what the reader did last
  let sent = {}; // the fields as the server sent them last

  function tell(act) {
    told = act;
    Shiny.setInputValue("act", act, { priority: "event" });
  }

  // Theme: the system's, unless the address, the page around or the button says otherwise. It is
  // the page's alone: the server never hears of it.
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  const THEMES = ["light", "dark"];
  const asked = () => new URLSearchParams(host.location.search);
  let theme = THEMES.find((name) => name === asked().get("theme"));
  const dark = () => (theme ? theme === "dark" : system.matches);
  function showTheme() {
    document.documentElement.dataset.bsTheme = dark() ? "dark" : "light";
    document.documentElement.style.colorScheme = dark() ? "dark" : "light";
    document.dispatchEvent(new Event("themed"));
    const button = byId("theme");
    if (!button) return;
    const { toLight, toDark } = button.dataset;
    setText(button.querySelector(".word"), dark() ? toLight : toDark);
  }
  system.addEventListener("change", showTheme);
  host.addEventListener("message", ({ data, origin }) => {
    if (origin !== host.location.origin || !THEMES.includes(data?.theme)) return;
    theme = data.theme;
    showTheme();
    showAddress();
  });
  showTheme();
  document.documentElement.lang = asked().get("lang") === "en" ? "en" : "es";

  // A page of the book that holds the application in a frame widens it to the whole window.
  const book = host.parent !== host ? host.parent : null;
  let wide = false;
  function showWidth() {
    const button = byId("widen");
    if (!button) return;
    button.hidden = !book;
    setText(button.querySelector(".word"), wide ? button.dataset.unwiden : button.dataset.widen);
  }
  const widen = (wanted) => book?.postMessage({ widen: wanted }, host.location.origin);
  host.addEventListener("message", ({ data, origin }) => {
    if (origin !== host.location.origin || typeof data?.wide !== "boolean") return;
    wide = data.wide;
    showWidth();
  });

  // Address
  let query = null;
  function showAddress() {
    if (query === null) return;
    const whole = [query, theme ? `theme=${theme}` : ""].filter(Boolean).join("&");
    const { pathname, hash } = host.location;
    host.history.replaceState(host.history.state, "", pathname + (whole && "?") + whole + hash);
  }
  function open() {
    const given = asked();
    given.delete("theme");
    tell({ do: "open", query: given.toString() });
  }
  host.addEventListener("popstate", open);
  $(document).on("shiny:sessioninitialized", () => {
    Shiny.addCustomMessageHandler("show", show);
    open();
  });

  // One message: page (the parts that stand still, when the language changes), html and text by
  // the id of their place, fields by their key, off (the ids of buttons that do nothing now),
  // query, title, lang, and data for the style sheet.
  function show(message) {
    if (message.page) {
      const narrow = !root().firstChild && window.innerWidth <= 860;
      morph(root(), fragment(message.page));
      if (narrow) root().querySelectorAll("details.panel").forEach((panel) => (panel.open = false));
    }
    document.title = message.title;
    document.documentElement.lang = message.lang;
    Object.assign(root().dataset, message.data);
    for (const [id, html] of Object.entries(message.html)) {
      const place = byId(id);
      place.hidden = !html;
      morph(place, fragment(html));
    }
    for (const [id, text] of Object.entries(message.text)) setText(byId(id), text);
    for (const [key, field] of Object.entries(message.fields)) showField(key, field);
    for (const group of root().querySelectorAll("fieldset[data-group]")) {
      group.hidden = !group.querySelector("[data-control]:not([hidden])");
    }
    for (const button of root().querySelectorAll("button[data-do], button[data-work]")) {
      const off = message.off.includes(button.id);
      if (off && button === document.activeElement) root().focus({ preventScroll: true });
      button.disabled = off;
    }
    showTheme();
    showWidth();
    query = message.query;
    showAddress();
    root().dataset.query = query;
    document.dispatchEvent(new CustomEvent("app:shown", { detail: message }));
  }

  function showField(key, field) {
    const place = root().querySelector(`[data-control="${key}"]`);
    place.hidden = !field.shown;
    for (const input of place.querySelectorAll("input, select")) {
      const busy = input === document.activeElement && sent[key]?.value === field.value;
      if (input.type === "range") {
        input.min = field.limits[0];
        input.max = field.limits[1];
      }
      if (input.type === "checkbox") input.checked = field.value === "1";
      else if (input.type === "radio") {
        input.checked = input.value === field.value;
        input.disabled = Boolean(field.off?.includes(input.value));
      } else if (!busy || told.key === key) input.value = field.value;
      for (const option of input.options ?? [])
        option.hidden = option.disabled = Boolean(field.off?.includes(option.value));
      input.toggleAttribute("aria-invalid", Boolean(field.error));
      if (field.error) input.setAttribute("aria-invalid", "true");
    }
    setText(byId(`${key}-error`), field.error ?? "");
    sent[key] = field;
  }

  function setText(element, text) {
    if (element && element.textContent !== text) element.textContent = text;
  }
  function fragment(html) {
    const made = document.createElement("div");
    made.innerHTML = html;
    return made;
  }

  // Make `old` equal to `made`, touching only what differs. What is live is filled from elsewhere.
  function morph(old, made) {
    const olds = [...old.childNodes];
    const mades = [...made.childNodes];
    mades.forEach((node, i) => {
      const now = olds[i];
      if (!now) old.append(node);
      else if (now.nodeName !== node.nodeName || (now.id ?? "") !== (node.id ?? ""))
        now.replaceWith(node);
      else if (node.nodeType !== Node.ELEMENT_NODE) {
        if (now.nodeValue !== node.nodeValue) now.nodeValue = node.nodeValue;
      } else {
        for (const { name } of [...now.attributes])
          if (!node.hasAttribute(name) && !kept(now, name)) now.removeAttribute(name);
        for (const { name, value } of node.attributes)
          if (!kept(now, name) && now.getAttribute(name) !== value) now.setAttribute(name, value);
        if (!node.hasAttribute("data-live") && !now.querySelector(":scope > input.typing"))
          morph(now, node);
      }
    });
    olds.slice(mades.length).forEach((node) => node.remove());
  }
  // What the reader has a hand in: which panels are open, which cell Tab reaches in a grid that
  // has the focus, how large a canvas was drawn; and what `showField` sets.
  function kept(element, name) {
    if (name === "tabindex") return element.closest("table")?.contains(document.activeElement);
    if (name === "open") return element.matches("details");
    if (element.matches("canvas")) return ["width", "height", "style"].includes(name);
    const set = element.matches("[data-control], fieldset, button");
    return set && ["hidden", "disabled"].includes(name);
  }

  // Fields
  document.addEventListener("change", ({ target }) => {
    const key = target.dataset?.set;
    if (!key) return;
    const value = target.type === "checkbox" ? (target.checked ? "1" : "") : target.value;
    tell({ do: "set", key, value });
  });
  document.addEventListener("input", ({ target }) => {
    if (target.type !== "range") return;
    const number = target.closest("[data-control]").querySelector("input[type=number]");
    number.value = target.value;
    tell({ do: "set", key: target.dataset.set, value: target.value });
  });
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form[data-do]");
    if (!form) return;
    event.preventDefault();
    tell({ do: form.dataset.do, text: new FormData(form).get("text") });
  });

  // Grids: one stop for Tab, arrows inside.
  const cellsOf = (table) => [...table.querySelectorAll("td[tabindex]")];
  function focusCell(cell) {
    for (const other of cellsOf(cell.closest("table"))) other.tabIndex = other === cell ? 0 : -1;
    cell.focus({ preventScroll: true });
    cell.scrollIntoView({ block: "nearest", inline: "nearest" });
  }
  const place = (cell) => cell.dataset.at.split(",").map(Number);
  function pick(cell) {
    tell({ do: "pick", grid: picks(cell), cell: cell.dataset.cell });
  }
  function moveIn(cell, key, far) {
    const [h, w] = place(cell);
    const table = cell.closest("table");
    const all = [...table.querySelectorAll("td[data-at]")];
    const [bottom, right] = place(all[all.length - 1]);
    const goal = {
      ArrowLeft: [h, w - 1],
      ArrowRight: [h, w + 1],
      ArrowUp: [h - 1, w],
      ArrowDown: [h + 1, w],
      Home: [far ? 0 : h, 0],
      End: [far ? bottom : h, right],
    }[key];
    return goal && table.querySelector(`td[data-at="${goal}"]`);
  }
  const whole = (cell) => (cell.hasAttribute("data-cell") ? cell.closest("table").dataset : {});
  const edits = (cell) => cell.dataset.edit ?? whole(cell).edit;
  const picks = (cell) => whole(cell).pick;

  function type(cell, start) {
    if (!edits(cell) || cell.querySelector("input")) return;
    const before = cell.textContent;
    const field = document.createElement("input");
    field.className = "typing";
    field.value = start ?? (before === "?" ? "" : before.replace("−", "-"));
    field.setAttribute("aria-label", cell.getAttribute("aria-label"));
    field.inputMode = "text";
    cell.replaceChildren(field);
    field.focus();
    if (start === undefined) field.select();
    let done = false;
    const finish = (keep) => {
      if (done) return;
      done = true;
      const text = field.value.trim();
      cell.textContent = before;
      const same = text === before.replace("−", "-") || (before === "?" && !text);
      if (keep && !same) tell({ do: "type", grid: edits(cell), cell: cell.dataset.cell, text });
    };
    field.addEventListener("blur", () => finish(true));
    field.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key !== "Enter" && event.key !== "Escape") return;
      event.preventDefault();
      finish(event.key === "Enter");
      focusCell(cell);
    });
  }

  document.addEventListener("click", (event) => {
    if (event.target.closest("input.typing")) return;
    const cell = event.target.closest("td[tabindex]");
    if (cell) {
      focusCell(cell);
      if (edits(cell)) type(cell);
      else if (picks(cell)) pick(cell);
    }
    const button = event.target.closest("button");
    if (button?.dataset.do) tell({ do: button.dataset.do, what: button.dataset.what });
    if (button?.id === "copy") copy(button);
    if (button?.id === "widen") widen(!wide);
    if (button?.id === "theme") {
      theme = dark() ? "light" : "dark";
      showTheme();
      showAddress();
    }
  });

  async function copy(button) {
    const address = host.location.href;
    try {
      await navigator.clipboard.writeText(address);
      setText(byId("sentence"), button.dataset.done);
    } catch {
      window.prompt(button.dataset.failed, address);
    }
  }

  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.metaKey || !root()) return;
    if (event.key === "Escape" && wide) return widen(false);
    const cell = event.target.closest?.("td[tabindex]");
    if (cell) {
      const goal = moveIn(cell, event.key, event.ctrlKey);
      if (goal !== undefined) {
        event.preventDefault();
        if (goal) {
          focusCell(goal);
          if (picks(goal) && !edits(goal)) pick(goal);
        }
        return;
      }
      if (edits(cell) && (event.key === "Enter" || event.key === "F2")) {
        event.preventDefault();
        type(cell);
        return;
      }
      if (edits(cell) && !event.ctrlKey && /^[-−+.,0-9]$/.test(event.key)) {
        event.preventDefault();
        type(cell, event.key);
        return;
      }
      if (picks(cell) && event.key === "Enter") pick(cell);
    }
    const busy = event.target.closest?.("input, select, textarea, summary, [data-scrolls]");
    if (event.ctrlKey || busy) return;
    const onButton = event.target.closest?.("button");
    const button = root().querySelector(`button[data-key="${event.key}"]`);
    if (!button || (onButton && event.key === " ")) return;
    event.preventDefault();
    if (!button.disabled) button.click();
  });

  // Pointing at a cell shows at once what belongs to it: the same entry of the window in every
  // grid; of an output, the window that it is made from; of an input, the outputs that read it.
  const pointed = new Set();
  function light(cell) {
    cell.classList.add("lit");
    pointed.add(cell);
  }
  function point(event) {
    for (const cell of pointed) cell.classList.remove("lit");
    pointed.clear();
    for (const ghost of document.querySelectorAll(".ghost")) ghost.remove();
    const cell = event.target.closest?.("td[data-at]");
    if (!cell) return;
    const { link } = cell.dataset;
    if (link) document.querySelectorAll(`[data-link="${link}"]`).forEach(light);
    const { f, stride, over, readBy } = cell.closest("table").dataset;
    const [h, w] = place(cell);
    for (const id of over?.split(" ") ?? []) {
      const ghost = document.createElement("span");
      ghost.className = "frame ghost";
      ghost.style.cssText = `--top:${h * stride};--left:${w * stride};--f:${f}`;
      byId(id)?.parentNode.append(ghost);
    }
    for (const id of readBy?.split(" ") ?? [])
      for (const output of byId(id)?.querySelectorAll("td[data-at]") ?? []) {
        const [top, left] = place(output).map((n) => n * stride);
        if (top <= h && h < top + +f && left <= w && w < left + +f) light(output);
      }
  }
  document.addEventListener("pointerover", point);
  document.addEventListener("focusin", point);
})();
