// YOLO's tensor: how objects are written into cells, and how cells are read.
import { area } from "./boxes.js";

/**
 * Write objects into the cells that hold their centres: S x S rows of x y w h, 1, and a one for the class; zeros elsewhere.
 * Of objects in one cell the first stays.
 * @param {number[][]} boxes @param {number[]} labels @param {number} cells @param {number} size @param {number} classes
 * @returns {number[][]} S * S rows of 5 + C numbers
 */
export function target(boxes, labels, cells, size, classes) {
  const rows = Array.from({ length: cells * cells }, () => Array(5 + classes).fill(0));
  boxes.forEach((box, n) => {
    if (labels[n] < 0 || area(/** @type {any} */ (box)) === 0) return;
    const [x1, y1, x2, y2] = box;
    const centre = [((x1 + x2) / 2) * (cells / size), ((y1 + y2) / 2) * (cells / size)];
    const [column, row] = centre.map((place) => Math.max(0, Math.min(cells - 1, Math.floor(place))));
    const numbers = rows[row * cells + column];
    if (numbers[4]) return;
    const offsets = [centre[0] - column, centre[1] - row, (x2 - x1) / size, (y2 - y1) / size];
    [...offsets, 1].forEach((number, place) => (numbers[place] = number));
    numbers[5 + labels[n]] = 1;
  });
  return rows;
}

/**
 * Read one cell: its boxes in pixels, and its class.
 * @param {number[]} numbers B * 5 + C @param {number} row @param {number} column
 * @param {{ cells: number, size: number, perCell: number }} grid
 */
export function read(numbers, row, column, { cells, size, perCell }) {
  const probabilities = numbers.slice(5 * perCell);
  const label = probabilities.indexOf(Math.max(...probabilities));
  const boxes = Array.from({ length: perCell }, (_, b) => {
    const [x, y, w, h, confidence] = numbers.slice(5 * b, 5 * b + 5);
    const [cx, cy] = [((column + x) * size) / cells, ((row + y) * size) / cells];
    const box = [cx - (w * size) / 2, cy - (h * size) / 2, cx + (w * size) / 2, cy + (h * size) / 2];
    return { x, y, w, h, confidence, box, centre: [cx, cy], score: confidence * probabilities[label] };
  });
  return { probabilities, label, boxes, best: Math.max(...boxes.map(({ score }) => score)) };
}

/** Read all cells, row by row. @param {number[][]} rows @param {{ cells: number, size: number, perCell: number }} grid */
export function readAll(rows, grid) {
  return rows.map((numbers, n) => read(numbers, Math.floor(n / grid.cells), n % grid.cells, grid));
}
