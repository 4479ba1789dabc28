// The channels, parameters and stored numbers of a DenseNet for CIFAR, by growth rate, depth and kind.
import { change, make } from "./dom.js";
import { form } from "./form.js";
import { menu, slider } from "./controls.js";
import { barChart, grouped, stackedBars } from "./charts.js";

const NAMES = ["growth", "layers", "kind"];
const SIDES = [32, 16, 8]; // of the maps of each block
const RESNET_110 = { parameters: 1727962, stored: 2108384 }; // stored: numbers per image, counted as `stored` does
const COLOURS = ["first", "second", "third"];

/** List what each layer of each block reads; the last number of a block is its output. @param {any} values */
export function walk({ growth, layers, kind }) {
  let reads = kind === "bc" ? 2 * growth : 16;
  return SIDES.map(() => {
    const block = Array.from({ length: layers + 1 }, (_, n) => reads + n * growth);
    reads = kind === "bc" ? Math.floor(block[layers] / 2) : block[layers];
    return block;
  });
}

/** Count the parameters of the network for ten classes. @param {any} values */
export function parameters(values) {
  const { growth, layers, kind } = values;
  const [blocks, wide] = [walk(values), 4 * growth];
  const layer = (c) => 2 * c + (kind === "bc" ? c * wide + 2 * wide + 9 * wide * growth : 9 * c * growth);
  let total = 27 * blocks[0][0] + 12 * blocks[2][layers] + 10; // the first convolution; the last batch norm and layer
  for (const block of blocks) for (const c of block.slice(0, layers)) total += layer(c);
  for (const n of [0, 1]) total += blocks[n][layers] * (2 + blocks[n + 1][0]); // the transitions
  return total;
}

/**
 * Count the numbers stored for the backward pass of one image, to within 1 %: each layer stores what it read, and that after
 * batch norm and ReLU. `again`: each map is stored once, and copies are made again when they are needed.
 * @param {any} values @param {boolean} again
 */
export function stored(values, again = false) {
  const { growth, layers, kind } = values;
  return walk(values).reduce((total, block, n) => {
    const inner = kind === "bc" ? layers * growth * (again ? 4 : 8) : 0;
    const transition = n === 2 ? 0 : kind === "bc" ? Math.floor(block[layers] / 2) : block[layers];
    const read = again ? block[layers] : 2 * block.reduce((sum, c) => sum + c, 0);
    return total + SIDES[n] ** 2 * (transition + inner + read);
  }, 3 * 32 * 32);
}

/** Entry point for anywidget. @param {{ model: import("./form.js").Model, el: HTMLElement }} place */
function render({ model, el }) {
  const draw = (values, width) => {
    const { growth, layers, kind } = values;
    const blocks = walk(values);
    const [wide, high] = [Math.min(width, 700), 150];
    const step = wide / (3 * layers + 2);
    const most = blocks[2][layers];
    const bars = blocks.flatMap((block, n) =>
      block.slice(0, layers).flatMap((c, layer) => {
        const [read, added] = [(c / most) * high, (growth / most) * high];
        const place = { x: (n * (layers + 1) + layer) * step, width: Math.max(1, step - 1) };
        const colour = `fill: var(--${COLOURS[n]})`;
        const onTop = make("rect", { ...place, y: high - read - added, height: added, class: "added" });
        return [make("rect", { ...place, y: high - read, height: read, style: colour }), onTop];
      }),
    );
    const labels = blocks.map((block, n) => make("text", { x: (n * (layers + 1) + layers / 2) * step, y: high + 18, class: "number" }, `block ${n + 1}`));
    change(svg, { width: wide, height: high + 28 });
    svg.replaceChildren(...bars, ...labels);
    const [count, copies, once] = [parameters(values), stored(values), stored(values, true)].map((total, n) => (n ? total * 4e-6 : total));
    const other = RESNET_110.stored * 4e-6;
    const row = (name, value, colour, text) => ({ name, parts: [[value, colour]], text });
    const megabytes = (value) => `${value.toFixed(1)}\u00a0MB`;
    const sizes = [row("this network", count, "first", grouped(count)), row("ResNet-110", RESNET_110.parameters, "second", grouped(RESNET_110.parameters))];
    const memory = Object.entries({ "this network": copies, recomputed: once, "ResNet-110": other }).map(([name, value], n) =>
      row(name, value, ["first", "third", "second"][n], megabytes(value)),
    );
    weights.update("parameters", stackedBars(/** @type {any} */ (sizes), Math.max(count, RESNET_110.parameters)));
    kept.update("stored for the backward pass, per image", stackedBars(/** @type {any} */ (memory), Math.max(copies, other)));
    if (!panel.isConnected) view.stage.replaceChildren(figure, panel);
    const depth = 3 * layers * (kind === "bc" ? 2 : 1) + 4;
    const reads = `its layers read ${blocks[0][0]} to ${blocks[2][layers - 1]} channels and add ${growth} each`;
    const sizes_ = `It has ${grouped(count)} parameters and stores ${megabytes(copies)} per image, ${megabytes(once)} if copies are recomputed.`;
    return `Depth L = ${depth}, growth rate k = ${growth}: ${reads}. ${sizes_}`;
  };
  const view = form({ model, el }, { label: "Explorer: the size and memory of a DenseNet", names: NAMES, draw });
  const svg = make("svg", { class: "channels", "aria-hidden": "true" });
  const figure = make("figure", {}, make("p", { class: "title" }, "channels that each layer reads (colour) and adds (on top)"), svg);
  const [weights, kept] = [barChart(), barChart()];
  const panel = make("div", { class: "panel charts" }, weights.element, kept.element);
  view.controls.append(
    menu(view, "kind", { label: "kind", options: [["plain", "3×3 alone"], ["bc", "bottleneck, halving (-BC)"]] }),
    slider(view, "growth", { label: "growth rate", min: 4, max: 40 }),
    slider(view, "layers", { label: "layers per block", min: 2, max: 32 }),
  );
  return view.close;
}

export default { render };
