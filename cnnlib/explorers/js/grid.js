// What every cell of YOLO's grid should predict, or what a trained network predicts there.
import { change, counted, make } from "./dom.js";
import { arrows, form } from "./form.js";
import { menu, slider } from "./controls.js";
import { pointed } from "./grids.js";
import { movable } from "./objects.js";
import { colourOf, frame, scenePicture } from "./scene.js";
import { readAll, target } from "./yolo.js";

const NAMES = ["scenes", "classes", "size", "per_cell", "predictions", "scene", "cells", "cell", "min_score"];

/**
 * Everything that the picture shows: the cells, read from a network's prediction or from the target of the scene.
 * @param {any} values @param {number[][]} [boxes] boxes of the scene that the reader moved
 */
export function cellsOf(values, boxes) {
  const { scenes, classes, size, scene, cells, predictions } = values;
  const trained = predictions.length > 0;
  const length = classes.length + 5 * (trained ? values.per_cell : 1);
  const { boxes: given, labels } = scenes[scene];
  const rows = trained
    ? Array.from({ length: cells * cells }, (_, n) => predictions[scene].slice(n * length, (n + 1) * length))
    : target(boxes ?? given, labels, cells, size, classes.length);
  return { trained, grid: readAll(rows, { cells, size, perCell: trained ? values.per_cell : 1 }) };
}

/** List the boxes that score enough, cut off at the border of the image. @param {any[]} grid @param {number} min @param {number} size */
export function likely(grid, min, size) {
  const inside = (edge) => Math.max(0, Math.min(size, edge));
  return grid.flatMap(({ boxes, label }) =>
    boxes.filter(({ score }) => score >= min).map(({ box, score }) => ({ box: box.map(inside), score, label })),
  );
}

