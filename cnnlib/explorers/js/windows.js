// Windows upon windows: which units of each map, and which pixels, one unit sees along one line of an image.
import { change, counted, make } from "./dom.js";
import { arrows, form } from "./form.js";
import { slider } from "./controls.js";
import { pointed } from "./grids.js";

const MARGIN = 2; // pixels of the image shown on each side of what the unit in the middle sees
const WIDEST = 640; // pixels of the picture
const ROW = 62; // pixels from map to map

/**
 * Find what a unit sees on its own map and on all below it: [first, last] per map, from the image up.
 * @param {{ kernel: number, stride: number }} values only the first layer has the stride
 * @param {number} level 0 is the image @param {number} unit
 */
export function seen({ kernel, stride }, level, unit) {
  const ranges = [[unit, unit]];
  for (let layer = level; layer > 0; layer--) {
    const step = layer === 1 ? stride : 1;
    const [first, last] = ranges[0];
    ranges.unshift([first * step, last * step + kernel - 1]);
  }
  return ranges;
}

/**
 * List the units of each map that are drawn, from the image up: all whose windows are among the pixels shown.
 * @param {{ layers: number, kernel: number, stride: number }} values
 */
export function drawn(values) {
  const whole = seen(values, values.layers, 0)[0][1] + 1;
  const candidates = Array.from({ length: whole + 2 * MARGIN }, (_, n) => n - MARGIN);
  const fits = (level, unit) => {
    const [first, last] = seen(values, level, unit)[0];
    return first >= -MARGIN && last < whole + MARGIN;
  };
  return Array.from({ length: values.layers + 1 }, (_, level) => candidates.filter((unit) => fits(level, unit)));
}

/** Entry point for anywidget. @param {{ model: import("./form.js").Model, el: HTMLElement }} place */
function render({ model, el }) {
  let chosen = /** @type {number[] | null} */ (null); // map and unit under the pointer or moved to by arrow keys

  const draw = (values, room) => {
    const width = Math.min(room, WIDEST);
    const { layers, kernel, stride } = values;
    const whole = seen(values, layers, 0)[0][1] + 1;
    const step = Math.min(40, (width - 2) / (whole + 2 * MARGIN));
    const side = Math.max(5, Math.min(18, step - 2));
    const middle = (level, unit) => {
      const [first, last] = seen(values, level, unit)[0];
      return ((first + last) / 2 + MARGIN + 0.5) * step + (width - step * (whole + 2 * MARGIN)) / 2;
    };
    const height = (level) => 34 + (layers - level) * ROW;
    units = drawn(values);
    const [level, unit] = chosen && units[chosen[0]]?.includes(chosen[1]) ? chosen : [layers, 0];
    const ranges = seen(values, level, unit);
    const within = (map, one) => map <= level && one >= ranges[map][0] && one <= ranges[map][1];

    const lines = [];
    const squares = [];
    units.forEach((row, map) => {
      row.forEach((one) => {
        const [x, y] = [middle(map, one), height(map)];
        if (map && within(map, one)) {
          const start = one * (map === 1 ? stride : 1);
          const [left, right] = [middle(map - 1, start), middle(map - 1, start + kernel - 1)];
          lines.push(make("polygon", { points: `${x},${y} ${right},${height(map - 1)} ${left},${height(map - 1)}`, class: "window" }));
        }
        const place = { x: x - side / 2, y: y - side / 2, width: side, height: side, rx: 2 };
        const target = { "data-grid": "unit", "data-row": map, "data-column": one };
        squares.push(make("rect", { ...place, ...target, class: within(map, one) ? "unit within" : "unit" }));
      });
    });
    const labels = units.map((_, map) => {
      const count = map <= level ? `: ${counted(ranges[map][1] - ranges[map][0] + 1, map ? "unit" : "pixel")}` : "";
      return make("text", { x: 0, y: map ? height(map) - 16 : height(0) + 28 }, (map ? `map ${map}` : "image") + count);
    });
    change(svg, { width, height: height(0) + 36 });
    svg.replaceChildren(...lines, ...squares, ...labels);
    if (!svg.isConnected) view.stage.replaceChildren(svg);
    const pixels = ranges[0][1] - ranges[0][0] + 1;
    const shape = `${counted(layers, "layer")} with kernel ${kernel}${stride > 1 ? `, stride ${stride} in the first layer` : ""}`;
    return `${shape}: ${level ? `a unit of map ${level}` : "a pixel"} sees ${counted(pixels, "pixel")}, its receptive field along this line.`;
  };

  let units = /** @type {number[][]} */ ([]); // those that are drawn, per map
  const view = form({ model, el }, { label: "Explorer: windows upon windows", names: ["layers", "kernel", "stride"], draw });
  view.controls.append(
    slider(view, "layers", { label: "layers", min: 1, max: 4 }),
    slider(view, "kernel", { label: "kernel size", min: 1, max: 5 }),
    slider(view, "stride", { label: "stride of the first layer", min: 1, max: 3 }),
    make("p", { class: "invitation" }, "Point at a unit."),
  );
  const svg = make("svg", { class: "pyramid", role: "group", "aria-label": "units: arrow keys move from unit to unit and from map to map" });
  arrows(svg, (down, right) => {
    const [level, unit] = chosen ?? [view.values().layers, 0];
    const map = Math.max(0, Math.min(view.values().layers, level - down));
    const row = units[map];
    const start = down ? row[Math.floor(row.length / 2)] : unit + right;
    chosen = [map, Math.max(row[0], Math.min(row[row.length - 1], start))];
    view.redraw();
  });
  pointed(view.stage, (cell) => {
    chosen = cell && [cell.row, cell.column];
    view.redraw();
  });
  return view.close;
}

export default { render };
