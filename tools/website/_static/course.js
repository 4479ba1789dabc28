// What moves on a page: guesses, explorers, folds, and what the search shows of a page.

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

// An explorer's script is loaded once, when the first place for it comes near the window.
const root = document.documentElement.dataset.content_root;
const loaded = new Set();
const near = new IntersectionObserver(
  (entries) => {
    for (const { isIntersecting, target } of entries) {
      const name = /** @type {HTMLElement} */ (target).dataset.explorer;
      if (!isIntersecting || loaded.has(name)) continue;
      loaded.add(name);
      document.body.append(Object.assign(document.createElement("script"), { src: `${root}_static/explorers/${name}.js` }));
    }
  },
  { rootMargin: "600px" },
);
for (const place of document.querySelectorAll("[data-explorer]")) near.observe(place);

// The theme lets the keyboard reach blocks that scroll, and looks for them again when the window changes: so does a fold.
for (const fold of document.querySelectorAll("details.fold")) {
  fold.addEventListener("toggle", () => dispatchEvent(new Event("resize")));
}

// The search shows sentences of the page, without its menus, buttons, formulas and code.
if (typeof Search !== "undefined") {
  Search.htmlToText = (source, anchor) => {
    const page = new DOMParser().parseFromString(source, "text/html");
    for (const noise of page.querySelectorAll(".headerlink, .math, .cell_input, .facts, .guess, .play, summary, nav, script, style")) {
      noise.replaceWith(noise.matches(".math") ? formula(noise.textContent) : " ");
    }
    for (const block of page.querySelectorAll("p, li, dt, dd, th, td, pre")) block.append(" ");
    const place = (anchor && page.querySelector(anchor)) || page.querySelector("article.bd-article");
    return place ? place.textContent.replace(/\s+/g, " ").trim() : "";
  };
}

// A formula of letters and digits as text; of any other only that there is one.
function formula(tex) {
  const inner = tex.replace(/\\[()[\]]/g, "").trim();
  return /^[\w+=, -]+$/.test(inner) ? inner : "…";
}
