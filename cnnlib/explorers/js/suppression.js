// Non-maximum suppression, one kept box after the other.
import { change, counted, make } from "./dom.js";
import { form } from "./form.js";
import { menu, play, slider, tick } from "./controls.js";
import { suppress } from "./boxes.js";
import { colourOf, frame, nameTags, scenePicture } from "./scene.js";

const NAMES = ["scenes", "classes", "size", "scene", "min_score", "max_overlap", "by_class", "step"];
const ROWS = 60; // of the list at most
const TAGS = 8;

/**
 * Everything that the picture shows: the boxes that score enough, best first, and what suppression does to each of them.
 * @param {any} values
 */
export function suppressed({ scenes, scene, min_score, max_overlap, by_class }) {
  const { boxes, scores, labels } = scenes[scene];
  const enough = scores.map((_, index) => index).filter((index) => scores[index] >= min_score / 100);
  const pick = (list) => enough.map((index) => list[index]);
  const [some, their, classes] = [pick(boxes), pick(scores), pick(labels)];
  const steps = suppress(some, their, classes, max_overlap / 100, by_class);
  const fate = Array(some.length);
  steps.forEach(({ kept, dropped }, number) => {
    fate[kept] = { step: number, kept: true };
    for (const { index, iou } of dropped) fate[index] = { step: number, kept: false, iou, by: kept };
  });
  const order = their.map((_, index) => index).sort((a, b) => their[b] - their[a] || a - b);
  return { boxes: some, scores: their, labels: classes, steps, fate, order };
}

/** Entry point for anywidget. @param {{ model: import("./form.js").Model, el: HTMLElement }} place */
function render({ model, el }) {
  let peek = -1; // the box whose row of the list is under the pointer
  const draw = (values, width) => {
    const seen = suppressed(values);
    const { boxes, scores, labels, steps, fate, order } = seen;
    const step = Math.min(values.step, steps.length);
    const current = steps[step - 1];
    const beside = width >= 640;
    const side = beside ? Math.min(430, Math.floor(width * 0.43)) : width;
    const scale = side / values.size;
    const rank = new Map(order.map((index, place) => [index, place + 1]));
    const gone = (index) => !fate[index].kept && fate[index].step < step - 1;
    const kept = (index) => fate[index].kept && fate[index].step < step;
    const falling = new Set(current?.dropped.map(({ index }) => index));

    const look = (index) => {
      if (index === peek) return { width: 5 };
      if (kept(index)) return { width: 3.5 };
      if (falling.has(index)) return { width: 1.8, dash: "6 5" };
      return { width: 1.4, opacity: 0.8 };
    };
    const weight = (index) => (kept(index) ? 2 : falling.has(index) ? 1 : 0) + (index === peek ? 3 : 0);
    const visible = order.filter((index) => !gone(index) || index === peek).sort((a, b) => weight(a) - weight(b));
    const named = order.filter(kept).slice(0, TAGS);
    const tags = named.map((index) => ({ box: boxes[index], text: `${rank.get(index)}: ${values.classes[labels[index]]}`, colour: colourOf(labels[index]) }));
    const frames = visible.map((index) => frame(boxes[index], { scale, colour: colourOf(labels[index]), ...look(index) }));
    picture.update(values.scenes[values.scene].image, side, [...frames, ...nameTags(tags, scale, side)]);

    const state = (index) => {
      const { step: at, kept, iou, by } = fate[index];
      if (at >= step) return ["", "waiting"];
      return kept ? ["kept", "kept"] : [`dropped (${iou.toFixed(2)} with ${rank.get(by)})`, at === step - 1 ? "falling" : "gone"];
    };
    const cells = (index) => [rank.get(index), values.classes[labels[index]], scores[index].toFixed(2), state(index)[0]];
    body.replaceChildren(
      ...order.slice(0, ROWS).map((index) => {
        const row = make("tr", { class: state(index)[1], "data-index": index, style: `--colour: ${colourOf(labels[index])}` });
        row.append(...cells(index).map((text) => make("td", {}, String(text))));
        return row;
      }),
    );
    more.textContent = order.length > ROWS ? `and ${order.length - ROWS} more of lower scores` : "";
    change(list, { style: beside ? `height: ${side}px` : "height: 260px" });
    if (!list.isConnected) view.stage.replaceChildren(panel);
    if (current && current.kept !== shownLast) {
      const row = body.querySelector(`[data-index="${current.kept}"]`);
      if (row) list.scrollTop = row.offsetTop - 60;
      else list.scrollTop = list.scrollHeight;
    }
    if (!current) list.scrollTop = 0;
    shownLast = current ? current.kept : -1;

    const total = counted(boxes.length, "box scores", "boxes score");
    const bound = `${total} at least ${(values.min_score / 100).toFixed(2)}`;
    if (!current) return boxes.length ? `${bound}, best first. Press play, or move the step.` : `No ${bound.slice(2)}.`;
    const name = `box ${rank.get(current.kept)} (${values.classes[labels[current.kept]]}, ${scores[current.kept].toFixed(2)})`;
    const fallen = `drops ${counted(current.dropped.length, "box", "boxes")} with an IoU above ${(values.max_overlap / 100).toFixed(2)}`;
    const left = boxes.length - order.filter((index) => fate[index].step < step).length;
    const rest = left ? `${counted(left, "box is left", "boxes are left")}.` : `Of ${counted(boxes.length, "box", "boxes")}, ${steps.length} are kept.`;
    return `Step ${step} of ${steps.length}: ${name} is kept and ${fallen}. ${rest}`;
  };

  let shownLast = -1;
  const view = form({ model, el }, { label: "Explorer: non-maximum suppression, step by step", names: NAMES, draw });
  const steps = (values) => suppressed(values).steps.length;
  const share = (value) => (value / 100).toFixed(2);
  view.controls.append(
    menu(view, "scene", {
      label: "scene",
      options: ({ scenes }) => scenes.map((_, number) => [number, `scene ${number + 1}`]),
      choose: (number) => view.set({ scene: Number(number), step: 0 }),
    }),
    slider(view, "min_score", { label: "min score", min: 30, max: 95, show: share }),
    slider(view, "max_overlap", { label: "max IoU", min: 0, max: 100, show: share }),
    tick(view, "by_class", "each class on its own"),
    make(
      "div",
      { class: "player" },
      play(view, "step", { first: 0, max: steps, pause: 900 }),
      slider(view, "step", { label: "step", min: 0, max: steps, show: (value, values) => `${value} of ${steps(values)}` }),
    ),
  );
  const picture = scenePicture({ role: "img", "aria-label": "the scene with its boxes" });
  const head = make("tr", {}, ...["rank", "class", "score", "result (IoU)"].map((text) => make("th", { scope: "col" }, text)));
  const body = make("tbody");
  const more = make("p", { class: "title" });
  const list = make("div", { class: "list", tabindex: 0, role: "group", "aria-label": "the boxes, best first" });
  list.append(make("table", {}, make("thead", {}, head), body), more);
  const panel = make("div", { class: "panel" }, picture.element, list);
  const point = (index) => {
    if (peek === index) return;
    peek = index;
    view.redraw();
  };
  body.addEventListener("pointerover", (event) => point(Number(event.target.closest("tr").dataset.index)));
  body.addEventListener("pointerleave", () => point(-1));
  return view.close;
}

export default { render };
