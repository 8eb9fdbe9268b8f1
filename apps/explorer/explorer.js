// The page's side of the explorer: the address, the keyboard, and drawing without flicker.
(() => {
  "use strict";

  // Shinylive runs the application in a frame of its own; the address that people see and share
  // is that of the page around it.
  const host = window.frameElement?.classList.contains("app-frame") ? window.parent : window;
  const root = () => document.getElementById("explorer");
  const byId = (id) => document.getElementById(id);
  const tell = (name, value) => Shiny.setInputValue(name, value, { priority: "event" });
  let latest = null;
  let remade = false; // the page comes again only when its language button was pressed

  // Theme: the system's, unless the address or the button says otherwise.
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  const chosen = new URLSearchParams(host.location.search).get("theme");
  let theme = ["light", "dark"].includes(chosen) ? chosen : "";
  const dark = () => (theme ? theme === "dark" : system.matches);
  function showTheme() {
    document.documentElement.dataset.bsTheme = dark() ? "dark" : "light";
    byId("theme")?.setAttribute("aria-pressed", String(dark()));
  }
  system.addEventListener("change", showTheme);
  showTheme();

  $(document).on("shiny:sessioninitialized", () => {
    Shiny.addCustomMessageHandler("explorer", (message) => {
      latest = message;
      show();
    });
    tell("address", host.location.search);
  });
  host.addEventListener("popstate", () => tell("address", host.location.search));
  // The page itself arrives (again, in another language) on its own.
  new MutationObserver(() => {
    if (latest && root() && !root().dataset.op) show();
  }).observe(document.documentElement, { childList: true, subtree: true });

  function show() {
    if (!root()) return;
    const { picture, sentence, step, play, query, errors, problems, title, shows } = latest;
    document.title = title;
    document.documentElement.lang = shows.lang;
    if (!root().dataset.op) {
      if (window.innerWidth <= 860) byId("settings").open = false;
      showTheme();
      if (remade) byId("language").focus({ preventScroll: true });
      remade = true;
    }
    const template = document.createElement("div");
    template.innerHTML = picture;
    morph(byId("picture"), template);
    setText(byId("sentence"), sentence);
    setText(byId("step"), step);
    setText(byId("play").querySelector(".action-label") ?? byId("play"), play);
    setText(byId("problems"), "");
    for (const problem of problems) {
      byId("problems").append(Object.assign(document.createElement("li"), { textContent: problem }));
    }
    for (const place of root().querySelectorAll(".error")) {
      const key = place.id.replace("-error", "");
      setText(place, errors[key] ?? "");
      const field = byId(key);
      if (!field) continue;
      field.toggleAttribute("aria-invalid", key in errors);
      if (key in errors) field.setAttribute("aria-invalid", "true");
      field.setAttribute("aria-describedby", place.id);
    }
    for (const grid of ["x", "k"]) showCellError(grid, errors[grid]);
    showCellError("guess", errors.guessed);
    const address = `${host.location.pathname}${query ? "?" + query : ""}${host.location.hash}`;
    for (const key of ["op", "view", "input", "filter", "dz"]) root().dataset[key] = shows[key];
    root().dataset.query = query;
    host.history.replaceState(host.history.state, "", address);
  }

  function setText(element, text) {
    if (element && element.textContent !== text) element.textContent = text;
  }

  // A bad number typed into a grid is reported below that grid's board.
  function showCellError(grid, text) {
    const cell = root().querySelector(`[data-edit^="${grid},"]`);
    const board = cell?.closest(".board");
    if (!board) return;
    let place = board.querySelector(".cell-error");
    if (!place) {
      place = Object.assign(document.createElement("p"), { className: "error cell-error" });
      place.setAttribute("role", "alert");
      board.append(place);
    }
    setText(place, text ?? "");
  }

  // Make `old` equal to `made`, touching only what differs.
  function morph(old, made) {
    const olds = [...old.childNodes].filter((node) => !node.classList?.contains("cell-error"));
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
          if (!node.hasAttribute(name)) now.removeAttribute(name);
        for (const { name, value } of node.attributes) {
          // Which cell Tab reaches is the reader's business once the grid has focus.
          if (name === "tabindex" && now.closest("table")?.contains(document.activeElement)) continue;
          if (now.getAttribute(name) !== value) now.setAttribute(name, value);
        }
        if (!now.querySelector(":scope > input.typing")) morph(now, node);
      }
    });
    olds.slice(mades.length).forEach((node) => node.remove());
  }

  // Grids: one stop for Tab, arrows inside.
  const cellsOf = (table) => [...table.querySelectorAll("td[tabindex]")];
  function focusCell(cell) {
    for (const other of cellsOf(cell.closest("table"))) other.tabIndex = other === cell ? 0 : -1;
    cell.focus();
  }
  function pick(cell) {
    tell("pick", cell.dataset.pick.split(",").map(Number));
  }
  function moveIn(cell, key, far) {
    const [h, w] = cell.dataset.at.split(",").map(Number);
    const table = cell.closest("table");
    const width = table.rows[table.rows.length - 1].querySelectorAll("td[data-at]").length;
    const height = table.querySelectorAll("td[data-at]").length / width;
    const goal = {
      ArrowLeft: [h, w - 1],
      ArrowRight: [h, w + 1],
      ArrowUp: [h - 1, w],
      ArrowDown: [h + 1, w],
      Home: [far ? 0 : h, 0],
      End: [far ? height - 1 : h, width - 1],
    }[key];
    return goal && table.querySelector(`td[data-at="${goal}"]`);
  }

  function type(cell, start) {
    if (!cell.dataset.edit || cell.querySelector("input")) return;
    const before = cell.textContent.replace("−", "-");
    const field = document.createElement("input");
    field.className = "typing";
    const asked = before === "?";
    field.value = start ?? (asked ? "" : before);
    field.setAttribute("aria-label", cell.getAttribute("aria-label"));
    field.inputMode = "text";
    cell.replaceChildren(field);
    field.focus();
    if (start === undefined) field.select();
    let done = false;
    const finish = (keep) => {
      if (done) return;
      done = true;
      const [grid, h, w, c] = cell.dataset.edit.split(",");
      const text = field.value.trim();
      cell.textContent = before.replace("-", "−");
      if (keep && text !== before && (text || !asked)) tell("typed", { grid, h: +h, w: +w, c: +c, text });
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
    const cell = event.target.closest("td[tabindex]");
    if (event.target.closest("input.typing")) return;
    if (cell?.dataset.pick && !cell.dataset.edit) {
      focusCell(cell);
      pick(cell);
    } else if (cell?.dataset.edit) {
      focusCell(cell);
      type(cell);
    }
    if (event.target.closest("#theme")) {
      theme = dark() ? "light" : "dark";
      showTheme();
      tell("theme", theme);
    }
    if (event.target.closest("#copy")) copy(event.target.closest("#copy"));
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
    const cell = event.target.closest?.("td[tabindex]");
    if (cell) {
      const goal = moveIn(cell, event.key, event.ctrlKey);
      if (goal !== undefined) {
        event.preventDefault();
        if (goal) {
          focusCell(goal);
          if (goal.dataset.pick) pick(goal);
        }
        return;
      }
      if (cell.dataset.edit && (event.key === "Enter" || event.key === "F2")) {
        event.preventDefault();
        type(cell);
        return;
      }
      if (cell.dataset.edit && !event.ctrlKey && /^[-−+.,0-9]$/.test(event.key)) {
        event.preventDefault();
        type(cell, event.key);
        return;
      }
      if (cell.dataset.pick && event.key === "Enter") pick(cell);
    }
    if (event.ctrlKey || event.target.closest?.("input, select, textarea, pre, summary")) return;
    const onButton = event.target.closest?.("button");
    const press = { ArrowLeft: "back", ArrowRight: "next", Home: "first", End: "last", " ": "play" };
    if (!(event.key in press) || (onButton && event.key === " ")) return;
    event.preventDefault();
    byId(press[event.key])?.click();
  });

  // The same entry of the window lights up in every grid that shows it.
  let lit = [];
  function light(event) {
    for (const cell of lit) cell.classList.remove("lit");
    const link = event.target.closest?.("[data-link]")?.dataset.link;
    lit = link ? [...document.querySelectorAll(`[data-link="${link}"]`)] : [];
    for (const cell of lit) cell.classList.add("lit");
  }
  document.addEventListener("pointerover", light);
  document.addEventListener("focusin", light);
})();
