// Runs before the first paint, so that a dark page is never white for a moment.
(function () {
  var root = document.documentElement;
  /** @type {any} */
  var prefs = {};
  try {
    prefs = JSON.parse(localStorage.getItem("geoplan.prefs") || "{}");
  } catch (error) {
    prefs = {};
  }
  var dark = prefs.theme === "dark" || (prefs.theme !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  root.dataset.theme = dark ? "dark" : "light";
  if (prefs.elder) root.setAttribute("data-elder", "");
  if (prefs.language === "en") root.lang = "en";
})();
