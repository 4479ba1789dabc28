// The home page's explorer: pull a window over a photograph, and the filter has computed everything to the left of it.
import { change, make, written } from "./dom.js";
import { arrows, form } from "./form.js";
import { numbers } from "./controls.js";
import { filtered, nameOf, range } from "./filter.js";
import { colours, decoded, SIGNED } from "./photos.js";
import { plainModel } from "./host.js";

const PIXELS = 224; // of a side
const LEVELS = 255; // of brightness
const YOURS = "yours";
const LONG = 5; // letters of a sum beyond which they are smaller
const SWEEP = 3200; // milliseconds that the window moves by itself
const REST = { row: 165, column: 127 }; // where it stops: the edge of the spoon, dark on its left and bright on its right

/** Bring the explorer to life. @param {HTMLElement} el @param {{ photographs: Record<string, string>, kernels: Record<string, number[]> }} course */
function play(el, { photographs, kernels }) {
  const names = Object.keys(photographs);
  const model = plainModel({ photograph: names[0], weights: Object.values(kernels)[0], row: REST.row, column: 0 });
  const seen = new Map(); // by name: the photograph's colours as ImageData, and its brightness, 0 to 255
  let computed = { of: null, weights: null, sums: null, limit: 1, map: null };
  let isPlayed = false; // the reader has moved something

  let wanted = null; // the file that was chosen last

  const load = (name, source, then = () => {}) =>
    decoded(source).then(
      (bitmap) => {
        if (name === YOURS && source !== wanted) return;
        const image = new ImageData(colours(bitmap, PIXELS), PIXELS);
        const grey = Float32Array.from({ length: PIXELS ** 2 }, (_, i) => Math.round((image.data[4 * i] + image.data[4 * i + 1] + image.data[4 * i + 2]) / 3));
        seen.set(name, { image, grey });
        then();
        view.redraw();
      },
      () => source === wanted && (problem.textContent = "This file is not an image that the browser can read."),
    );

  const compute = (photograph, weights) => {
    if (computed.of === photograph && computed.weights === weights) return computed;
    const sums = filtered(photograph.grey, PIXELS, weights);
    const { limit, brightness } = range(sums.map((sum) => sum / LEVELS), PIXELS, weights);
    const map = new ImageData(PIXELS, PIXELS);
    sums.forEach((sum, i) => map.data.set([...colourOf(sum, limit, brightness), 255], 4 * i));
    return (computed = { of: photograph, weights, sums, limit, brightness, map });
  };

  const draw = ({ photograph, weights, row, column }) => {
    const name = nameOf(kernels, weights);
    for (const chip of chips) change(chip, { "aria-pressed": chip.textContent === name });
    const shown = seen.get(photograph);
    if (!shown) return "The photograph is being read.";
    const { sums, limit, brightness, map } = compute(shown, weights);
    const context = canvas.getContext("2d");
    context.putImageData(shown.image, 0, 0);
    context.putImageData(map, 0, 0, 0, 0, column, PIXELS);
    const share = (place) => `${((100 * (place + 0.5)) / PIXELS).toFixed(2)}%`;
    cut.style.left = frame.style.left = share(column);
    frame.style.top = share(row);
    pixels.forEach((cell, n) => {
      const [y, x] = [row + Math.floor(n / 3) - 1, column + (n % 3) - 1];
      const value = Math.min(y, x) < 0 || Math.max(y, x) >= PIXELS ? 0 : shown.grey[y * PIXELS + x];
      cell.textContent = String(value);
      change(cell, { style: toned([value, value, value]) });
    });
    const sum = sums[row * PIXELS + column];
    total.textContent = written(Math.round(sum));
    total.classList.toggle("long", total.textContent.length > LONG);
    change(total, { style: toned(colourOf(sum, limit, brightness)) });
    const meaning = brightness ? "It is shown as a grey value." : sum === 0 ? "Zero is white." : sum > 0 ? "Positive sums are orange." : "Negative sums are blue.";
    return `Nine values of brightness, each times its weight, add up to ${written(Math.round(sum))}. ${meaning}`;
  };

  const view = form({ model, el }, { label: "Explorer: a filter on a photograph", names: ["photograph", "weights", "row", "column"], draw });
  const put = (row, column) => {
    const inside = (place) => Math.max(0, Math.min(PIXELS - 1, Math.round(place)));
    view.set({ row: inside(row), column: inside(column) });
  };
  const begin = () => {
    isPlayed = true;
    invitation.hidden = true;
  };

  const chips = Object.keys(kernels).map((name) => make("button", { type: "button", class: "chip" }, name));
  for (const chip of chips) chip.addEventListener("click", () => view.set({ weights: [...kernels[chip.textContent]] }));
  const canvas = make("canvas", { width: PIXELS, height: PIXELS });
  const [cut, frame] = [make("div", { class: "cut" }), make("div", { class: "window" })];
  const invitation = make("p", { class: "invitation" }, "↔ Drag over the photograph");
  const about = "The photograph, and to the left of the window its feature map; arrow keys move the window";
  const picture = make("div", { class: "picture", role: "group", "aria-label": about }, canvas, cut, frame, invitation);
  const point = (event) => {
    if (event.type === "pointermove" && event.pointerType !== "mouse" && !event.buttons) return;
    const { left, top, width } = picture.getBoundingClientRect();
    begin();
    put(((event.clientY - top) * PIXELS) / width - 0.5, ((event.clientX - left) * PIXELS) / width - 0.5);
  };
  picture.addEventListener("pointerdown", point);
  picture.addEventListener("pointermove", point);
  arrows(picture, (down, right, event) => {
    const { row, column } = view.values();
    begin();
    put(row + down * (event.shiftKey ? 16 : 1), column + right * (event.shiftKey ? 16 : 4));
  });

  const pixels = Array.from({ length: 9 }, () => make("span", {}));
  const part = (words, ...inside) => make("div", { class: "part" }, make("span", { class: "name" }, words), ...inside);
  const weights = numbers(view, "weights", { label: "nine weights", side: 3, step: 1, digits: 2, largest: 99 });
  const total = make("strong", { class: "total" });
  const sign = (text) => make("span", { class: "sign", "aria-hidden": "true" }, text);
  const sum = make("div", { class: "sum" }, part("nine pixels", make("div", { class: "pixels" }, ...pixels)), sign("×"), weights, sign("="), part("sum", total));

  const other = make("button", { type: "button", class: "chip" }, "another photograph");
  other.addEventListener("click", () => {
    [problem.textContent, wanted] = ["", null]; // a file that is still being read comes too late
    view.set({ photograph: names[(names.indexOf(view.values().photograph) + 1) % names.length] });
  });
  const file = make("input", { type: "file", accept: "image/*" });
  const own = make("label", { class: "chip file" }, "one of yours", file);
  const problem = make("p", { class: "problem", role: "status" });
  file.addEventListener("change", () => {
    problem.textContent = "";
    wanted = file.files[0];
    file.value = ""; // or the same file could not be chosen again
    if (wanted) load(YOURS, wanted, () => view.set({ photograph: YOURS }));
  });
  const row = (...inside) => make("div", { class: "chips" }, ...inside);
  view.stage.append(picture, row(...chips), sum, row(other, own), problem);

  /** Move the window by itself until the reader does, once. @param {number} start */
  const sweep = (start) => {
    const step = (now) => {
      if (isPlayed || !el.isConnected) return;
      const done = Math.min(1, (now - start) / SWEEP);
      put(REST.row, REST.column * (1 - (1 - done) ** 3));
      if (done < 1) requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  };
  const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const start = () => (isStill ? put(REST.row, REST.column) : sweep(performance.now()));
  names.forEach((name, n) => load(name, photographs[name], n ? undefined : start));
}

/** The colour of a sum on the feature map: grey for filters that keep brightness, else blue, white and orange. */
function colourOf(sum, limit, brightness) {
  if (brightness) return Array(3).fill(Math.max(0, Math.min(LEVELS, Math.round(sum))));
  const place = 3 * Math.max(0, Math.min(510, Math.round(255 + (sum / LEVELS / limit) * 255)));
  return [SIGNED[place], SIGNED[place + 1], SIGNED[place + 2]];
}

/** The style of a patch of a colour, with letters of whichever of black and white stands out more. @param {number[]} colour */
function toned(colour) {
  const [red, green, blue] = colour.map((channel) => (channel / LEVELS) ** 2.2);
  return `background: rgb(${colour.join(" ")}); color: ${0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.18 ? "black" : "white"}`;
}

const place = document.getElementById("play");
if (CSS.supports("color", "light-dark(red, red)")) {
  place.replaceChildren();
  play(place, COURSE);
}
