// What is wider than its place scrolls: with the keyboard too, and with a shadow where there is more.
{
  // A formula in a line does not break: where it is longer than its line, it gets one that scrolls.
  const formulas = [...document.querySelectorAll("main math:not([display=block])")];
  const places = "p, li, dd, dt, td, th, caption, figcaption, h1, h2, h3, h4, main";
  const isLong = (formula) =>
    formula.getBoundingClientRect().width > formula.parentElement.closest(places).clientWidth;

  const blocks = document.querySelectorAll(
    "pre, div.sourceCode, .table-wrap, main table, math[display=block]");
  function measure(element) {
    const rest = element.scrollWidth - element.clientWidth;
    const more = [];
    if (rest > 1 && getComputedStyle(element).overflowX !== "visible") {
      if (element.scrollLeft > 1) more.push("left");
      if (element.scrollLeft < rest - 1) more.push("right");
    }
    return more.join(" ");
  }
  function mark(element, more) {
    if (more) element.dataset.more = more;
    else delete element.dataset.more;
    if (more) element.tabIndex = 0;
    else element.removeAttribute("tabindex");
  }
  function scrolled({ target }) {
    mark(target, measure(target));
  }

  // All is measured before anything changes, so that the page is laid out once.
  let width = 0;
  function fit() {
    if (width === document.documentElement.clientWidth) return;
    width = document.documentElement.clientWidth;
    for (const formula of formulas) delete formula.dataset.long;
    const long = formulas.filter(isLong);
    for (const formula of long) formula.dataset.long = "";
    const all = [...blocks, ...long];
    const found = all.map(measure);
    all.forEach((element, n) => mark(element, found[n]));
  }
  for (const element of [...blocks, ...formulas])
    element.addEventListener("scroll", scrolled, { passive: true });
  addEventListener("resize", fit);
  // What was folded has no width until it is opened.
  addEventListener("toggle", () => { width = 0; fit(); }, { capture: true });
  fit();
}
