// One 1x1 filter over a photograph, three weights and a bias.
import { make, written } from "./dom.js";
import { form } from "./form.js";
import { menu, slider } from "./controls.js";
import { album, colours, located, paint, SIGNED } from "./photos.js";

const NAMES = ["photographs", "photograph", "weights", "bias"];
const SIDE = 160;
const CHANNELS = ["red", "green", "blue"];

/**
 * Convolve an image with one 1x1 filter.
 * @param {ArrayLike<number>} image red, green, blue and opacity of each pixel, 0 to 255 @param {number[]} weights @param {number} bias
 * @returns {Float32Array} one number per pixel
 */
export function mixed(image, [red, green, blue], bias) {
  const result = new Float32Array(image.length / 4);
  for (let i = 0, p = 0; i < result.length; i++, p += 4) {
    result[i] = (red * image[p] + green * image[p + 1] + blue * image[p + 2]) / 255 + bias;
  }
  return result;
}

/** Entry point for anywidget. @param {{ model: import("./form.js").Model, el: HTMLElement }} place */
function render({ model, el }) {
  let peek = /** @type {number | null} */ (null); // the pixel under the pointer
  const photo = album(() => view.redraw());
  const read = new Map();

  const draw = (values, width) => {
    const side = Math.min(380, width >= 460 ? Math.floor((width - 40) / 2) : width);
    for (const canvas of [before, after]) canvas.style.width = canvas.style.height = `${side}px`;
    if (!before.isConnected) view.stage.replaceChildren(figures);
    const bitmap = photo(values.photographs[values.photograph]);
    if (!bitmap) return "The photograph is being read.";
    if (!read.has(bitmap)) read.set(bitmap, colours(bitmap, SIDE));
    const image = read.get(bitmap);
    before.getContext("2d").putImageData(new ImageData(image, SIDE), 0, 0);
    const result = mixed(image, values.weights, values.bias);
    const [low, high] = [Math.min(...result), Math.max(...result)];
    const limit = Math.max(1e-6, -low, high);
    paint(after, result, SIDE, { colours: SIGNED, low: -limit, high: limit });
    const signed = (value) => (value < 0 ? `(${written(value)})` : String(value));
    const terms = (number) => values.weights.map((weight, n) => `${signed(weight)} · ${number(n)}`).join(" + ");
    const bias = values.bias ? ` + ${signed(values.bias)}` : "";
    if (peek !== null) {
      const channel = (n) => (image[4 * peek + n] / 255).toFixed(2);
      return `Row ${Math.floor(peek / SIDE)}, column ${peek % SIDE}: ${terms(channel)}${bias} = ${written(result[peek], 2)}.`;
    }
    const shown = `from ${written(low, 2)} to ${written(high, 2)}; orange is positive, blue is negative, white is zero`;
    return `Each number of the output is ${terms((n) => CHANNELS[n])}${bias}. It ranges ${shown}.`;
  };

  const view = form({ model, el }, { label: "Explorer: a 1 by 1 filter on a photograph", names: NAMES, draw });
  view.controls.append(
    menu(view, "photograph", { label: "photograph", options: ({ photographs }) => Object.keys(photographs).map((name) => [name, name]) }),
    ...CHANNELS.map((label, n) => slider(view, "weights", { label, min: -1, max: 1, step: 0.25, part: n, show: (value) => written(value, 2) })),
    slider(view, "bias", { label: "bias", min: -1, max: 1, step: 0.25, show: (value) => written(value, 2) }),
  );
  const canvas = (label) => make("canvas", { width: SIDE, height: SIDE, role: "img", "aria-label": label });
  const [before, after] = [canvas("the photograph"), canvas("the output of the filter")];
  for (const picture of [before, after]) {
    located(picture, () => SIDE, (place) => view.redraw((peek = place && place[0] * SIDE + place[1])));
  }
  const figure = (title, picture) => make("figure", {}, make("p", { class: "title" }, title), picture);
  const figures = make("div", { class: "figures" }, figure("the photograph, 3 channels", before), figure("after the 1×1 filter, 1 channel", after));
  return view.close;
}

export default { render };
