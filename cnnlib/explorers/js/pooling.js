// Drag a region over a map of stride 4; RoI pooling rounds it to whole cells, RoIAlign takes it as it is.
import { change, make } from "./dom.js";
import { form } from "./form.js";
import { slider } from "./controls.js";
import { dragBox } from "./boxes.js";
import { numberGrid } from "./grids.js";

const [STRIDE, SAMPLING] = [4, 2]; // pixels of the image per cell; points along each axis of a bin

/**
 * Find the cells of each bin of RoI pooling along one axis: [first, after] per bin. Both ends are rounded to cells, and both belong
 * to the region; bins extend from floor to ceil and are cut off at the map's border.
 * @param {number} low @param {number} high in pixels @param {number} bins @param {number} cells of the map
 */
export function poolBins(low, high, bins, cells) {
  const [first, last] = [low, high].map((pixel) => Math.floor(pixel / STRIDE + 0.5));
  const size = Math.max(1, last - first + 1);
  const edge = (n) => Math.min(cells, first + n);
  return Array.from({ length: bins }, (_, n) => [edge(Math.floor((n * size) / bins)), edge(Math.ceil(((n + 1) * size) / bins))]);
}

/** Place RoIAlign's points along one axis, in pixels. @param {number} low @param {number} high @param {number} bins */
export function alignPoints(low, high, bins) {
  const count = bins * SAMPLING;
  return Array.from({ length: count }, (_, n) => low + ((high - low) * (n + 0.5)) / count);
}

/** Interpolate a map at a point in pixels of the image. @param {number[][]} map @param {number} x @param {number} y */
export function interpolated(map, x, y) {
  const along = (pixel) => {
    const place = Math.max(0, Math.min(map.length - 1, pixel / STRIDE - 0.5)); // a cell's number belongs to its centre
    const low = Math.floor(place);
    return [low, Math.min(low + 1, map.length - 1), place - low];
  };
  const [[left, right, u], [top, bottom, v]] = [along(x), along(y)];
  const row = (i) => map[i][left] * (1 - u) + map[i][right] * u;
  return row(top) * (1 - v) + row(bottom) * v;
}

/** Pool a region in both ways. @param {{ map: number[][], region: number[], bins: number }} values */
export function pooled({ map, region: [x1, y1, x2, y2], bins }) {
  const [columns, rows] = [poolBins(x1, x2, bins, map.length), poolBins(y1, y2, bins, map.length)];
  /** @type {(rows: number[], columns: number[]) => number} */
  const most = ([top, bottom], [left, right]) => Math.max(...map.slice(top, bottom).flatMap((row) => row.slice(left, right)));
  const [xs, ys] = [alignPoints(x1, x2, bins), alignPoints(y1, y2, bins)];
  const of = (points, n) => points.slice(n * SAMPLING, (n + 1) * SAMPLING);
  const mean = (i, j) => of(ys, i).reduce((sum, y) => sum + of(xs, j).reduce((part, x) => part + interpolated(map, x, y), 0), 0) / SAMPLING ** 2;
  return {
    columns,
    rows,
    xs,
    ys,
    maxima: rows.map((row) => columns.map((column) => (row[1] > row[0] && column[1] > column[0] ? most(row, column) : 0))),
    means: rows.map((_, i) => columns.map((_, j) => mean(i, j))),
  };
}

/** Entry point for anywidget. @param {{ model: import("./form.js").Model, el: HTMLElement }} place */
function render({ model, el }) {
  const cells = model.get("map").length;
  const pixels = cells * STRIDE;
  let built = 0; // the side for which the cells were drawn

  const draw = (values, width) => {
    const seen = pooled(values);
    const { region, bins, map } = values;
    const side = Math.min(420, width >= 460 ? Math.floor((width - 40) / 2) : width);
    const [scale, cell] = [side / pixels, side / cells];
    panels.forEach(({ svg, grid, handle }) => {
      change(svg, { width: side, height: side });
      handle.update(scale);
      if (side === built) return;
      grid.replaceChildren(
        ...map.flatMap((row, i) =>
          row.flatMap((value, j) => [
            make("rect", { x: j * cell + 0.5, y: i * cell + 0.5, width: cell - 1, height: cell - 1, class: "cell" }),
            make("text", { x: (j + 0.5) * cell, y: (i + 0.5) * cell, class: "number" }, String(value)),
          ]),
        ),
      );
    });
    built = side;
    const tiles = seen.rows.flatMap(([top, bottom], i) =>
      seen.columns.map(([left, right], j) => {
        const place = { x: left * cell, y: top * cell, width: (right - left) * cell, height: (bottom - top) * cell };
        return make("rect", { ...place, class: "bin", style: `--colour: var(--${(i + j) % 2 ? "second" : "first"})` });
      }),
    );
    panels[0].marks.replaceChildren(...tiles);
    const lines = Array.from({ length: bins - 1 }, (_, n) => (n + 1) / bins).flatMap((share) => {
      const [x, y] = [0, 1].map((axis) => (region[axis] + share * (region[axis + 2] - region[axis])) * scale);
      const [left, top, right, bottom] = region.map((edge) => edge * scale);
      return [make("line", { x1: x, x2: x, y1: top, y2: bottom }), make("line", { x1: left, x2: right, y1: y, y2: y })];
    });
    const points = seen.ys.flatMap((y) => seen.xs.map((x) => make("circle", { cx: x * scale, cy: y * scale, r: 4 })));
    panels[1].marks.replaceChildren(...lines, ...points);
    panels[0].output.update(seen.maxima, { title: "the maximum of each bin", cell: 44, limit: 12 });
    panels[1].output.update(seen.means, { title: "the mean of four points per bin", cell: 44, limit: 12, digits: 1 });
    if (!figures.isConnected) view.stage.replaceChildren(figures);

    const box = [seen.columns[0][0], seen.rows[0][0], seen.columns[bins - 1][1], seen.rows[bins - 1][1]].map((edge) => edge * STRIDE);
    /** @type {(region: number[]) => string} */
    const corners = ([x1, y1, x2, y2]) => `(${x1}, ${y1}) to (${x2}, ${y2})`;
    const listed = (rows, digits) => rows.flat().map((value) => value.toFixed(digits)).join(", ");
    const asked = `The region reaches from ${corners(region)} in pixels. RoI pooling takes the whole cells from ${corners(box)} and gives`;
    return `${asked} ${listed(seen.maxima, 0)}. RoIAlign takes the region as it is and gives ${listed(seen.means, 1)}.`;
  };

  const view = form({ model, el }, { label: "Explorer: RoI pooling and RoIAlign", names: ["map", "region", "bins"], draw });
  const panel = (title, name) => {
    const [grid, marks, output] = [make("g"), make("g", { class: name }), numberGrid(name)];
    const handle = dragBox({
      label: `region for ${title}`,
      colour: "var(--ink)",
      get: () => view.values().region,
      set: (region) => view.set({ region }),
      scene: { width: pixels, height: pixels, least: 4 },
    });
    const svg = make("svg", { class: "regions" }, grid, marks, handle.element);
    return { svg, grid, marks, output, handle, element: make("figure", {}, make("p", { class: "title" }, title), svg, output.element) };
  };
  const panels = [panel("RoI pooling: whole cells", "bins"), panel("RoIAlign: four points per bin", "points")];
  const figures = make("div", { class: "figures" }, ...panels.map(({ element }) => element));
  view.controls.append(
    slider(view, "bins", { label: "bins per side", min: 1, max: 4 }),
    make("p", { class: "invitation" }, "Drag the region, or pull one of its corners."),
  );
  return view.close;
}

export default { render };
