// The network's own part of the page: it draws the small maps, and lets the reader draw a digit.
(() => {
  "use strict";
  const tell = (act) => Shiny.setInputValue("act", act, { priority: "event" });
  const GAP = 2; // pixels between two maps

  // Maps: a tint for each number, in the colors of the page's grids.
  const channels = (color) => [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16));
  function tints(style) {
    const of = (name) => channels(style.getPropertyValue(name).trim());
    const [paper, pos, neg] = [of("--paper"), of("--pos"), of("--neg")];
    return Array.from({ length: 256 }, (_, tint) => {
      const share = Math.min(Math.abs(tint - 128) / 127, 1) * 0.9;
      const ink = tint < 128 ? neg : pos;
      return `rgb(${paper.map((p, k) => Math.round(p + share * (ink[k] - p)))})`;
    });
  }
  const shape = (canvas) => canvas.dataset.shape.split(",").map(Number);
  const corner = (canvas, dot, c) => {
    const [h, w, , across] = shape(canvas);
    return [(c % across) * (w * dot + GAP), Math.floor(c / across) * (h * dot + GAP)];
  };
  function paint(canvas) {
    const style = getComputedStyle(canvas);
    const [h, w, n, across] = shape(canvas);
    const dot = parseFloat(style.getPropertyValue("--dot"));
    const { values, region, at } = canvas.dataset;
    const look = [values, region, at, dot, style.getPropertyValue("--paper")].join();
    if (canvas.look === look) return;
    canvas.look = look;
    const down = Math.ceil(n / across);
    const [width, height] = [across * (w * dot + GAP) - GAP, down * (h * dot + GAP) - GAP];
    const sharp = Math.ceil(devicePixelRatio);
    Object.assign(canvas, { width: width * sharp, height: height * sharp });
    Object.assign(canvas.style, { width: `${width}px`, height: `${height}px` });
    const pen = canvas.getContext("2d");
    pen.scale(sharp, sharp);
    pen.fillStyle = style.getPropertyValue("--line").trim();
    const tint = tints(style);
    for (let c = 0; c < n; c++) {
      const [x, y] = corner(canvas, dot, c);
      pen.fillStyle = style.getPropertyValue("--ground").trim();
      pen.fillRect(x - 1, y - 1, w * dot + 2, h * dot + 2);
      for (let k = 0; k < h * w; k++) {
        const place = 2 * (c * h * w + k);
        pen.fillStyle = tint[parseInt(values.slice(place, place + 2), 16)];
        pen.fillRect(x + (k % w) * dot, y + Math.floor(k / w) * dot, dot, dot);
      }
    }
    pen.strokeStyle = style.getPropertyValue("--here").trim();
    if (region) {
      const [top, bottom, left, right, first, last] = region.split(",").map(Number);
      pen.lineWidth = last - first > 1 ? 1 : 2;
      // All of a layer is one frame, not sixty-four.
      const whole = last - first === n && bottom - top === h && right - left === w;
      if (whole) pen.strokeRect(0.5, 0.5, width - 1, height - 1);
      else for (let c = first; c < last; c++) {
        const [x, y] = corner(canvas, dot, c);
        pen.strokeRect(x + left * dot, y + top * dot, (right - left) * dot, (bottom - top) * dot);
      }
    }
    if (at) {
      const [row, column, c] = at.split(",").map(Number);
      const [x, y] = corner(canvas, dot, c);
      pen.lineWidth = 1.5;
      if (n > 1) pen.strokeRect(x - 0.5, y - 0.5, w * dot + 1, h * dot + 1);
      pen.lineWidth = 2;
      pen.strokeStyle = style.getPropertyValue("--ink").trim();
      pen.strokeRect(x + column * dot - 0.5, y + row * dot - 0.5, dot + 1, dot + 1);
    }
  }
  const repaint = () => document.querySelectorAll("canvas.maps").forEach(paint);
  for (const change of ["app:shown", "themed"]) document.addEventListener(change, repaint);
  addEventListener("resize", repaint);

  document.addEventListener("click", ({ target, offsetX, offsetY }) => {
    if (!target.matches("canvas[data-maps]")) return;
    const [h, w, n, across] = shape(target);
    const dot = parseFloat(getComputedStyle(target).getPropertyValue("--dot"));
    const column = Math.min(Math.floor(offsetX / (w * dot + GAP)), across - 1);
    const c = Math.floor(offsetY / (h * dot + GAP)) * across + column;
    if (c < 0 || c >= n) return;
    const [x, y] = corner(target, dot, c);
    const inside = (at, size) => Math.max(0, Math.min(Math.floor(at / dot), size - 1));
    const cell = [inside(offsetY - y, h), inside(offsetX - x, w), c];
    tell({ do: "pick", grid: target.dataset.maps, cell: cell.join() });
  });

  // Drawing: a soft pen, whose edge is gray as in the digits that the network has learned from.
  const FULL = 16;
  const EDGE = 6;
  let pen = null; // what a pointer that is down puts: ink, or paper
  let sent = 0;
  let awaited = 0; // answers to what was drawn
  const drawn = new Map(); // cells that the server has not heard of
  const strokes = new Map(); // cells that its next answer may not know yet
  const inkOf = (cell) => Number(cell.dataset.ink ?? Math.round(cell.textContent * FULL));
  const cellAt = (x, y) => document.elementFromPoint(x, y)?.closest("[data-draw] td[data-at]");
  function fill(cell, ink) {
    cell.dataset.ink = ink;
    cell.style.setProperty("--v", ink / FULL);
    cell.textContent = `${Math.round((100 * ink) / FULL) / 100}`;
  }
  function put(cell, ink) {
    fill(cell, ink);
    for (const cells of [drawn, strokes]) cells.set(cell.dataset.at, ink);
  }
  function stroke(cell) {
    if (inkOf(cell) === pen) return;
    put(cell, pen);
    if (!pen) return;
    const [h, w] = cell.dataset.at.split(",").map(Number);
    for (const at of [[h - 1, w], [h + 1, w], [h, w - 1], [h, w + 1]]) {
      const near = cell.closest("table").querySelector(`td[data-at="${at}"]`);
      if (near && inkOf(near) < EDGE) put(near, EDGE);
    }
  }
  // Not more often than it can be answered.
  function send(now) {
    if (!drawn.size || (!now && performance.now() - sent < 120)) return;
    sent = performance.now();
    tell({ do: "draw", cells: [...drawn].map(([at, ink]) => `${at},${ink}`).join(";") });
    drawn.clear();
    awaited += 1;
  }
  document.addEventListener("app:shown", () => {
    awaited = Math.max(awaited - 1, 0);
    if (pen === null && !awaited) strokes.clear();
    for (const cell of document.querySelectorAll("[data-ink]")) delete cell.dataset.ink;
    for (const [at, ink] of strokes) {
      const cell = document.querySelector(`[data-draw] td[data-at="${at}"]`);
      if (cell) fill(cell, ink);
    }
  });
  // Another picture has none of them.
  const forget = () => [drawn, strokes].forEach((cells) => cells.clear());
  document.addEventListener("click", ({ target }) => target.closest("button") && forget());
  addEventListener("popstate", forget);
  document.addEventListener("pointerdown", (event) => {
    const cell = event.target.closest?.("[data-draw] td[data-at]");
    if (!cell || event.button) return;
    pen = inkOf(cell) > FULL / 2 ? 0 : FULL;
    cell.releasePointerCapture?.(event.pointerId);
    stroke(cell);
    send();
  });
  document.addEventListener("pointermove", ({ clientX, clientY }) => {
    if (pen === null) return;
    const cell = cellAt(clientX, clientY);
    if (cell) stroke(cell);
    send();
  });
  for (const end of ["pointerup", "pointercancel"])
    document.addEventListener(end, () => {
      if (pen === null) return;
      pen = null;
      send(true);
    });
  document.addEventListener(
    "keydown",
    (event) => {
      const cell = event.target.closest?.("[data-draw] td[data-at]");
      if (!cell || event.ctrlKey || event.altKey || event.metaKey) return;
      if (event.key !== " " && !/^[0-8]$/.test(event.key)) return;
      event.preventDefault();
      event.stopPropagation();
      put(cell, event.key === " " ? (inkOf(cell) > FULL / 2 ? 0 : FULL) : 2 * event.key);
      send(true);
    },
    true,
  );
})();
