// The receptive field of VGG-16's layers on a photograph, and the influence of each pixel on the unit in the middle.
import { change, make } from "./dom.js";
import { arrows, form } from "./form.js";
import { menu, play, slider } from "./controls.js";
import { album, bytesOf, layered, MAGMA, paint } from "./photos.js";

const NAMES = ["photographs", "layers", "fields", "sides", "maps", "layer", "pools", "weights", "photograph"];
const SIDE = 224; // pixels of a photograph
const MAP = 56; // pixels of a stored map's side at most

/** Find the rows of the image that a field covers: [first row, number of rows], without the padding. */
export function inside([size, , first]) {
  const start = Math.max(first, 0);
  return [start, Math.min(first + size, SIDE) - start];
}

/**
 * Everything that the picture shows for one layer.
 * @param {any} values
 */
export function seen({ layers, fields, sides, maps, layer, pools, weights, photograph }) {
  const key = weights === "equal" ? "equal" : photograph;
  const all = fields[pools];
  const squares = all.map((field) => Math.min(inside(field)[1], MAP) ** 2);
  const start = squares.slice(0, layer - 1).reduce((sum, count) => sum + count, 0);
  const field = all[layer - 1];
  return {
    name: layers[layer - 1],
    field,
    smaller: all.slice(0, layer - 1),
    side: sides[pools][key][layer - 1],
    sizes: all.map(([size]) => size),
    influential: sides[pools][key],
    map: { text: maps[pools][key], start, count: squares[layer - 1], place: inside(field) },
  };
}

/** Read the bytes of a map. @param {{ text: string, start: number, count: number }} map */
export const bytes = ({ text, start, count }) => bytesOf(text, start, count);

/** Entry point for anywidget. @param {{ model: import("./form.js").Model, el: HTMLElement }} place */
function render({ model, el }) {
  const photo = album(() => view.redraw());
  const square = (first, size, scale, style) =>
    make("rect", { x: first * scale, y: first * scale, width: size * scale, height: size * scale, class: style });

  const draw = (values, width) => {
    const now = seen(values);
    const [size, , first] = now.field;
    const gap = width >= 520 ? 36 : 12;
    const side = Math.min(380, Math.floor((width - gap) / 2));
    change(figures, { style: `column-gap: ${gap}px` });
    const scale = side / SIDE;
    const bitmap = photo(values.photographs[values.photograph]);
    if (bitmap) left.canvas.getContext("2d").drawImage(bitmap, 0, 0, SIDE, SIDE);
    const [start, length] = now.map.place;
    const pixels = bytes(now.map);
    paint(small, pixels, Math.sqrt(pixels.length), { colours: MAGMA, low: 0, high: 255 });
    const context = right.canvas.getContext("2d");
    context.imageSmoothingEnabled = length > MAP;
    context.fillStyle = "rgb(0, 0, 4)";
    context.fillRect(0, 0, 2 * SIDE, 2 * SIDE);
    context.drawImage(small, 2 * start, 2 * start, 2 * length, 2 * length);
    const nested = now.smaller.map((field) => square(field[2], field[0], scale, "nested"));
    const most = square(first + (size - now.side) / 2, now.side, scale, "most");
    left.resize(side, `receptive field: ${size}×${size}`, [...nested, square(first, size, scale, "field")]);
    right.resize(side, `95 % of the influence (dashed): ${now.side}×${now.side}`, [square(first, size, scale, "field"), most]);
    bars(now, values, 2 * side + gap);
    if (!figures.isConnected) view.stage.replaceChildren(figures, chart);
    const where = values.pools === "five" ? "VGG-16" : "VGG-16 without its pools";
    const share = Math.round((100 * now.side ** 2) / size ** 2);
    const words = `The middle unit of ${now.name} in ${where} has a receptive field of ${size}×${size} pixels.`;
    return `${words} A square of ${now.side}×${now.side} pixels, ${share} % of that area, holds 95 % of the influence on this unit.`;
  };

  const bars = ({ sizes, influential, name }, values, width) => {
    const [high, base, step] = [96, 112, width / sizes.length];
    const tallest = 212;
    const bar = (value, n, style) => {
      const height = Math.max(1, (value / tallest) * high);
      return make("rect", { x: n * step + 2, y: base - height, width: step - 4, height, rx: 2, class: style });
    };
    const layer = values.layer - 1;
    const parts = sizes.flatMap((size, n) => [
      bar(size, n, n === layer ? "size chosen" : "size"),
      bar(influential[n], n, n === layer ? "most chosen" : "most"),
      make("rect", { x: n * step, y: 0, width: step, height: base + 22, class: "reach", "data-layer": n + 1 }),
    ]);
    const middle = Math.max(76, Math.min(width - 76, (layer + 0.5) * step));
    const said = `${name}: ${influential[layer]} of ${sizes[layer]}`;
    const label = make("text", { x: middle, y: base + 18, class: "number strong" }, said);
    change(svgBars, { width, height: base + 28 });
    svgBars.replaceChildren(make("line", { x1: 0, x2: width, y1: base, y2: base, class: "axis" }), ...parts, label);
  };

  const view = form({ model, el }, { label: "Explorer: what a unit of VGG-16 sees", names: NAMES, draw });
  const top = (values) => values.layers.length;
  view.controls.append(
    menu(view, "photograph", { label: "photograph", options: ({ photographs }) => Object.keys(photographs).map((name) => [name, name]) }),
    menu(view, "pools", { label: "pools", options: [["five", "five (VGG-16)"], ["none", "none"]] }),
    menu(view, "weights", { label: "weights", options: [["random", "random"], ["equal", "all equal"]] }),
    make(
      "div",
      { class: "player" },
      play(view, "layer", { first: 1, max: top, pause: 600 }),
      slider(view, "layer", { label: "layer", min: 1, max: top, show: (value, { layers }) => layers[value - 1] }),
    ),
  );
  const left = layered("the photograph with the receptive field of each layer", SIDE);
  const right = layered("the influence of each pixel on the unit", 2 * SIDE);
  const small = make("canvas");
  const figures = make("div", { class: "figures low" }, left.element, right.element);
  const svgBars = make("svg", { class: "bars", role: "group", "aria-label": "layers: arrow keys move from layer to layer" });
  const title = make("p", { class: "title" }, "pale: side of the receptive field; full: side of the square with 95 % of the influence");
  const chart = make("figure", { class: "chart" }, title, svgBars);
  const go = (layer) => view.set({ layer: Math.max(1, Math.min(top(view.values()), layer)) });
  arrows(svgBars, (down, right_) => go(view.values().layer + right_ - down));
  svgBars.addEventListener("pointerdown", (event) => {
    const layer = event.target.dataset.layer;
    if (layer) go(Number(layer));
  });
  return view.close;
}

export default { render };
