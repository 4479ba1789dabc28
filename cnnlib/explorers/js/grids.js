// Matrices of numbers as cells, in SVG.
import { change, make, written } from "./dom.js";

/**
 * A matrix that can be drawn again and again; cells stay where they are, so that a pointer on them keeps its place.
 * @param {string} name what `data-grid` of its cells says
 */
export function numberGrid(name) {
  const title = make("p", { class: "title" });
  const svg = make("svg", { "aria-hidden": "true" });
  const element = make("figure", { class: "grid" }, title, svg);
  let [cells, frames, shape] = [[], make("g"), ""];

  const build = (rows, cell) => {
    const [height, width] = [rows.length, rows[0].length];
    change(svg, { width: width * cell + 4, height: height * cell + 4, viewBox: `-2 -2 ${width * cell + 4} ${height * cell + 4}` });
    cells = rows.map((row, i) =>
      row.map((_, j) => {
        const place = { x: j * cell + 1, y: i * cell + 1, width: cell - 2, height: cell - 2, rx: 2 };
        const rect = make("rect", { ...place, "data-grid": name, "data-row": i, "data-column": j, class: "cell" });
        const text = make("text", { x: (j + 0.5) * cell, y: (i + 0.5) * cell, class: "number" });
        return { rect, text };
      }),
    );
    frames = make("g", { class: "frames" });
    svg.replaceChildren(...cells.flat().flatMap(({ rect, text }) => [rect, text]), frames);
  };

  /**
   * @param {(number | null)[][]} rows null is an empty cell
   * @param {{ title: string, cell: number, limit: number, framed?: number[][], border?: number, digits?: number }} look
   *   `framed` cells get a frame, `limit` has the full colour, `border` rings of cells are marked as padding
   */
  const update = (rows, { title: words, cell, limit, framed = [], border = 0, digits }) => {
    const now = [rows.length, rows[0].length, cell].join();
    if (now !== shape) build(rows, cell);
    shape = now;
    title.textContent = words;
    const marked = new Set(framed.map(String));
    rows.forEach((row, i) =>
      row.forEach((value, j) => {
        const { rect, text } = cells[i][j];
        const outside = Math.min(i, j, rows.length - 1 - i, row.length - 1 - j) < border;
        const blank = value === null;
        const fill = blank ? "var(--empty)" : tone(value, limit);
        change(rect, { style: `fill: ${fill}`, "data-outside": outside ? "" : null, "data-blank": blank ? "" : null });
        change(text, { class: marked.has(`${i},${j}`) ? "number strong" : "number" });
        const digits_ = blank ? "" : written(value, digits);
        if (text.textContent !== digits_) text.textContent = digits_;
      }),
    );
    frames.replaceChildren(
      ...framed.map(([i, j]) => make("rect", { x: j * cell, y: i * cell, width: cell, height: cell, rx: 3, class: "frame" })),
    );
  };
  return { element, update };
}

/** Colour of a number: blue below zero, the cell's own colour at zero, orange above. @param {number} value @param {number} limit */
export function tone(value, limit) {
  const share = Math.round(Math.min(1, Math.abs(value) / limit) * 75);
  return `color-mix(in srgb, var(${value < 0 ? "--cold" : "--warm"}) ${share}%, var(--cell))`;
}

/**
 * Tell which cell of which grid the pointer is on, also where a box lies over it, or null when it has left.
 * @param {HTMLElement} stage
 * @param {(cell: { grid: string, row: number, column: number, pressed: boolean } | null) => void} tell
 */
export function pointed(stage, tell) {
  let last = /** @type {any} */ (null);
  const told = (event, pressed) => {
    const under = document.elementsFromPoint(event.clientX, event.clientY);
    const cell = /** @type {any} */ (under.find((element) => stage.contains(element) && element.getAttribute("data-grid")));
    if (cell === last && !pressed) return;
    last = cell;
    tell(cell ? { grid: cell.dataset.grid, row: Number(cell.dataset.row), column: Number(cell.dataset.column), pressed } : null);
  };
  stage.addEventListener("pointermove", (event) => told(event, false));
  stage.addEventListener("pointerdown", (event) => told(event, true));
  stage.addEventListener("pointerleave", () => {
    last = null;
    tell(null);
  });
}
