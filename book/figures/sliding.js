// No ampersands and no less-than signs: the page may be XML, in an EPUB.
for (const root of document.querySelectorAll(".sliding-filter:not([data-ready])")) {
  root.dataset.ready = "";
  const words = {
    es: { group: "Un filtro recorre X", back: "Paso anterior", next: "Paso siguiente", play: "Reproducir", pause: "Pausar" },
    en: { group: "A filter slides over X", back: "Previous step", next: "Next step", play: "Play", pause: "Pause" },
  }[document.documentElement.lang.toLowerCase().startsWith("es") ? "es" : "en"];
  const steps = JSON.parse(root.dataset.steps);
  const find = (selector) => root.querySelector(selector);
  const [taken, weights, products, results] = ["taken", "weight", "product", "result"].map(
    (kind) => [...root.querySelectorAll("." + kind)]);
  const frame = find(".window"), count = find(".count"), sum = find(".sum");
  const play = find(".play"), live = find("output");
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  const whole = products.length + 1; // every product, then the bias
  let step = 0, made = whole, timer = 0, wanted = !still.matches;
  function show() {
    const { x, y, window, terms, total, last } = steps[step];
    frame.removeAttribute("transform");
    frame.style.transform = `translate(${x}px, ${y}px)`;
    products.forEach((cell, k) => {
      taken[k].lastChild.textContent = window[k];
      cell.lastChild.textContent = terms[k];
      cell.classList.toggle("later", k >= made);
      for (const one of [taken[k], weights[k], cell]) one.classList.toggle("now", k === made - 1);
    });
    results.forEach((cell, k) => {
      cell.classList.toggle("later", k === step ? whole > made : k > step);
      cell.classList.toggle("now", k === step);
    });
    count.textContent = `${step + 1} / ${steps.length}`;
    const sofar = terms.slice(0, made).join(" + ").replaceAll("+ −", "− ");
    sum.textContent = `sum(s) = ${sofar}${products.length > made ? "" : ` = ${total}`}`;
    live.textContent = whole > made ? "\u00a0" : last;
  }
  // By hand a step is shown whole; the clock shows how its sum is made.
  function tick() {
    if (whole > made) {
      made += 1;
    } else {
      step = (step + 1) % steps.length;
      made = 0;
    }
    show();
    timer = setTimeout(tick, made === whole ? 1800 : made ? 320 : 700);
  }
  function run(on) {
    clearTimeout(timer);
    timer = on ? setTimeout(tick, 900) : 0;
    // A screen reader is told the steps that its user asks for, not those of the clock.
    live.setAttribute("aria-live", on ? "off" : "polite");
    play.firstElementChild.textContent = on ? "❚❚" : "▶";
    play.setAttribute("aria-label", on ? words.pause : words.play);
  }
  function move(by) {
    wanted = false;
    run(false);
    step = (step + by + steps.length) % steps.length;
    made = whole;
    show();
  }
  root.setAttribute("aria-label", words.group);
  find(".back").setAttribute("aria-label", words.back);
  find(".next").setAttribute("aria-label", words.next);
  find(".back").addEventListener("click", () => move(-1));
  find(".next").addEventListener("click", () => move(1));
  play.addEventListener("click", () => { wanted = !timer; run(wanted); });
  still.addEventListener("change", () => { wanted = false; run(false); });
  find(".controls").hidden = false;
  if (wanted) made = 0;
  show();
  run(false);
  new IntersectionObserver((seen) => run(seen.at(-1).isIntersecting ? wanted : false), { threshold: 0.3 }).observe(root);
}
