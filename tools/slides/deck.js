// Start a deck: light or dark, the countdown of an exercise, and explorers that keep their keys to themselves.

const printed = /print-pdf/.test(location.search);
const EXPLORER = ".cnnlib-explorer-place";

/** Follow the reader's system until the reader chooses; a choice is remembered where the browser allows it. */
function theme(chosen) {
  const stored = { get: () => localStorage.getItem("theme"), set: (name) => localStorage.setItem("theme", name) };
  const attempt = (act) => { try { return act(); } catch { return null; } };
  if (chosen) attempt(() => stored.set(chosen));
  const dark = matchMedia("(prefers-color-scheme: dark)").matches && !printed;
  document.documentElement.dataset.theme = chosen ?? ((!printed && attempt(stored.get)) || (dark ? "dark" : "light"));
}

/** Write seconds as minutes and seconds: 150 -> "2:30". */
const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;

const CALM = matchMedia("(prefers-reduced-motion: reduce)").matches; // the clock then moves every ten seconds

/** Make a button count down: a click starts, pauses and goes on; at the end the next click starts again. */
function countdown(button) {
  const whole = Number(button.dataset.seconds);
  let left = whole, ticking = 0;
  const show = () => {
    const step = CALM && left > 10 ? 10 : 1, shown = Math.ceil(left / step) * step;
    button.dataset.state = ticking ? "runs" : left === 0 ? "over" : left < whole ? "waits" : "new";
    button.style.setProperty("--left", shown / whole);
    button.textContent = `${ticking ? "❚❚" : left === 0 ? "■" : "▶"} ${clock(shown)}`;
    button.setAttribute("aria-label", `${clock(left)} left; ${ticking ? "pause" : "start"} the countdown`);
  };
  const stop = () => { clearInterval(ticking); ticking = 0; };
  button.addEventListener("click", () => {
    if (ticking) stop();
    else {
      if (left === 0) left = whole;
      const end = performance.now() + 1000 * left;
      ticking = setInterval(() => {
        left = Math.max(0, Math.ceil((end - performance.now()) / 1000));
        if (left === 0) stop();
        show();
      }, 200);
    }
    show();
    button.blur(); // the space bar turns the slides again
  });
  show();
}

const frame = () => new Promise(requestAnimationFrame);
const drawn = async () => { for (let count = 0; count < 4; count += 1) await frame(); }; // after a change of width
const WIDTHS = [400, 500, 640, 760, 900, 1120];
const LAYOUTS = ["stacked", "beside", "between"]; // controls and words above and below, both to the left, or controls alone
const ROOMY = 640; // a picture beside its controls is then as wide as on a telephone

const LETTERS = 14, MOST = 24, LEGIBLE = 20.5; // pixels of letters: in a notebook, at most, and at least on a slide

/** Return the scale at which an explorer just fits its place. */
function scaleOf(place) {
  const room = place.closest(".explorer");
  return Math.min(room.clientWidth / place.offsetWidth, room.clientHeight / place.offsetHeight);
}

/** Lay an explorer out in some way and return the scale at which it fits. */
async function tried(place, { width, layout }, letters) {
  place.style.width = `${width}px`;
  place.style.setProperty("--letter", `${letters}px`);
  place.dataset.layout = layout;
  place.querySelectorAll(".stage, .words").forEach((part) => { part.style.minHeight = ""; }); // of the layout before
  await drawn();
  return scaleOf(place);
}

/** Scale an explorer so that it fills its place, in the layout in which its letters get largest; larger ones if it has to be. */
async function fit(place) {
  place.style.visibility = "hidden";
  let ways = WIDTHS.flatMap((width) => (width < ROOMY ? ["stacked"] : LAYOUTS).map((layout) => ({ width, layout, scale: 0 })));
  let letters = LETTERS, scale = 0;
  for (let round = 0; round < 4; round += 1) {
    for (const way of ways) way.scale = await tried(place, way, letters);
    ways.sort((one, other) => other.scale - one.scale);
    ways = ways.slice(0, 6 - round);
    scale = ways[0].scale;
    if (letters * scale >= LEGIBLE) break;
    letters = Math.min(MOST, Math.ceil((2 * LEGIBLE) / scale) / 2);
  }
  scale = await tried(place, ways[0], letters);
  const show = () => { place.style.transform = `translate(-50%, -50%) scale(${scale})`; };
  show();
  place.style.visibility = "";
  new ResizeObserver(() => { // another choice may need more height, and never more than there is
    if (!place.offsetHeight || scaleOf(place) >= scale) return;
    scale = scaleOf(place);
    show();
  }).observe(place);
}

/** Bring the explorers of the deck to life; on paper their still pictures remain. */
function explorers() {
  document.body.append(/** @type {HTMLTemplateElement} */ (document.getElementById("explorers")).content.cloneNode(true));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !inExplorer()) return;
    /** @type {HTMLElement} */ (document.activeElement).blur();
    event.stopImmediatePropagation(); // or the overview would open
  }, true);
  for (const place of document.querySelectorAll(EXPLORER)) {
    new MutationObserver((changes, observer) => { observer.disconnect(); fit(place); }).observe(place, { childList: true });
  }
}

const SIZES = [32, 30, 28, 26, 25, 24, 23, 22, 21, 20, 19, 18];

/** Choose the largest letters at which a slide holds its words in all its steps; pictures leave them less. */
function fitWords(slide) {
  const body = slide.querySelector(".body"), steps = [...body.querySelectorAll(":scope > .fragment")];
  const shown = steps.map((part) => part.classList.contains("visible"));
  const fits = (visible) => {
    steps.forEach((part, index) => part.classList.toggle("visible", visible(index)));
    return body.scrollHeight <= body.clientHeight + 1;
  };
  const sizes = slide.querySelector(".figure, .explorer") ? SIZES.slice(3) : SIZES;
  for (const size of sizes) {
    body.style.setProperty("--letters", `${size}px`);
    if (fits(() => false) && fits(() => true)) break;
  }
  fits((index) => shown[index]);
}

const inExplorer = () => Boolean(document.activeElement?.closest(".explorer"));

theme();
const fitted = () => [...document.querySelectorAll(printed ? "section" : "section.present")].forEach(fitWords);
for (const name of ["ready", "slidechanged", "pdf-ready"]) Reveal.on(name, fitted);
new MutationObserver(fitted).observe(document.documentElement, { attributeFilter: ["data-formulas"] });
document.querySelectorAll(".countdown").forEach(countdown);
if (!printed) explorers();
Reveal.initialize({
  width: 1280, height: 720, margin: 0, center: false, hash: true, controls: false, transition: "none",
  defaultTiming: document.querySelector("[data-timing]") ? 0 : null, // the speaker's view shows a clock per slide
  pdfSeparateFragments: false, keyboardCondition: () => !inExplorer(), plugins: [RevealNotes],
});
Reveal.addKeyBinding({ keyCode: 84, key: "T", description: "Start or pause the countdown" },
  () => Reveal.getCurrentSlide().querySelector(".countdown")?.click());
Reveal.addKeyBinding({ keyCode: 68, key: "D", description: "Dark or light" },
  () => theme(document.documentElement.dataset.theme === "dark" ? "light" : "dark"));
