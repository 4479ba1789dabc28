// Depth against training loss and against the gradients before training, plain and residual.
import { change, make } from "./dom.js";
import { form } from "./form.js";
import { menu, slider } from "./controls.js";
import { key } from "./charts.js";

const NAMES = ["depths", "losses", "gradients", "blocks", "start"];
const FEWEST = 2; // blocks
const STYLES = { plain: "second", residual: "first" };

/** The gradients at the input of each block of both networks. @param {any} values */
export function arriving({ gradients, blocks, start }) {
  return Object.fromEntries(Object.keys(STYLES).map((kind) => [kind, gradients[start][kind][blocks - FEWEST]]));
}

/**
 * Draw a chart with both kinds of network.
 * @param {Element} svg
 * @param {{ width: number, x: number[], y: number[], log: boolean, ticks: number[], across: number[],
 *   curves: Record<string, number[][]>, marked: { x?: number, y?: number } }} chart
 */
function plot(svg, { width, x, y, log, ticks, across, curves, marked }) {
  const [left, height, base] = [48, 236, 206];
  const scaled = (value) => (log ? Math.log10(value) : value);
  const at = (value) => left + ((value - x[0]) / (x[1] - x[0])) * (width - left - 12);
  const up = (value) => base - ((scaled(value) - scaled(y[0])) / (scaled(y[1]) - scaled(y[0]))) * (base - 12);
  const written = (value) => (log && (value > 999 || value < 0.01) ? `1e${Math.round(Math.log10(value))}` : String(value));
  const grid = ticks.flatMap((value) => [
    make("line", { x1: left, x2: width - 12, y1: up(value), y2: up(value), class: "axis" }),
    make("text", { x: left - 8, y: up(value), class: "number end" }, written(value)),
  ]);
  const steps = across.map((value) => make("text", { x: at(value), y: base + 18, class: "number" }, String(value)));
  const line = marked.x === undefined ? { x1: left, x2: width - 12, y1: up(marked.y), y2: up(marked.y) } : { x1: at(marked.x), x2: at(marked.x), y1: 12, y2: base };
  const drawn = Object.entries(curves).flatMap(([kind, points]) => {
    const places = points.map(([a, b]) => [at(a), Math.min(base, up(b))]);
    const dots = places.map(([a, b]) => (kind === "plain" ? make("rect", { x: a - 4, y: b - 4, width: 8, height: 8 }) : make("circle", { cx: a, cy: b, r: 4.5 })));
    return [make("g", { class: "curve", style: `--colour: var(--${STYLES[kind]})` }, make("path", { d: `M${places.join("L")}` }), ...dots)];
  });
  change(svg, { width, height });
  svg.replaceChildren(...grid, make("line", { ...line, class: "marked" }), ...drawn, ...steps);
}

/** Entry point for anywidget. @param {{ model: import("./form.js").Model, el: HTMLElement }} place */
function render({ model, el }) {
  const draw = (values, room) => {
    const { depths, losses, blocks, start } = values;
    const width = Math.min(520, room >= 640 ? Math.floor((room - 36) / 2) : room);
    const found = arriving(values);
    const layers = 2 * blocks + 2;
    const byDepth = Object.fromEntries(Object.keys(STYLES).map((kind) => [kind, depths.map((depth, n) => [depth, losses[kind][n]])]));
    plot(left, { width, x: [4, 34], y: [0, 2.5], log: false, ticks: [0, 0.5, 1, 1.5, 2, 2.5], across: depths, curves: byDepth, marked: { x: layers } });
    const lowest = 10 ** Math.min(-1, Math.floor(Math.log10(Math.min(...found.plain, ...found.residual))));
    const powers = Math.round(3 - Math.log10(lowest));
    const ticks = Array.from({ length: powers + 1 }, (_, n) => lowest * 10 ** n).filter((_, n) => powers < 7 || n % 4 === powers % 4);
    const byBlock = Object.fromEntries(Object.entries(found).map(([kind, sizes]) => [kind, sizes.map((size, n) => [n + 1, size])]));
    const across = Array.from({ length: blocks }, (_, n) => n + 1).filter((n) => n % 2 || blocks < 8);
    plot(right, { width, x: [0.6, blocks + 0.4], y: [lowest, 1000], log: true, ticks, across, curves: byBlock, marked: { y: 1 } });
    if (!figures.isConnected) view.stage.replaceChildren(figures);
    const size = (kind) => `${found[kind][0].toPrecision(2)} times as large in the ${kind} network`;
    const sizes = `${size("plain")} and ${size("residual")} as after the last block`;
    return `${layers} layers, ${start}: before training, the gradient at the input of the first block is ${sizes}.`;
  };
  const view = form({ model, el }, { label: "Explorer: depth, training loss and gradients", names: NAMES, draw });
  const [left, right] = ["training loss by depth", "gradient by block"].map((label) => make("svg", { class: "plot", role: "img", "aria-label": label }));
  const keys = () => make("p", { class: "title" }, key(STYLES.plain, "plain (squares)"), key(STYLES.residual, "residual (discs)"));
  const figure = (title, chart, below) => make("figure", {}, make("p", { class: "title" }, title), chart, make("p", { class: "title" }, below), keys());
  const figures = make(
    "div",
    { class: "figures" },
    figure("training loss after three epochs, always with batch norm", left, "layers"),
    figure("gradient at a block's input, as a multiple of that after the last", right, "block (1 is nearest to the image)"),
  );
  view.controls.append(
    slider(view, "blocks", { label: "blocks", min: FEWEST, max: 15, show: (value) => `${value} (${2 * value + 2} layers)` }),
    menu(view, "start", { label: "normalisation and initialisation", options: ({ gradients }) => Object.keys(gradients).map((name) => [name, name]) }),
  );
  return view.close;
}

export default { render };
