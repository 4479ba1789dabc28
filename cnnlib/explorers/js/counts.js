// The weights of one 3x3 layer, and those of a bottleneck that leads from as many channels to as many.
import { form } from "./form.js";
import { slider } from "./controls.js";
import { barChart, grouped, stackedBars } from "./charts.js";

/** Count the weights: [3x3], then [1x1, 3x3, 1x1] of the bottleneck. @param {{ channels: number, narrow: number }} values */
export function weights({ channels, narrow }) {
  return { plain: [9 * channels ** 2], bottleneck: [channels * narrow, 9 * narrow ** 2, narrow * channels] };
}

/** Entry point for anywidget. @param {{ model: import("./form.js").Model, el: HTMLElement }} place */
function render({ model, el }) {
  const draw = (values) => {
    const { plain, bottleneck } = weights(values);
    const total = bottleneck[0] + bottleneck[1] + bottleneck[2];
    const rows = [
      { name: "one 3×3 layer", parts: [[plain[0], "first"]], text: grouped(plain[0]) },
      { name: "1×1, 3×3, 1×1", parts: bottleneck.map((count, n) => [count, n === 1 ? "first" : "second"]), text: grouped(total) },
    ];
    const { channels, narrow } = values;
    chart.update(`weights from ${channels} channels to ${channels}`, stackedBars(/** @type {any} */ (rows), Math.max(plain[0], total)));
    if (!chart.element.isConnected) view.stage.replaceChildren(chart.element);
    const times = total < plain[0] ? `${(plain[0] / total).toFixed(2)} times fewer` : `${(total / plain[0]).toFixed(2)} times as many`;
    const sum = bottleneck.map(grouped).join(" + ");
    return `One 3×3 layer has ${grouped(plain[0])} weights, the bottleneck with ${narrow} channels inside has ${sum} = ${grouped(total)}: ${times}.`;
  };
  const view = form({ model, el }, { label: "Explorer: the weights of a bottleneck", names: ["channels", "narrow"], draw });
  const chart = barChart([["first", "in 3×3 filters"], ["second", "in 1×1 filters"]]);
  view.controls.append(
    slider(view, "channels", { label: "channels in and out", min: 32, max: 512, step: 8 }),
    slider(view, "narrow", { label: "channels inside the bottleneck", min: 8, max: 512, step: 8 }),
  );
  return view.close;
}

export default { render };
