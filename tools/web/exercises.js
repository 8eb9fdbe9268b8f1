// Grids to type numbers into: each cell is judged, and a known slip is named. What is right stands
// in the page, as tools/exercises.py wrote it; nothing is sent anywhere.
(() => {
  "use strict";
  const CLOSE = 0.006; // two decimals are enough, as in cnnlayers.exercises
  const ALIKE = 3; // more mistakes than this that give the same number say nothing
  const NOTHING = ["none", "null", "ninguno", "ninguna", "no", "nada", "no hay", "-", "—", "∅"];

  // All that a text can mean as one number: `2/3`, `-2,5`, `25 088`, `25,088`.
  function numbers(text) {
    const plain = text.replace(/[−–]/g, "-").replace(/\s|_/g, "");
    const fraction = plain.match(/^(-?\d+)\/(\d+)$/);
    if (fraction) return [fraction[1] / fraction[2]];
    const forms = [plain.replace(",", ".")];
    if (/^-?\d{1,3}([.,]\d{3})+$/.test(plain)) forms.push(plain.replace(/[.,]/g, ""));
    return forms.filter((form) => /^[-+]?(\d+\.?\d*|\.\d+)$/.test(form)).map(Number);
  }

  // Numbers one after the other, as `(28, 28, 6)` or `28 × 28 × 6`.
  function list(text) {
    const parts = text.replace(/[()[\]]/g, " ").split(/[\s,;×x]+/).filter(Boolean);
    return parts.map((part) => numbers(part));
  }

  const near = (readings, value) => readings.some((one) => Math.abs(one - value) <= CLOSE);

  function means(text, value) {
    const word = text.trim().toLowerCase();
    if (value === null) return NOTHING.includes(word);
    if (typeof value === "string") return word === value.toLowerCase();
    if (typeof value === "boolean") return word === String(value);
    if (typeof value === "number") return near(numbers(text), value);
    const given = list(text);
    return given.length === value.length && given.every((one, i) => near(one, value[i]));
  }

  // The values of a question's cells, row by row.
  const cells = (question, value) => (question.shape ? value.flat() : [value]);

  function fill(sentence, values) {
    return sentence.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  }

  function element(tag, className, parent) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    parent.append(made);
    return made;
  }

  function field(question, words, box) {
    if (question.kind !== "truth") {
      const input = element("input", "", box);
      input.type = "text";
      input.autocomplete = "off";
      input.spellcheck = false;
      return input;
    }
    const select = element("select", "", box);
    for (const [value, text] of [["", ""], ["true", words.yes], ["false", words.no]])
      select.add(new Option(text, value));
    return select;
  }

  // Up and down move in a column, as in a spreadsheet; Enter checks.
  function keys(event, fields, columns, judge) {
    const step = { ArrowUp: -columns, ArrowDown: columns }[event.key];
    if (event.key === "Enter" && event.target.tagName === "INPUT") judge();
    else if (step && event.target.tagName === "INPUT") fields[fields.indexOf(event.target) + step]?.focus();
    else return;
    event.preventDefault();
  }

  function build(place) {
    const { words, questions } = JSON.parse(place.dataset.pencil);
    const form = element("div", "pencil-questions", place);
    const judge = () => check(asked, words, said);
    const asked = questions.map((question) => {
      const group = element("fieldset", "pencil-question", form);
      element("legend", "", group).textContent = question.name;
      const [rows, columns] = question.shape ?? [1, 1];
      const grid = element("div", "pencil-rows", group);
      const fields = [];
      for (let r = 0; r < rows; r++) {
        const row = element("div", "pencil-row", grid);
        for (let c = 0; c < columns; c++) {
          const box = element("span", "pencil-cell", row);
          if (question.kind === "text" && typeof question.right[0] !== "number") box.classList.add("long");
          const input = field(question, words, box);
          input.setAttribute(
            "aria-label",
            question.shape ? fill(words.cell, { name: question.name, r, c }) : question.name,
          );
          input.addEventListener("keydown", (event) => keys(event, fields, columns, judge));
          input.addEventListener("input", () => mark(input, null, words));
          fields.push(input);
        }
      }
      return { question, fields };
    });
    const button = element("button", "pencil-check", place);
    button.type = "button";
    button.textContent = words.check;
    button.addEventListener("click", judge);
    const said = element("div", "pencil-said", place);
    said.setAttribute("role", "status");
  }

  // What a cell is: "ok", "off", "empty", or not judged any more.
  function mark(input, verdict, words) {
    const { dataset } = input.parentElement;
    if (verdict) dataset.mark = verdict;
    else delete dataset.mark;
    const name = input.getAttribute("aria-label").split(": ")[0];
    input.setAttribute("aria-label", verdict ? `${name}: ${words[verdict]}` : name);
    if (verdict === "off") input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
  }

  function slips(question, texts) {
    const same = question.slips.filter((slip) =>
      cells(question, slip.value).every((value, i) => means(texts[i], value)),
    );
    const sure = same.filter((slip) => slip.sure);
    const named = [...new Set((sure.length ? sure : same).map((slip) => slip.says))];
    return sure.length || named.length <= ALIKE ? named : [];
  }

  function check(asked, words, said) {
    let right = 0, all = 0;
    const sentences = [];
    for (const { question, fields } of asked) {
      const texts = fields.map((input) => input.value);
      const whole = question.right.some((value) =>
        cells(question, value).every((one, i) => means(texts[i], one)),
      );
      const values = cells(question, question.right[0]);
      fields.forEach((input, i) => {
        const ok = whole || (question.shape && means(texts[i], values[i]));
        mark(input, ok ? "ok" : texts[i].trim() ? "off" : "empty", words);
        right += ok ? 1 : 0;
        all += 1;
      });
      if (whole || !texts.every((text) => text.trim())) continue;
      sentences.push(...slips(question, texts).map((one) => `${question.name}: ${one}`));
    }
    const count = right === 1 ? words.one : words.some;
    const summary = right === all ? words.all : fill(count, { right, all });
    said.replaceChildren(
      ...[summary, ...sentences].map((sentence) => {
        const line = document.createElement("p");
        // Code in a sentence stands between backticks.
        sentence.split("`").forEach((part, i) => {
          if (i % 2) element("code", "", line).textContent = part;
          else line.append(part);
        });
        return line;
      }),
    );
  }

  for (const place of document.querySelectorAll(".exercise-pencil")) build(place);
})();
