// The page for a wrong address finds the page whose address is nearest to it, in each language.
const base = document.body.dataset.base;
const pages = JSON.parse(document.getElementById("pages").textContent);
const asked = decodeURIComponent(location.pathname.slice(base.length)).toLowerCase();

// How many letters have to be put in, taken out or changed to get from one word to another.
function distance(a, b) {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(row[j] + 1, next[j - 1] + 1, change));
    }
    row = next;
  }
  return row[b.length];
}

const last = (path) => path.split("/").filter(Boolean).pop()?.replace(/\.(html|qmd|ipynb)$/, "") ?? "";
for (const section of document.querySelectorAll("section")) {
  const near = pages
    .filter((page) => page.lang === section.lang)
    .map((page) => ({ page, far: distance(last(asked), last(page.path)) }))
    .sort((one, other) => one.far - other.far)[0];
  if (near && last(asked) && near.far <= last(asked).length / 2) {
    const link = section.querySelector(".nearest a");
    link.href = base + near.page.path;
    link.textContent = near.page.title;
    section.querySelector(".nearest").hidden = false;
  }
}
