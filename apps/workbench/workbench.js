// The workbench's own side of the page: the editor and its keys, what the browser keeps of the
// reader's text, and handing it in.
(() => {
  "use strict";

  const byId = (id) => document.getElementById(id);
  const said = () => byId("said").dataset;
  const announce = (text) => (byId("sentence").textContent = text);
  const editor = () => document.querySelector("bslib-code-editor");
  const area = () => editor()?.querySelector("textarea");
  let exercise = null;
  let kind = "code";
  let stub = "";
  let before = null; // the text that a reset took away
  let ready = Promise.resolve();

  // What the browser keeps, by exercise: only what differs from where one starts. A browser that
  // keeps nothing (a private window) is no reason to stop.
  const place = (name) => `cnnlayers/workbench/${name}`;
  function kept(name) {
    try {
      return localStorage.getItem(place(name));
    } catch {
      return null;
    }
  }
  function keep(name, text) {
    try {
      if (text === null) localStorage.removeItem(place(name));
      else localStorage.setItem(place(name), text);
    } catch {
      // It is in the page all the same.
    }
  }

  const fields = () => [...document.querySelectorAll("#fields [data-field]")];
  function typed() {
    const texts = fields().map((field) => [field.dataset.field, field.value]);
    return Object.fromEntries(texts.filter(([, text]) => text));
  }
  function fill(texts) {
    for (const field of fields()) field.value = texts[field.dataset.field] ?? "";
  }
  function read(text) {
    try {
      return JSON.parse(text) ?? {};
    } catch {
      return {};
    }
  }
  function save() {
    if (kind === "numbers") {
      const texts = typed();
      keep(exercise, Object.keys(texts).length ? JSON.stringify(texts) : null);
    } else keep(exercise, editor().value === stub ? null : editor().value);
  }

  // The server has shown something: perhaps another exercise, perhaps another language.
  document.addEventListener("app:shown", ({ detail }) => {
    const opened = detail.data.exercise !== exercise;
    const worked = byId("findings").ariaBusy === "true" && !detail.data.busy;
    const untouched = kind === "code" && stub && editor().value === stub;
    ({ exercise, kind } = detail.data);
    stub = detail.stub;
    busy(Boolean(detail.data.busy));
    if (opened || detail.page) offerReset(opened ? null : before);
    if (worked && detail.data.verdict === "right") keep(`${exercise}/passed`, "1");
    for (const option of byId("exercise").options) {
      const passed = kept(`${option.value}/passed`) ? "✓ " : "";
      option.text = passed + option.text.replace(/^✓ /, "");
    }
    if (worked) byId("sentence").scrollIntoView({ block: "nearest" });
    if (kind === "numbers") {
      if (opened) fill(read(kept(exercise)));
      return;
    }
    ready = ready.then(() => editor().initPromise).then(indents).then(() => {
      name();
      if (opened || untouched) write(kept(exercise) ?? stub);
    });
  });

  // A new line after a colon is indented: what Shiny brings with its editor, but does not load.
  function indents() {
    const { src } = document.querySelector('script[src*="prism-code-editor"][src$="index.js"]');
    return import(new URL("languages/python.js", src)).catch(() => {});
  }
  function name() {
    area().setAttribute("aria-label", said().editor);
    area().setAttribute("aria-describedby", "keys");
    area().spellcheck = false;
  }
  function write(text) {
    if (editor().value !== text) editor().value = text;
  }

  // Handing in. What is being worked on is said at once: the browser's own Python has no time to.
  const WORKING = { run: "running", stop: "stopping" };
  function busy(now) {
    byId("app").dataset.busy = now ? "1" : "";
    byId("findings").setAttribute("aria-busy", now);
    const stop = byId("stop");
    if (stop) {
      if (!now && stop === document.activeElement) byId("check").focus();
      stop.hidden = !now;
    }
    for (const button of document.querySelectorAll("[data-work]:not(#stop)"))
      button.setAttribute("aria-disabled", now);
  }
  function work(what) {
    const stops = what === "stop";
    if (stops !== Boolean(byId("app").dataset.busy)) return;
    announce(said()[WORKING[what] ?? "checking"]);
    const given = kind === "numbers" ? { answers: typed() } : { text: editor().value };
    if (!stops) busy(true);
    // Let the page show it first.
    requestAnimationFrame(() =>
      setTimeout(() => {
        const token = document.querySelector("meta[name=token]").content;
        const message = { do: what, token, ...given };
        Shiny.setInputValue("work", message, { priority: "event" });
      })
    );
  }

  document.addEventListener("click", ({ target }) => {
    const button = target.closest("button");
    if (button?.dataset.work) work(button.dataset.work);
    if (button?.id === "reset") reset();
    if (button?.id === "download") download();
  });
  document.addEventListener("keydown", ({ key, target }) => {
    if (key === "Enter" && target.matches("#fields input")) work("check");
  });

  // Reset, and the way back from it.
  function offerReset(text) {
    before = text;
    const button = byId("reset");
    button.dataset.word ??= button.textContent;
    if (text === null) delete button.dataset.undoing;
    else button.dataset.undoing = "1";
    button.textContent = text === null ? button.dataset.word : button.dataset.undo;
  }
  function reset() {
    const back = before;
    const now = kind === "numbers" ? JSON.stringify(typed()) : editor().value;
    if (kind === "numbers") fill(back === null ? {} : read(back));
    else write(back ?? stub);
    save();
    offerReset(back === null ? now : null);
    announce(back === null ? said().emptied : said().restored);
  }

  function download() {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([editor().value], { type: "text/x-python" }));
    link.download = `${exercise.replaceAll("-", "_")}.py`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href));
  }

  document.addEventListener("input", ({ target }) => {
    if (target !== area() && !target.matches("#fields *")) return;
    if (before !== null) offerReset(null);
    if (target !== area()) forget(target);
    save();
  });
  // A mark is about what was handed in, not about what is typed since.
  function forget(field) {
    field.classList.remove("wrong", "right");
    field.removeAttribute("aria-invalid");
  }

  // Keys in the editor: Ctrl+Enter checks; Tab indents, but after Escape it leaves.
  let leaving = false;
  function onKey(event) {
    if (event.target !== area()) return;
    const { key } = event;
    if (key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      event.stopPropagation();
      work("check");
    } else if (key === "Escape") {
      event.stopPropagation();
      leaving = true;
      announce(said().left);
    } else if (key === "Tab" && leaving) event.stopPropagation();
    else if (key !== "Shift") leaving = false;
  }
  document.addEventListener("keydown", onKey, true);
  document.addEventListener("focusout", ({ target }) => {
    if (target === area()) leaving = false;
  });
})();
