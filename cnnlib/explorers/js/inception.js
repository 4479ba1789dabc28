// Channels moved between the four branches of an Inception block, under a budget of weights.
import { make } from "./dom.js";
import { form } from "./form.js";
import { slider } from "./controls.js";
import { barChart, grouped, stackedBars } from "./charts.js";

const [C_IN, SIDE] = [192, 28]; // what inception_3a is given
const NAMES = ["c1", "c3_reduce", "c3", "c5_reduce", "c5", "c_pool", "budget"];

/** Count the weights of each branch, in 1x1 filters and in larger ones, and its channels. @param {Record<string, number>} values */
export function branches({ c1, c3_reduce, c3, c5_reduce, c5, c_pool }) {
  return [
    { name: "1×1", small: C_IN * c1, large: 0, channels: c1 },
    { name: "1×1, 3×3", small: c3 ? C_IN * c3_reduce : 0, large: 9 * c3_reduce * c3, channels: c3 },
    { name: "1×1, 5×5", small: c5 ? C_IN * c5_reduce : 0, large: 25 * c5_reduce * c5, channels: c5 },
    { name: "pool, 1×1", small: C_IN * c_pool, large: 0, channels: c_pool },
  ];
}

/** Entry point for anywidget. @param {{ model: import("./form.js").Model, el: HTMLElement }} place */
function render({ model, el }) {
  const draw = (values) => {
    const found = branches(values);
    const sum = (name) => found.reduce((total, branch) => total + branch[name], 0);
    const all = [...found, { name: "all four", small: sum("small"), large: sum("large"), channels: sum("channels") }];
    const [total, budget, out] = [sum("small") + sum("large"), 1000 * values.budget, sum("channels")];
    const weights = all.map(({ name, small, large }) => ({ name, parts: [[small, "second"], [large, "first"]], text: grouped(small + large) }));
    const channels = all.map(({ name, channels: count }) => ({ name, parts: [[count, "third"]], text: String(count) }));
    costs.update("weights; the line is the budget", stackedBars(/** @type {any} */ (weights), Math.max(total, budget) * 1.02, budget));
    outputs.update("output channels", stackedBars(/** @type {any} */ (channels), Math.max(256, out)));
    if (!panel.isConnected) view.stage.replaceChildren(panel);
    const left = budget - total;
    const rest = left < 0 ? `${grouped(-left)} more than the budget` : `${grouped(left)} of the budget are left`;
    const macs = ((total * SIDE ** 2) / 1e6).toFixed(1);
    return `${grouped(total)} weights, ${rest}. The block turns ${C_IN} channels into ${out} and needs ${macs} million multiply-adds at ${SIDE}×${SIDE}.`;
  };
  const view = form({ model, el }, { label: "Explorer: the branches of an Inception block", names: NAMES, draw });
  const costs = barChart([["second", "in 1×1 filters"], ["first", "in 3×3 and 5×5 filters"]]);
  const outputs = barChart();
  const panel = make("div", { class: "panel charts" }, costs.element, outputs.element);
  const sliders = { c1: "1×1", c3_reduce: "3×3 reduce", c3: "3×3", c5_reduce: "5×5 reduce", c5: "5×5", c_pool: "pool" };
  view.controls.append(
    ...Object.entries(sliders).map(([name, label]) => slider(view, name, { label, min: name.endsWith("reduce") ? 1 : 0, max: name.endsWith("reduce") ? 192 : 256 })),
    slider(view, "budget", { label: "budget, thousands", min: 50, max: 500 }),
  );
  return view.close;
}

export default { render };
