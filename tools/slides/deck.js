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

/** Make a button count down: a click starts, pauses and goes on; at the end the next click starts again. */
function countdown(button) {
  const whole = Number(button.dataset.seconds);
  let left = whole, ticking = 0;
  const show = () => {
    button.dataset.state = ticking ? "runs" : left === 0 ? "over" : left < whole ? "waits" : "new";
    button.textContent = `${ticking ? "❚❚" : "▶"} ${clock(left)}`;
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

/** Scale an explorer so that it fills its place: of a few widths, that at which its letters get largest. */
function fit(place) {
  const room = place.closest(".explorer"), { clientWidth: width, clientHeight: height } = room;
  if (!width || !height) return;
  let best = { scale: 0 };
  for (const candidate of [560, 640, 720, 800, 900, 1000, 1120]) {
    place.style.width = `${candidate}px`;
    const scale = Math.min(width / candidate, height / place.offsetHeight);
    if (scale > best.scale) best = { scale, candidate };
  }
  place.style.width = `${best.candidate}px`;
  place.style.transform = `translate(-50%, -50%) scale(${best.scale})`;
}

/** Bring the explorers of the deck to life; on paper their still pictures remain. */
function explorers() {
  document.body.append(document.getElementById("explorers").content.cloneNode(true));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !inExplorer()) return;
    document.activeElement.blur();
    event.stopImmediatePropagation(); // or the overview would open
  }, true);
  const fits = () => document.querySelectorAll(`.present ${EXPLORER}`).forEach(fit);
  for (const name of ["ready", "slidechanged", "fragmentshown", "fragmenthidden"]) Reveal.on(name, fits);
  for (const place of document.querySelectorAll(EXPLORER)) new MutationObserver(fits).observe(place, { childList: true });
}

const inExplorer = () => Boolean(document.activeElement?.closest(".explorer"));

theme();
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
