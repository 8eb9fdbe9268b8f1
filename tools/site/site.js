// What both renderers' pages have in common: links to what can be cited, copies, printing.
const said = document.currentScript.dataset;

// Each figure, table, equation and exercise has an address of its own: a link to it.
for (const place of document.querySelectorAll("main [id]")) {
  if (!/^(fig|tbl|eq|exr)-[^.]+$/.test(place.id) || /-caption/.test(place.id)) continue;
  const link = document.createElement("a");
  link.href = "#" + place.id;
  link.className = "here";
  link.textContent = "#";
  const number = place.querySelector("figcaption, caption, .equation-number, .theorem-title")?.textContent;
  link.setAttribute("aria-label", `${said.link}: ${(number ?? place.id).trim().slice(0, 40)}`);
  (place.querySelector("figcaption, caption, .theorem-title") ?? place).append(" ", link);
}

function copies(button, text) {
  const before = button.textContent;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(text());
    button.textContent = said.copied;
    setTimeout(() => (button.textContent = before), 1500);
  });
}

// A formula in a line of its own can be taken along as LaTeX.
for (const formula of document.querySelectorAll("main math[display=block]")) {
  const source = formula.querySelector("annotation")?.textContent;
  const box = formula.closest(".math.display, .equation, p") ?? formula.parentElement;
  if (!source || !navigator.clipboard) continue;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy-tex";
  button.textContent = "LaTeX";
  button.title = said.tex;
  button.setAttribute("aria-label", said.tex);
  copies(button, () => source);
  box.classList.add("has-tex");
  box.append(button);
}

for (const cite of document.querySelectorAll(".cite")) {
  copies(cite.querySelector("button"), () => cite.querySelector("pre").textContent);
}
for (const button of document.querySelectorAll("button.print")) {
  button.addEventListener("click", () => print());
}
