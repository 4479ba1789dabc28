// A 3 x 3 filter of your own over a photograph of yours or of the course.
import { change, make, written } from "./dom.js";
import { form } from "./form.js";
import { menu, numbers } from "./controls.js";
import { decoded, gray, paint, palette, SIGNED } from "./photos.js";

const NAMES = ["photographs", "kernels", "photograph", "weights"];
const SIDE = 256;
const OWN = "your own";
const NEAR = 1e-3; // weights that differ by less are the same: 0.111 for 1/9

/**
 * Convolve an image with nine weights, padded with zeros: a cross-correlation, as in torch.
 * @param {ArrayLike<number>} image row by row @param {number} width @param {number[]} weights @returns {Float32Array}
 */
export function filtered(image, width, weights) {
  const [height, wide] = [image.length / width, width + 2];
  const padded = new Float32Array(wide * (height + 2));
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) padded[(y + 1) * wide + x + 1] = image[y * width + x];
  const [a, b, c, d, e, f, g, h, i] = weights;
  const result = new Float32Array(image.length);
  for (let y = 0, out = 0; y < height; y++) {
    for (let x = 0, p = y * wide, q = p + wide, r = q + wide; x < width; x++, p++, q++, r++, out++) {
      const top = a * padded[p] + b * padded[p + 1] + c * padded[p + 2];
      const middle = d * padded[q] + e * padded[q + 1] + f * padded[q + 2];
      result[out] = top + middle + g * padded[r] + h * padded[r + 1] + i * padded[r + 2];
    }
  }
  return result;
}

/** Find the name of nine weights. @param {Record<string, number[]>} kernels @param {number[]} weights */
export function nameOf(kernels, weights) {
  const same = (known) => known.every((weight, n) => Math.abs(weight - weights[n]) < NEAR);
  return Object.keys(kernels).find((name) => same(kernels[name])) ?? OWN;
}

/**
 * Find the range of a result and how it is shown: in grey if the weights sum to 1, else from blue to orange, where `limit`, the
 * largest size away from the border, has the full colour.
 * @param {ArrayLike<number>} result @param {number} width @param {number[]} weights
 */
export function range(result, width, weights) {
  let [low, high, limit] = [Infinity, -Infinity, 1e-6];
  for (let i = 0; i < result.length; i++) {
    const inside = i % width && (i + 1) % width && i >= width && i < result.length - width; // the padding causes edges at the border
    low = Math.min(low, result[i]);
    high = Math.max(high, result[i]);
    if (inside) limit = Math.max(limit, Math.abs(result[i]));
  }
  const brightness = Math.abs(weights.reduce((sum, weight) => sum + weight, 0) - 1) < 0.05;
  return { low, high, limit: brightness ? 1 : limit, brightness };
}

const GREY = { colours: palette((share) => Array(3).fill(255 * share)), low: 0, high: 1 };

/** Entry point for anywidget. @param {{ model: import("./form.js").Model, el: HTMLElement }} place */
function render({ model, el }) {
  const pixels = new Map(); // grey values by the photograph's name
  let chosen = false; // the reader's own photograph is shown; it stays in this variable and goes nowhere

  let wanted = null; // the file that was chosen last

  const load = (name, source, then = () => {}) =>
    decoded(source).then(
      (bitmap) => {
        if (name === OWN && source !== wanted) return;
        pixels.set(name, gray(bitmap, SIDE));
        then();
        view.redraw();
      },
      () => source === wanted && (problem.textContent = "This file is not an image that the browser can read."),
    );
  const shown = (values) => (chosen ? OWN : values.photograph);

  const draw = (values, width) => {
    const name = shown(values);
    if (!pixels.has(name)) {
      if (values.photographs[name] && !pixels.set(name, null).get(name)) load(name, values.photographs[name]);
    }
    const image = pixels.get(name);
    const side = Math.min(380, width >= 640 ? Math.floor((width - 2 * 28 - 180) / 2) : Math.min(width, 250));
    for (const canvas of [before, after]) canvas.style.width = canvas.style.height = `${side}px`;
    if (!before.isConnected) view.stage.replaceChildren(figures);
    if (!image) return "The photograph is being read.";
    const result = filtered(image, SIDE, values.weights);
    const { low, high, limit, brightness } = range(result, SIDE, values.weights);
    paint(before, image, SIDE, GREY);
    paint(after, result, SIDE, brightness ? GREY : { colours: SIGNED, low: -limit, high: limit });
    const kernel = nameOf(values.kernels, values.weights);
    change(after, { "aria-label": `filtered: ${kernel}` });
    const scale = brightness ? "Shown as grey values" : `Orange is positive, blue is negative, white is zero; the full colour means ±${written(limit, 2)}`;
    return `Filter: ${kernel}. The output ranges from ${written(low, 2)} to ${written(high, 2)}. ${scale}.`;
  };

  const view = form({ model, el }, { label: "Explorer: a 3 by 3 filter on a photograph", names: NAMES, draw });
  const problem = make("p", { class: "problem", role: "status" });
  const file = make("input", { type: "file", accept: "image/*", "aria-label": "your own photograph" });
  const own = make("label", { class: "file" }, make("span", { class: "name" }, "your own photograph (stays in this browser)"), file);
  file.addEventListener("change", () => {
    problem.textContent = "";
    wanted = file.files[0];
    if (wanted) load(OWN, wanted, () => (chosen = true));
  });
  const known = menu(view, "weights", {
    label: "filter",
    options: ({ kernels, weights }) => {
      const names = [...Object.keys(kernels), ...(nameOf(kernels, weights) === OWN ? [OWN] : [])];
      return names.map((name) => [name, name]);
    },
    chosen: ({ kernels, weights }) => nameOf(kernels, weights),
    choose: (name) => name !== OWN && view.set({ weights: [...view.values().kernels[name]] }),
  });
  const photograph = menu(view, "photograph", {
    label: "photograph",
    options: ({ photographs }) => [...Object.keys(photographs), ...(pixels.get(OWN) ? [OWN] : [])].map((name) => [name, name]),
    chosen: shown,
    choose: (name) => {
      problem.textContent = "";
      wanted = null; // a file that is still being read comes too late
      chosen = name === OWN;
      view.set(chosen ? {} : { photograph: name });
    },
  });
  view.controls.append(
    known,
    photograph,
    own,
    problem,
  );
  const weights = numbers(view, "weights", { label: "weights", side: 3, step: 0.5, digits: 4, largest: 999 });
  const canvas = (label) => make("canvas", { width: SIDE, height: SIDE, role: "img", "aria-label": label });
  const [before, after] = [canvas("the photograph in grey"), canvas("the filtered photograph")];
  const figure = (title, picture) => make("figure", {}, make("p", { class: "title" }, title), picture);
  const figures = make("div", { class: "figures middle" }, figure("the photograph", before), weights, figure("after the filter", after));
  return view.close;
}

export default { render };
