// The switch to the other language keeps the reader's place: labels are the same in both editions.
for (const link of document.querySelectorAll("a.switch-language")) {
  const page = link.href;
  const aim = () => {
    const labels = [...document.querySelectorAll("main [id]")].filter((element) =>
      /^(sec|fig|tbl|eq|exr)-[^.]*$/.test(element.id) && !/-caption-/.test(element.id));
    const passed = labels.filter((element) => element.getBoundingClientRect().top < innerHeight / 3);
    link.href = page + (scrollY > 0 && passed.length ? "#" + passed.at(-1).id : "");
  };
  for (const event of ["pointerenter", "focus", "click"]) link.addEventListener(event, aim);
}

// What folds a callout is a button, for the keyboard and for screen readers too.
for (const header of document.querySelectorAll(".callout-header[data-bs-toggle]")) {
  header.setAttribute("role", "button");
  header.tabIndex = 0;
  header.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    header.click();
  });
}
