// Runs before the page is drawn, so that a reader who chose the dark theme sees no white flash.
(function () {
  "use strict";
  let theme = null;
  try {
    theme = localStorage.getItem("theme");
  } catch (error) {
    // Without storage the choice lasts as long as the page.
  }
  if (theme !== "dark" && theme !== "light") {
    theme = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  }
  document.documentElement.dataset.theme = theme;
})();
