// What moves on a page: guesses, explorers, folds.

// A guess that a reader types is shown above the result when that is opened; it never leaves the page.
for (const echo of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-guess]"))) {
  const field = /** @type {HTMLInputElement} */ (document.getElementById(echo.dataset.guess));
  const fold = echo.closest("details");
  const say = () => {
    const guess = field.value.trim();
    echo.textContent = `Your guess: ${guess}`;
    echo.hidden = !guess;
  };
  fold.addEventListener("toggle", say);
  field.addEventListener("input", say);
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter") fold.open = true;
  });
}

// An explorer's script is loaded once, after large values, when the first place for it comes near the window.
const root = document.documentElement.dataset.content_root;
const loaded = new Set();
const near = new IntersectionObserver(
  (entries) => {
    for (const { isIntersecting, target } of entries) {
      const name = /** @type {HTMLElement} */ (target).dataset.explorer;
      if (!isIntersecting || loaded.has(name)) continue;
      loaded.add(name);
      const places = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(`[data-explorer="${name}"][data-values]`));
      const sources = [...places].map((place) => place.dataset.values);
      for (const src of [...sources, `${root}_static/explorers/${name}.js`]) {
        document.body.append(Object.assign(document.createElement("script"), { src, async: false })); // one after the other
      }
    }
  },
  { rootMargin: "600px" },
);
for (const place of document.querySelectorAll("[data-explorer]")) near.observe(place);

// A block that scrolls can be reached by the keyboard as long as it scrolls; the theme looks only when the window changes.
const reachable = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    if (target.scrollWidth > target.clientWidth) target.setAttribute("tabindex", "0");
    else target.removeAttribute("tabindex");
  }
});
const blocks = "pre, .text_html, .pst-scrollable-table-container, .math";
const observe = () => document.querySelectorAll(`.bd-article :is(${blocks})`).forEach((block) => reachable.observe(block));
document.fonts.ready.then(observe); // formulas have their width
