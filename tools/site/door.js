// The edition read last comes first and is marked; nothing is sent anywhere. Which one it is stands
// in the page before anything is drawn, so that nothing has to move.
let language = navigator.language.slice(0, 2);
try {
  language = localStorage.getItem("language") || language;
} catch (error) {
  // Without storage it is the browser's.
}
document.documentElement.dataset.language = language;

document.addEventListener("DOMContentLoaded", () => {
  const chosen = document.querySelector(`section[lang="${CSS.escape(language)}"]`);
  chosen?.parentElement.prepend(chosen); // what is read aloud comes in the same order
  for (const link of document.querySelectorAll("a.read")) {
    link.addEventListener("click", () => {
      try {
        localStorage.setItem("language", link.hreflang);
      } catch (error) {
        // It will be asked again.
      }
    });
  }
});