/** Entry point for anywidget. @param {{ model: import("./form.js").Model, el: HTMLElement }} place */
function render({ model, el }) {
  let peek = /** @type {number[] | null} */ (null); // the cell under the pointer
  const trained = model.get("predictions").length > 0;

  const draw = (values, width) => {
    const { cells, size, classes } = values;
    const { grid } = cellsOf(values, objects.boxes(values));
    const [row, column] = (peek ?? values.cell).map((place) => Math.min(place, cells - 1));
    const cell = grid[row * cells + column];
    const [gap, columns] = [width >= 760 ? 28 : 14, width >= 640 ? 3 : width >= 520 ? 2 : 1];
    const side = Math.min(340, Math.floor(columns === 3 ? (width - 2 * gap - 226) / 2 : columns === 2 ? (width - gap) / 2 : width));
    const scale = side / size;
    change(figures, { style: `gap: 14px ${gap}px` });

    const narrow = columns > 1 ? side : Math.min(side, 248); // the map, where it is below the scene
    const [step, small] = [side / cells, narrow / cells];
    const found = trained ? likely(grid, values.min_score / 100, size) : [];
    const { labels } = values.scenes[values.scene];
    const there = trained ? [] : objects.boxes(values).map((box, n) => ({ box, label: labels[n] }));
    const thin = [
      ...there.map(({ box, label }) => frame(box, { scale, colour: colourOf(label), width: 1.5, dash: "5 4" })),
      ...found.map(({ box, label }) => frame(box, { scale, colour: colourOf(label), width: 1.5 })),
    ];
    const own = cell.boxes.filter(({ w, h }) => w > 0 && h > 0);
    const strong = own.flatMap(({ box, centre, confidence }) => [
      frame(box, { scale, colour: colourOf(cell.label), width: 1.5 + 2.5 * confidence }),
      make("circle", { cx: centre[0] * scale, cy: centre[1] * scale, r: 5, fill: colourOf(cell.label), stroke: "white", "stroke-width": 2 }),
    ]);
    if (key !== [cells, side, narrow].join()) build(cells, step, small);
    key = [cells, side, narrow].join();
    scene.update(values.scenes[values.scene].image, side, [...thin, square(row, column, step, { class: "selected pale" }), ...strong]);
    if (!trained) objects.update(values, scale);

    grid.forEach(({ best, label }, n) => {
      const fill = `color-mix(in srgb, ${colourOf(label)} ${Math.round(best * 80)}%, var(--cell))`;
      change(painted[n].rect, { style: `fill: ${fill}` });
      painted[n].text.textContent = small >= 26 && best >= 0.1 ? best.toFixed(1) : "";
    });
    change(chosen, { x: column * small, y: row * small, width: small, height: small });
    change(map, { width: narrow, height: narrow });
    numbersOf(cell, classes, values);
    if (!figures.isConnected) view.stage.replaceChildren(figures);

    const responsible = grid.filter(({ best }) => best > 0.5).length;
    const place = `Row ${row}, column ${column} of ${cells}×${cells}: `;
    const empty = !trained && !cell.boxes[0].confidence;
    const expected = empty ? "no object is centred here, so the confidence should be 0." : `this cell should predict “${classes[cell.label]}” with confidence 1.`;
    const what = trained ? `the most likely class is “${classes[cell.label]}”, and the best score is ${cell.best.toFixed(2)}.` : expected;
    const all = trained
      ? ` ${counted(found.length, "box scores", "boxes score")} at least ${(values.min_score / 100).toFixed(2)} before suppression.`
      : ` ${counted(responsible, "cell is", "cells are")} responsible for ${counted(there.length, "object")}.`;
    const lost = there.length - responsible;
    const rest = !trained && lost ? ` ${counted(lost, "object is", "objects are")} lost, because another centre is in the same cell.` : "";
    return place + what + all + rest;
  };

  let key = "";
  let painted = /** @type {{ rect: Element, text: Element }[]} */ ([]);
  const square = (i, j, pixels, rest) => make("rect", { x: j * pixels, y: i * pixels, width: pixels, height: pixels, ...rest });
  /** Make what stays as long as the number of cells and the width do: the targets of the pointer, the map's cells. */
  const build = (cells, step, small) => {
    const places = Array.from({ length: cells * cells }, (_, n) => [Math.floor(n / cells), n % cells]);
    const cell = (i, j, pixels, name) => square(i, j, pixels, { class: `target of-${name}`, "data-grid": name, "data-row": i, "data-column": j });
    under.replaceChildren(...places.map(([i, j]) => cell(i, j, step, "scene")));
    painted = places.map(([i, j]) => ({
      rect: cell(i, j, small, "map"),
      text: make("text", { x: (j + 0.5) * small, y: (i + 0.5) * small, class: "number small" }),
    }));
    map.replaceChildren(...painted.flatMap(({ rect, text }) => [rect, text]), chosen);
  };
  const numbersOf = (cell, classes, values) => {
    const names = ["x", "y", "w", "h", "confidence"];
    const head = make("tr", {}, make("td", {}), ...cell.boxes.map((_, b) => make("th", { scope: "col" }, cell.boxes.length > 1 ? `box ${b + 1}` : "box")));
    const lines = names.map((name) =>
      make("tr", {}, make("th", { scope: "row" }, name), ...cell.boxes.map((box) => make("td", {}, box[name].toFixed(2)))),
    );
    table.replaceChildren(head, ...lines);
    bars.replaceChildren(
      ...cell.probabilities.map((probability, k) =>
        make(
          "div",
          { class: "bar", style: `--colour: ${colourOf(k)}; --share: ${100 * probability}%` },
          make("span", {}, classes[k]),
          make("i"),
          make("b", {}, probability.toFixed(2)),
        ),
      ),
    );
  };

  const view = form({ model, el }, { label: "Explorer: YOLO's grid, cell by cell", names: NAMES, draw });
  view.controls.append(
    menu(view, "scene", {
      label: "scene",
      options: ({ scenes }) => scenes.map((_, number) => [number, `scene ${number + 1}`]),
      choose: (number) => view.set({ scene: Number(number) }),
    }),
    trained
      ? slider(view, "min_score", { label: "min score", min: 5, max: 95, show: (value) => (value / 100).toFixed(2) })
      : slider(view, "cells", { label: "cells per side", min: 1, max: 16 }),
    make("p", { class: "invitation" }, trained ? "Point at a cell, or use the arrow keys." : "Point at a cell, or drag an object's box over the grid."),
  );
  const scene = scenePicture({ class: "scene cells", role: "group", "aria-label": "the scene: arrow keys move from cell to cell" });
  const under = make("g");
  const objects = movable(view, (box) => {
    const { cells, size } = view.values();
    const at = (low, high) => Math.min(cells - 1, Math.floor((((low + high) / 2) * cells) / size));
    peek = null;
    view.set({ cell: [at(box[1], box[3]), at(box[0], box[2])] });
  });
  scene.element.children[0].after(under); // below the frames
  scene.element.append(objects.element);
  const chosen = make("rect", { class: "selected" });
  const map = make("svg", { class: "cells" });
  const table = make("table", { class: "five" });
  const bars = make("div", { class: "bars" });
  const figure = (title, ...parts) => make("figure", {}, make("p", { class: "title" }, title), ...parts);
  const figures = make(
    "div",
    { class: "figures" },
    figure("the scene in cells", scene.element),
    figure("best class and score per cell", map),
    make("div", { class: "numbers-of-cell" }, make("p", { class: "title" }, "the numbers of the framed cell"), table, bars),
  );
  const go = (row, column) => {
    const inside = (place) => Math.max(0, Math.min(view.values().cells - 1, place));
    peek = null;
    view.set({ cell: [inside(row), inside(column)] });
  };
  for (const element of [scene.element, map]) {
    arrows(element, (down, right, event) => event.target === element && go(view.values().cell[0] + down, view.values().cell[1] + right));
  }
  pointed(view.stage, (cell) => {
    if (cell?.pressed) return go(cell.row, cell.column);
    peek = cell && [cell.row, cell.column];
    view.redraw();
  });
  return view.close;
}

export default { render };
