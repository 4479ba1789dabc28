// Slide a kernel over a small image and see how each sum is made.
import { make, written } from "./dom.js";
import { arrows, form } from "./form.js";
import { play, slider } from "./controls.js";
import { numberGrid, pointed } from "./grids.js";

const NAMES = ["image", "kernels", "kernel", "stride", "padding", "dilation", "step"];
const TERMS = 9; // products that are written out; of more, those that are zero are left out

/**
 * Everything that the picture shows: the padded image, the kernel, the output, and the pixels that a window covers.
 * @param {{ image: number[][], kernels: Record<string, number[][]>, kernel: number, stride: number, padding: number,
 *   dilation: number }} values
 */
export function convolve({ image, kernels, kernel, stride, padding, dilation }) {
  const weights = kernels[kernel];
  const side = image.length + 2 * padding;
  const span = dilation * (kernel - 1) + 1;
  const size = Math.max(0, Math.floor((side - span) / stride) + 1);
  const square = (length, value) => Array.from({ length }, (_, i) => Array.from({ length }, (_, j) => value(i, j)));
  const padded = square(side, (i, j) => image[i - padding]?.[j - padding] ?? 0);
  const window = (row, column) => square(kernel, (i, j) => [row * stride + i * dilation, column * stride + j * dilation]);
  const products = (row, column) => window(row, column).map((line, i) => line.map(([y, x], j) => padded[y][x] * weights[i][j]));
  const sum = (row, column) => products(row, column).flat().reduce((total, product) => total + product, 0);
  return { weights, padded, span, size, window, products, output: square(size, sum) };
}

/** Write a sum out: 1·(−1) + 3·0 = −1. @param {number[]} pixels @param {number[]} weights @param {number} total */
export function formula(pixels, weights, total) {
  const all = pixels.map((pixel, n) => [pixel, weights[n]]);
  const shown = all.length > TERMS ? all.filter(([pixel, weight]) => pixel * weight !== 0) : all;
  const terms = shown.map(([pixel, weight]) => `${pixel}·${weight < 0 ? `(${written(weight)})` : weight}`);
  const note = all.length > TERMS ? " (products that are zero are left out)" : "";
  return `${terms.join(" + ") || "0"} = ${written(total)}${note}`;
}

const TITLES = [90, 90, 130, 90]; // pixels that the titles of the four grids need
const [SMALLEST, LARGEST] = [26, 36];

/** The largest cell with which the four grids fit beside each other; below each other if that is too small. */
function cellFor(width, gap, columns) {
  const wide = (cell) => columns.reduce((sum, count, n) => sum + Math.max(count * cell + 4, TITLES[n]) + gap, -gap);
  for (let cell = LARGEST; cell >= SMALLEST; cell--) if (wide(cell) <= width) return cell;
  return Math.max(20, Math.min(32, Math.floor((width - 8) / Math.max(...columns, 9))));
}

/** Entry point for anywidget. @param {{ model: import("./form.js").Model, el: HTMLElement }} place */
function render({ model, el }) {
  const [image, kernel, products, output] = ["image", "kernel", "products", "output"].map(numberGrid);
  let peek = /** @type {number[] | null} */ (null); // the output cell under the pointer

  const draw = (values, width) => {
    const seen = convolve(values);
    if (seen.size < 1) {
      const sentence = `The dilated kernel is ${seen.span} pixels wide and does not fit into ${seen.padded.length} pixels. Add padding, or reduce the dilation.`;
      view.stage.replaceChildren(make("p", { class: "alert" }, sentence));
      return sentence;
    }
    const count = seen.size ** 2;
    const step = Math.min(values.step, count) - 1;
    const [row, column] = peek && Math.max(...peek) < seen.size ? peek : [Math.floor(step / seen.size), step % seen.size];
    const framed = seen.window(row, column).flat();
    const pixels = framed.map(([i, j]) => seen.padded[i][j]);
    const total = seen.output[row][column];
    const known = (i, j) => i * seen.size + j <= step || (i === row && j === column);
    const shown = seen.output.map((line, i) => line.map((value, j) => (known(i, j) ? value : null)));

    const { padding, kernel: k } = values;
    const gap = width >= 760 ? 36 : 18;
    const cell = cellFor(width, gap, [seen.padded.length, k, k, seen.size]);
    figures.style.columnGap = `${gap}px`;
    const by = (side) => `${side}×${side}`;
    const title = padding ? `image ${by(7)}, padded to ${by(seen.padded.length)}` : `image ${by(7)}`;
    image.update(seen.padded, { title, cell, limit: 6, framed, border: padding });
    kernel.update(seen.weights, { title: `kernel ${by(k)}`, cell, limit: 1.5 });
    products.update(seen.products(row, column), { title: `products, sum ${written(total)}`, cell, limit: 6 });
    output.update(shown, { title: `output ${by(seen.size)}`, cell, limit: 12, framed: [[row, column]] });
    if (!image.element.isConnected) view.stage.replaceChildren(figures);
    const place = `Output row ${row}, column ${column} (step ${row * seen.size + column + 1} of ${count}): `;
    return place + formula(pixels, seen.weights.flat(), total);
  };

  const view = form({ model, el }, { label: "Explorer: a convolution, step by step", names: NAMES, draw });
  const steps = (values) => Math.max(convolve(values).size, 1) ** 2;
  view.controls.append(
    slider(view, "kernel", { label: "kernel size", min: 1, max: 5 }),
    slider(view, "stride", { label: "stride", min: 1, max: 3 }),
    slider(view, "padding", { label: "padding", min: 0, max: 2 }),
    slider(view, "dilation", { label: "dilation", min: 1, max: 3 }),
    make(
      "div",
      { class: "player" },
      play(view, "step", { first: 1, max: steps, pause: 420 }),
      slider(view, "step", { label: "step", min: 1, max: steps, show: (value, values) => `${value} of ${steps(values)}` }),
    ),
  );
  const figures = make("div", { class: "figures" }, ...[image, kernel, products, output].map(({ element }) => element));
  const go = (row, column) => {
    const { size } = convolve(view.values());
    const inside = (place) => Math.max(0, Math.min(size - 1, place));
    peek = null;
    if (size) view.set({ step: inside(row) * size + inside(column) + 1 });
  };
  arrows(output.element, (down, right) => {
    const { size } = convolve(view.values());
    const step = Math.min(view.values().step, size ** 2) - 1;
    go(Math.floor(step / size) + down, (step % size) + right);
  });
  output.element.setAttribute("role", "group");
  output.element.setAttribute("aria-label", "output: arrow keys move from sum to sum");
  pointed(view.stage, (cell) => {
    if (cell && cell.grid === "output" && cell.pressed) return go(cell.row, cell.column);
    peek = cell && cell.grid === "output" ? [cell.row, cell.column] : null;
    view.redraw();
  });
  return view.close;
}

export default { render };
