// Start an application in the page when its link is followed. Without this script the link opens
// the application by itself; where the export cannot be had, the page says what to do instead.
// An application follows the page's theme, and may ask for the whole window.
{
  // One listener for all: this script may run before the last of the links is there.
  document.addEventListener("click", async (event) => {
    const link = event.target.closest?.("a.app-start[data-frame]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const app = link.closest(".app");
    // On a page opened from a disk an application could not run.
    const disk = location.protocol === "file:";
    const there = !disk && (await fetch(link.href, { method: "HEAD" }).catch(() => null))?.ok;
    app.querySelector(".app-actions").hidden = true;
    if (!there) {
      app.querySelector(disk ? ".app-disk" : ".app-missing").hidden = false;
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
    frame.src = `${link.href}&theme=${theme()}`;
    app.append(frame);
    frame.focus();
  });

  // What the page's background is, whoever has chosen it.
  function theme() {
    const color = getComputedStyle(document.body).backgroundColor.match(/[\d.]+/g).map(Number);
    const [red, green, blue, opacity = 1] = color;
    return opacity > 0 && red + green + blue < 384 ? "dark" : "light";
  }
  let shown;
  function follow() {
    if (theme() === shown) return;
    shown = theme();
    for (const { contentWindow } of frames())
      contentWindow.postMessage({ theme: shown }, location.origin);
  }
  new MutationObserver(follow).observe(document.documentElement, {
    attributes: true,
    subtree: true,
    attributeFilter: ["class", "data-theme", "data-bs-theme", "media", "rel"],
  });
  addEventListener("transitionend", follow);

  const frames = () => document.querySelectorAll("iframe.app-frame");
  const whole = { position: "fixed", inset: "0", width: "100%", height: "100%", margin: "0" };
  const before = new Map(); // the style that each widened frame had
  function widen(frame, wide) {
    if (wide === before.has(frame)) return;
    if (wide) {
      before.set(frame, frame.style.height);
      Object.assign(frame.style, whole, { zIndex: "2000" });
    } else {
      for (const name of [...Object.keys(whole), "zIndex"]) frame.style[name] = "";
      frame.style.height = before.get(frame);
      before.delete(frame);
    }
    // Nothing else can be reached while the frame lies over it.
    for (let part = frame; part !== document.body; part = part.parentElement)
      for (const other of part.parentElement.children) if (other !== part) other.inert = wide;
    frame.contentWindow.postMessage({ wide }, location.origin);
    frame.focus();
  }
  addEventListener("message", ({ data, origin, source }) => {
    if (origin !== location.origin || typeof data?.widen !== "boolean") return;
    for (const frame of frames())
      if ([source, source.parent].includes(frame.contentWindow)) widen(frame, data.widen);
  });
  addEventListener("keydown", ({ key }) => {
    if (key === "Escape") for (const frame of [...before.keys()]) widen(frame, false);
  });
}
