// Anchors at every cell of a scene's map: which are positive, which are background, and which are left out.
import { counted, make } from "./dom.js";
import { arrows, form } from "./form.js";
import { menu, slider } from "./controls.js";
import { iou } from "./boxes.js";
import { pointed } from "./grids.js";
import { movable } from "./objects.js";
import { colourOf, frame, scenePicture } from "./scene.js";

const NAMES = ["scenes", "classes", "size", "scene", "sizes", "positive", "negative", "cell"];
const STRIDE = 4;
const [BACKGROUND, LEFT_OUT] = [-1, -2];

/** Place a square of each size at the centre of each cell, row by row. @param {number} size of the scene @param {number[]} sizes */
export function anchors(size, sizes) {
  const cells = size / STRIDE;
  const centre = (n) => (n + 0.5) * STRIDE;
  return Array.from({ length: cells * cells * sizes.length }, (_, n) => {
    const [cell, half] = [Math.floor(n / sizes.length), sizes[n % sizes.length] / 2];
    const [x, y] = [centre(cell % cells), centre(Math.floor(cell / cells))];
    return [x - half, y - half, x + half, y + half];
  });
}

/**
 * Assign each anchor an object, BACKGROUND or LEFT_OUT. The best anchor of an object is positive, whatever its IoU.
 * @param {number[][]} laid anchors @param {number[][]} boxes of the objects @param {number} positive @param {number} negative
 * @returns {{ match: number, best: number }[]} the object or its stand-in, and the largest IoU
 */
export function assign(laid, boxes, positive, negative) {
  // rounded to single precision, as torch computes an IoU before it is compared
  const overlaps = laid.map((anchor) => boxes.map((box) => Math.fround(iou(/** @type {any} */ (anchor), /** @type {any} */ (box)))));
  const highest = boxes.map((_, object) => Math.max(...overlaps.map((row) => row[object])));
  const [least, most] = [Math.fround(negative), Math.fround(positive)];
  return overlaps.map((row) => {
    const best = Math.max(0, ...row);
    const isBest = row.some((overlap, object) => overlap > 0 && overlap === highest[object]);
    const match = best >= most || isBest ? row.indexOf(best) : best >= least ? LEFT_OUT : BACKGROUND;
    return { match, best };
  });
}

/** Entry point for anywidget. @param {{ model: import("./form.js").Model, el: HTMLElement }} place */
function render({ model, el }) {
  let peek = /** @type {number[] | null} */ (null); // the cell under the pointer

  const draw = (values, width) => {
    const { size, sizes, scene, scenes, classes } = values;
    const { image, labels } = scenes[scene];
    const boxes = objects.boxes(values);
    const laid = anchors(size, sizes);
    const found = assign(laid, boxes, values.positive / 100, Math.min(values.negative, values.positive) / 100);
    const side = Math.min(420, width >= 460 ? Math.floor((width - 40) / 2) : width);
    const [cells, scale] = [size / STRIDE, side / size];
    const step = side / cells;
    const [row, column] = peek ?? values.cell;
    const first = (row * cells + column) * sizes.length;
    const own = sizes.map((_, n) => first + n);

    const positives = found.flatMap(({ match }, n) => (match >= 0 ? [frame(laid[n], { scale, colour: colourOf(labels[match]), width: 1.5 })] : []));
    const dashed = boxes.map((box) => frame(box, { scale, colour: "#1f2933", width: 2, dash: "6 4" }));
    const chosen = own.map((n) => frame(laid[n], { scale, colour: "#1f2933", width: 1.2, dash: "2 3" }));
    left.update(image, side, [...positives, ...dashed, ...chosen]);
    objects.update(values, scale);

    const place = (i, j) => ({ cx: (j + 0.5) * step, cy: (i + 0.5) * step });
    const marks = Array.from({ length: cells * cells }, (_, cell) => {
      const matches = sizes.map((_, n) => found[cell * sizes.length + n].match);
      const [i, j] = [Math.floor(cell / cells), cell % cells];
      const kind = Math.max(...matches) >= 0 ? "positive" : matches.includes(LEFT_OUT) ? "left-out" : "background";
      const label = kind === "positive" ? labels[Math.max(...matches)] : 0;
      const radius = { positive: step * 0.32, "left-out": step * 0.26, background: 1.8 }[kind];
      const target = { x: j * step, y: i * step, width: step, height: step, class: "reach", "data-grid": "map", "data-row": i, "data-column": j };
      return [make("circle", { ...place(i, j), r: radius, class: kind, style: `--colour: ${colourOf(label)}` }), make("rect", target)];
    });
    right.update(image, side, [...marks.flat(), make("rect", { x: column * step, y: row * step, width: step, height: step, class: "selected" })]);
    if (!figures.isConnected) view.stage.replaceChildren(figures);

    const total = (match) => found.filter((one) => one.match === match).length;
    const each = labels.map((label, object) => `${classes[label]} ${total(object)}`).join(", ");
    const [out, ground] = [total(LEFT_OUT), total(BACKGROUND)];
    const counts = `Of ${laid.length} anchors ${laid.length - ground - out} are positive (${each}), ${out} are left out, ${ground} are background.`;
    const said = (n) => `${sizes[n - first]} pixels: ${found[n].best.toFixed(2)}`;
    return `${counts} Best IoU of the ${counted(sizes.length, "anchor")} at row ${row}, column ${column}: ${own.map(said).join(", ")}.`;
  };

  const view = form({ model, el }, { label: "Explorer: how anchors are matched", names: NAMES, draw });
  const objects = movable(view, (box) => view.set({ cell: [box[1] + box[3], box[0] + box[2]].map((sum) => Math.floor(sum / 2 / STRIDE)) }));
  const share = (value) => (value / 100).toFixed(2);
  view.controls.append(
    menu(view, "scene", {
      label: "scene",
      options: ({ scenes }) => scenes.map((_, number) => [number, `scene ${number + 1}`]),
      choose: (number) => view.set({ scene: Number(number) }),
    }),
    ...["small", "middle", "large"].map((label, part) => slider(view, "sizes", { label: `${label} anchor`, min: 8, max: 40, part, show: (value) => `${value} px` })),
    slider(view, "positive", { label: "positive from IoU", min: 30, max: 95, step: 5, show: share }),
    slider(view, "negative", { label: "background below", min: 5, max: ({ positive }) => positive, step: 5, show: share }),
    make("p", { class: "invitation" }, "Drag an object, or point at a cell of the map."),
  );
  const left = scenePicture({ class: "scene pale" });
  left.element.append(objects.element);
  const right = scenePicture({ class: "scene pale matches", role: "group", "aria-label": "the map: arrow keys move from cell to cell" });
  const figure = (title, picture) => make("figure", {}, make("p", { class: "title" }, title), picture.element);
  const pictures = [figure("positive anchors, and the objects (dashed)", left), figure("cells: ● positive, ○ left out, · background", right)];
  const figures = make("div", { class: "figures" }, ...pictures);
  const go = (row, column) => {
    const inside = (place) => Math.max(0, Math.min(view.values().size / STRIDE - 1, place));
    peek = null;
    view.set({ cell: [inside(row), inside(column)] });
  };
  arrows(right.element, (down, across) => go(view.values().cell[0] + down, view.values().cell[1] + across));
  pointed(right.element, (cell) => {
    if (cell?.pressed) return go(cell.row, cell.column);
    peek = cell && [cell.row, cell.column];
    view.redraw();
  });
  return view.close;
}

export default { render };
