// Drag and stretch two boxes, and read their intersection, their union and the IoU.
import { change, make, written } from "./dom.js";
import { form } from "./form.js";
import { area, dragBox, intersection, iou } from "./boxes.js";

const SCENE = { width: 96, height: 60, least: 2 };
const WIDEST = 760; // pixels of the scene

/** All numbers that are shown. @param {{ first: any, second: any }} values */
export function overlap({ first, second }) {
  const common = intersection(first, second);
  const shared = area(common);
  return { common, shared, union: area(first) + area(second) - shared, iou: iou(first, second) };
}

/** Entry point for anywidget. @param {{ model: import("./form.js").Model, el: HTMLElement }} place */
function render({ model, el }) {
  const draw = (values, width) => {
    const seen = overlap(values);
    const scale = Math.min(width, WIDEST) / SCENE.width;
    const [wide, high] = [SCENE.width * scale, SCENE.height * scale];
    change(svg, { width: wide, height: high });
    change(paper, { width: wide, height: high });
    const [x1, y1, x2, y2] = seen.common.map((edge) => edge * scale);
    change(common, { x: x1, y: y1, width: Math.max(0, x2 - x1), height: seen.shared ? y2 - y1 : 0 });
    boxes.forEach((box) => box.update(scale));
    names.forEach((name, n) => {
      const [left, top] = values[["first", "second"][n]];
      change(name, { x: left * scale + 12, y: top * scale + 22 });
    });
    share.style.width = `${100 * seen.iou}%`;
    bar.style.maxWidth = `${wide}px`;
    number.textContent = written(seen.iou, 2);
    if (!svg.isConnected) view.stage.replaceChildren(svg, bar);
    const [a, b] = [area(values.first), area(values.second)];
    const size = ([x1, y1, x2, y2]) => `${x2 - x1}×${y2 - y1}`;
    const union = `Union: ${a} + ${b} − ${seen.shared} = ${seen.union}`;
    const parts = `Box A has ${size(values.first)} = ${a} pixels, box B has ${size(values.second)} = ${b}. Intersection: ${seen.shared}.`;
    return `${parts} ${union}. IoU = ${seen.shared} / ${seen.union} = ${written(seen.iou, 2)}.`;
  };
  const view = form({ model, el }, { label: "Explorer: intersection over union of two boxes", names: ["first", "second"], draw });
  const paper = make("rect", { class: "paper", rx: 6 });
  const common = make("rect", { class: "common" });
  const boxes = ["first", "second"].map((name, n) =>
    dragBox({
      label: `box ${"AB"[n]}`,
      colour: `var(--${name})`,
      get: () => view.values()[name],
      set: (box) => view.set({ [name]: box }),
      scene: SCENE,
    }),
  );
  const names = ["A", "B"].map((letter, n) => make("text", { class: "letter", style: `fill: var(--${["first", "second"][n]})` }, letter));
  const svg = make("svg", {}, paper, common, ...boxes.map(({ element }) => element), ...names);
  const share = make("span", { class: "share" });
  const number = make("strong");
  const bar = make("div", { class: "quotient" });
  bar.append(make("p", { class: "title" }, "intersection over union (IoU): ", number), make("div", { class: "whole" }, share));
  view.controls.append(make("p", { class: "invitation" }, "Drag a box, or pull one of its corners."));
  return view.close;
}

export default { render };
