// No ampersands and no less-than signs: the page may be XML, in an EPUB.
for (const root of document.querySelectorAll(".output-sizes:not([data-ready])")) {
  root.dataset.ready = "";
  const words = {
    es: { group: "Tamaño de la salida", none: "no cabe ninguna ventana", all: "se leen todas las casillas", one: "1 casilla que nadie lee", some: " casillas que nadie lee" },
    en: { group: "Size of the output", none: "no window fits", all: "every cell is read", one: "1 cell that no one reads", some: " cells that no one reads" },
  }[document.documentElement.lang.toLowerCase().startsWith("es") ? "es" : "en"];
  const CELL = 22, BAR = 9;
  const svg = root.querySelector("svg");
  const draw = (name, about, inside = []) => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(about)) made.setAttribute(key, value);
    made.append(...inside);
    return made;
  };
  const whole = (length) => [...Array(length).keys()];
  function show() {
    const inputs = [...root.querySelectorAll("input")];
    const [n, f, pad, stride] = inputs.map((input) => Number(input.value));
    for (const input of inputs) input.previousElementSibling.textContent = input.value;
    const total = n + 2 * pad;
    const room = total - f;
    const out = 0 > room ? 0 : Math.floor(room / stride) + 1;
    const [, top, width, height] = svg.getAttribute("viewBox").split(" ").map(Number);
    svg.setAttribute("viewBox", [(total * CELL - width) / 2, top, width, height].join(" "));
    const starts = whole(out).map((k) => k * stride);
    const read = (at) => starts.some((start) => at >= start ? start + f > at : false);
    const apart = Math.ceil(f / stride);
    svg.replaceChildren(
      ...whole(total).map((at) => draw("g", {
        class: ["cell", at >= pad ? (n + pad > at ? "" : "pad") : "pad", read(at) ? "" : "unread"].join(" ").trim(),
      }, [
        draw("rect", { x: at * CELL, y: 0, width: CELL, height: CELL }),
        draw("text", { x: (at + 0.5) * CELL, y: 15 }, [String(at)]),
      ])),
      ...starts.map((start, k) => draw("rect", {
        class: "bar", x: start * CELL + 1, y: CELL + 4 + (k % apart) * BAR, width: f * CELL - 2, height: BAR - 4,
      })),
    );
    const left = whole(total).filter((at) => !read(at)).length;
    root.querySelector(".formula").textContent =
      `n_W = ⌊(${n} − ${f} + 2·${pad}) / ${stride}⌋ + 1 = ${out || "—"}`;
    root.querySelector(".left").textContent =
      out ? (left ? (left === 1 ? words.one : left + words.some) : words.all) : words.none;
  }
  root.setAttribute("aria-label", words.group);
  root.querySelector(".fields").hidden = false;
  root.addEventListener("input", show);
  show();
}
