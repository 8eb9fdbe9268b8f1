// The edition read last comes first and is marked; nothing is sent anywhere.
try {
  const language = localStorage.getItem("language") || navigator.language.slice(0, 2);
  const chosen = document.querySelector(`section[lang="${CSS.escape(language)}"]`);
  if (chosen) {
    chosen.classList.add("last");
    chosen.parentElement.prepend(chosen);
  }
  for (const link of document.querySelectorAll("a.read")) {
    link.addEventListener("click", () => localStorage.setItem("language", link.hreflang));
  }
} catch (error) {
  // Without storage the editions stay in their order.
}
