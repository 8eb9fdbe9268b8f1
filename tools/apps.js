// Start an application in the page when its link is followed. Without this script the link opens
// the application by itself; where the export cannot be had, the page says what to do instead.
for (const link of document.querySelectorAll("a.app-start[data-frame]")) {
  link.addEventListener("click", async (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const app = link.closest(".app");
    let there = false;
    try {
      there = (await fetch(link.href, { method: "HEAD" })).ok;
    } catch {
      // A page opened from a disk may not fetch; the application could not run there either.
    }
    app.querySelector(".app-actions").hidden = true;
    if (!there) {
      app.querySelector(".app-failed").hidden = false;
      return;
    }
    const frame = document.createElement("iframe");
    frame.className = "app-frame";
    frame.title = link.dataset.frame;
    // Below 576 px Shiny puts the controls under the output, and a low frame would hide them.
    if (link.dataset.height && app.clientWidth >= 576) {
      frame.style.height = `${link.dataset.height}px`;
    }
    // The application takes the theme that the page has now.
    const color = getComputedStyle(document.body).backgroundColor.match(/[\d.]+/g).map(Number);
    const [red, green, blue, opacity = 1] = color;
    const dark = opacity > 0 && red + green + blue < 384;
    frame.src = `${link.href}&theme=${dark ? "dark" : "light"}`;
    app.append(frame);
    frame.focus();
  });
}
