// Boxes x1 y1 x2 y2: what two of them share, which of many are kept, and boxes that can be dragged and stretched.
import { change, make } from "./dom.js";
import { arrows } from "./form.js";

/** @typedef {[number, number, number, number]} Box */

/** Measure a box; one that is turned inside out has no area. @param {Box} box */
export function area([x1, y1, x2, y2]) {
  return Math.max(0, x2 - x1) * Math.max(0, y2 - y1);
}

/** Intersect two boxes; the result has no area where they are apart. @param {Box} a @param {Box} b @returns {Box} */
export function intersection(a, b) {
  return [Math.max(a[0], b[0]), Math.max(a[1], b[1]), Math.min(a[2], b[2]), Math.min(a[3], b[3])];
}

/** Divide the intersection of two boxes by their union. @param {Box} a @param {Box} b */
export function iou(a, b) {
  const shared = area(intersection(a, b));
  const union = area(a) + area(b) - shared;
  return union > 0 ? shared / union : 0;
}

/**
 * Suppress step by step: the best box that is left is kept, and what overlaps it by more than `maxOverlap` is dropped.
 * @param {Box[]} boxes @param {number[]} scores @param {number[]} labels @param {number} maxOverlap
 * @param {boolean} byClass whether only boxes of one label drop each other
 * @returns {{ kept: number, dropped: { index: number, iou: number }[] }[]} a step per box kept, best first
 */
export function suppress(boxes, scores, labels, maxOverlap, byClass) {
  let left = scores.map((_, index) => index).sort((a, b) => scores[b] - scores[a] || a - b);
  const steps = [];
  while (left.length) {
    const [kept, ...others] = left;
    // rounded to single precision, as torch computes an IoU before it is compared
    const rivals = others.map((index) => ({ index, iou: Math.fround(iou(boxes[kept], boxes[index])) }));
    const dropped = rivals.filter(({ index, iou }) => iou > maxOverlap && (!byClass || labels[index] === labels[kept]));
    const gone = new Set(dropped.map(({ index }) => index));
    steps.push({ kept, dropped });
    left = others.filter((index) => !gone.has(index));
  }
  return steps;
}

/**
 * Move a box, or pull the edges that a handle names ("n", "se", ...), and stay inside a scene, at least `least` wide and high.
 * @param {Box} box @param {string} handle "" for the box itself @param {number} dx @param {number} dy
 * @param {{ width: number, height: number, least: number }} scene
 * @returns {Box}
 */
export function pulled([x1, y1, x2, y2], handle, dx, dy, { width, height, least }) {
  const between = (value, low, high) => Math.max(low, Math.min(high, value));
  if (!handle) {
    const [right, down] = [between(Math.round(dx), -x1, width - x2), between(Math.round(dy), -y1, height - y2)];
    return [x1 + right, y1 + down, x2 + right, y2 + down];
  }
  if (handle.includes("w")) x1 = between(Math.round(x1 + dx), 0, x2 - least);
  if (handle.includes("e")) x2 = between(Math.round(x2 + dx), x1 + least, width);
  if (handle.includes("n")) y1 = between(Math.round(y1 + dy), 0, y2 - least);
  if (handle.includes("s")) y2 = between(Math.round(y2 + dy), y1 + least, height);
  return [x1, y1, x2, y2];
}

const HANDLES = { nw: [0, 0], ne: [1, 0], sw: [0, 1], se: [1, 1] };
const GRIP = 13; // pixels of a handle that are seen
const REACH = 30; // pixels of a handle that a finger meets

/**
 * A box in SVG that is dragged by its inside and stretched by its corners; arrow keys move it, with Shift they stretch it.
 * @param {{ label: string, colour: string, get: () => Box, set: (box: Box) => void,
 *   scene: { width: number, height: number, least: number } }} options
 */
export function dragBox({ label, colour, get, set, scene }) {
  const body = make("rect", { class: "body", "data-handle": "" });
  const grips = Object.keys(HANDLES).map((handle) => [
    make("rect", { class: "grip", width: GRIP, height: GRIP, rx: 3 }),
    make("rect", { class: "reach", width: REACH, height: REACH, "data-handle": handle, style: `cursor: ${handle}-resize` }),
  ]);
  const element = make("g", { class: "box", role: "group", "aria-roledescription": "box", style: `--colour: ${colour}` });
  element.append(body, ...grips.flat());
  let scale = 1;
  let grasped = /** @type {any} */ (null);

  const units = (event) => {
    const bounds = element.ownerSVGElement.getBoundingClientRect(); // a slide is scaled as a whole
    const ratio = element.ownerSVGElement.clientWidth / bounds.width || 1;
    return [(event.clientX - bounds.left) * (ratio / scale), (event.clientY - bounds.top) * (ratio / scale)];
  };
  element.addEventListener("pointerdown", (event) => {
    const handle = event.target.dataset.handle;
    if (handle === undefined || event.button) return;
    grasped = { handle, from: units(event), box: get() };
    element.setPointerCapture(event.pointerId);
    event.preventDefault();
    element.focus({ preventScroll: true });
  });
  // a finger on a box does not scroll the page: `touch-action` alone does not do it inside an SVG
  element.addEventListener("touchstart", (event) => event.preventDefault(), { passive: false });
  element.addEventListener("pointermove", (event) => {
    if (!grasped) return;
    const [x, y] = units(event);
    set(pulled(grasped.box, grasped.handle, x - grasped.from[0], y - grasped.from[1], scene));
  });
  for (const end of ["pointerup", "pointercancel"]) element.addEventListener(end, () => (grasped = null));
  arrows(element, (down, right, event) => set(pulled(get(), event.shiftKey ? "se" : "", right, down, scene)));

  /** Draw the box with `size` pixels per unit. @param {number} size */
  const update = (size) => {
    scale = size;
    const box = get();
    const [x1, y1, x2, y2] = box.map((edge) => edge * scale);
    change(body, { x: x1, y: y1, width: x2 - x1, height: y2 - y1 });
    Object.values(HANDLES).forEach(([right, low], n) => {
      const [x, y] = [right ? x2 : x1, low ? y2 : y1];
      change(grips[n][0], { x: x - GRIP / 2, y: y - GRIP / 2 });
      change(grips[n][1], { x: x - REACH / 2, y: y - REACH / 2 });
    });
    const size_ = `${box[2] - box[0]} by ${box[3] - box[1]} at ${box[0]}, ${box[1]}`;
    change(element, { "aria-label": `${label}, ${size_}: arrow keys move it, with Shift they stretch it` });
  };
  return { element, update };
}
