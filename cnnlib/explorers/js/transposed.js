// Enlarge a row of pixels by a transposed convolution, stamp by stamp.
import { counted, make } from "./dom.js";
import { form } from "./form.js";
import { play, slider } from "./controls.js";
import { numberGrid, pointed } from "./grids.js";

const NAMES = ["kernel", "stride", "padding", "output_padding", "stamped"];
const PIXELS = 4; // of the row that is enlarged

/**
 * Say with which place of the kernel, from 0, each input pixel reaches each output pixel; null where it does not.
 * @param {{ kernel: number, stride: number, padding: number, output_padding: number }} values
 * @returns {(number | null)[][]} a row per input pixel
 */
export function reach({ kernel, stride, padding, output_padding }) {
  const more = Math.min(output_padding, stride - 1); // torch allows no more
  const size = Math.max(0, (PIXELS - 1) * stride + kernel - 2 * padding + more);
  const place = (pixel, output) => output + padding - pixel * stride;
  const known = (value) => (value >= 0 && value < kernel ? value : null);
  return Array.from({ length: PIXELS }, (_, pixel) => Array.from({ length: size }, (_, output) => known(place(pixel, output))));
}

/** Entry point for anywidget. @param {{ model: import("./form.js").Model, el: HTMLElement }} place */
function render({ model, el }) {
  const [stamps, sums] = ["stamps", "sums"].map(numberGrid);
  let peek = /** @type {number | null} */ (null); // the output pixel under the pointer

  const draw = (values, width) => {
    const rows = reach(values);
    const size = rows[0].length;
    if (!size) {
      const whole = reach({ ...values, padding: 0 })[0].length;
      const sentence = `Nothing is left: ${PIXELS} pixels become ${whole} without padding, and a padding of ${values.padding} crops ${2 * values.padding}.`;
      view.stage.replaceChildren(make("p", { class: "alert" }, sentence));
      return sentence;
    }
    const shown = rows.map((row, pixel) => (pixel < values.stamped ? row : row.map(() => null)));
    const counts = rows[0].map((_, output) => shown.filter((row) => row[output] !== null).length);
    const cell = Math.max(14, Math.min(36, Math.floor((width - 8) / size)));
    const column = peek !== null && peek < size ? peek : null;
    const last = values.stamped - 1;
    const newest = rows[0].flatMap((_, output) => (shown[last][output] !== null ? [[last, output]] : []));
    const framed = column === null ? newest : shown.map((_, pixel) => [pixel, column]);
    stamps.update(shown, { title: `a row per input pixel: the place of the kernel that reaches each of ${size} output pixels`, cell, limit: 2 * values.kernel, framed });
    sums.update([counts], { title: "stamps on each output pixel", cell, limit: 4, framed: column === null ? [] : [[0, column]] });
    if (!stamps.element.isConnected) view.stage.replaceChildren(figures);

    const made = `${PIXELS} pixels become ${size}.`;
    if (column !== null) {
      const parts = shown.flatMap((row, pixel) => (row[column] !== null ? [`place ${row[column]} of the kernel from pixel ${pixel}`] : []));
      return `${made} Output pixel ${column} gets ${counted(parts.length, "stamp")}${parts.length ? `: ${parts.join(" and ")}` : ""}.`;
    }
    if (values.stamped < PIXELS) return `${made} ${counted(values.stamped, "input pixel")} of ${PIXELS} stamped so far.`;
    const even = values.kernel % values.stride === 0;
    const why = `${values.stride} ${even ? "divides" : "does not divide"} ${values.kernel}`;
    const spread = even ? "every output pixel gets equally many stamps" : "some output pixels get more stamps than others, a checkerboard";
    return `${made} Away from the border ${spread}, because the stride ${why}.`;
  };

  const view = form({ model, el }, { label: "Explorer: a transposed convolution, stamp by stamp", names: NAMES, draw });
  view.controls.append(
    slider(view, "kernel", { label: "kernel size", min: 1, max: 6 }),
    slider(view, "stride", { label: "stride", min: 1, max: 4 }),
    slider(view, "padding", { label: "padding", min: 0, max: 3 }),
    slider(view, "output_padding", { label: "output_padding", min: 0, max: ({ stride }) => stride - 1 }),
    make(
      "div",
      { class: "player" },
      play(view, "stamped", { first: 1, max: PIXELS, pause: 900 }),
      slider(view, "stamped", { label: "pixels stamped", min: 1, max: PIXELS }),
    ),
  );
  const figures = make("div", { class: "figures rows" }, stamps.element, sums.element);
  pointed(view.stage, (cell) => {
    peek = cell && cell.column;
    view.redraw();
  });
  return view.close;
}

export default { render };
