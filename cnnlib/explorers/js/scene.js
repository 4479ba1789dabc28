// Scenes with boxes: an image, frames over it in the colour of their class, and names that do not cover each other.
import { change, make } from "./dom.js";

export const COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"]; // Okabe and Ito
/** @param {number} label */
export const colourOf = (label) => COLOURS[label % COLOURS.length];

const LINE = 19; // pixels of a name's height
const LETTER = 7.6; // pixels of a letter's width, about

/** A picture of a scene with marks over it. @param {Record<string, unknown>} attributes */
export function scenePicture(attributes = {}) {
  const image = make("image", { preserveAspectRatio: "none", style: "image-rendering: pixelated" });
  const marks = make("g");
  const element = make("svg", { class: "scene", ...attributes }, image, marks);
  /** @param {string} source @param {number} side @param {Element[]} drawn */
  const update = (source, side, drawn) => {
    change(element, { width: side, height: side });
    change(image, { href: source, width: side, height: side });
    marks.replaceChildren(...drawn);
  };
  return { element, update };
}

/**
 * A frame with a light edge, so that it is seen on any ground.
 * @param {number[]} box x1 y1 x2 y2 in pixels of the scene
 * @param {{ scale: number, colour: string, width?: number, dash?: string | null, opacity?: number }} look
 */
export function frame(box, { scale, colour, width = 2.5, dash = null, opacity = 1 }) {
  const [x1, y1, x2, y2] = box.map((edge) => edge * scale);
  const place = { x: x1, y: y1, width: Math.max(0, x2 - x1), height: Math.max(0, y2 - y1), fill: "none", "stroke-linejoin": "round" };
  return make(
    "g",
    { opacity },
    make("rect", { ...place, stroke: "white", "stroke-width": width + 2.5, "stroke-opacity": 0.85 }),
    make("rect", { ...place, stroke: colour, "stroke-width": width, "stroke-dasharray": dash }),
  );
}

/**
 * Find a place for each name near its box where it covers no other: above, below, or down from there.
 * @param {{ box: number[], text: string, colour: string }[]} names @param {number} scale @param {number} side
 */
export function nameTags(names, scale, side) {
  const taken = [];
  const free = (x, y, width) => taken.every(([a, b, w]) => x >= a + w || a >= x + width || Math.abs(y - b) >= LINE);
  return names.map(({ box, text, colour }) => {
    const width = text.length * LETTER + 8;
    const x = Math.max(0, Math.min(box[0] * scale, side - width));
    const below = Array.from({ length: Math.floor(side / 4) }, (_, n) => box[3] * scale + 3 + 4 * n);
    const heights = [box[1] * scale - LINE - 3, ...below].filter((y) => y >= 0 && y + LINE <= side);
    const y = heights.find((height) => free(x, height, width)) ?? Math.max(0, box[1] * scale - LINE);
    taken.push([x, y, width]);
    const ground = make("rect", { x, y, width, height: LINE, rx: 3, fill: "white", "fill-opacity": 0.92, stroke: colour, "stroke-width": 1.5 });
    return make("g", {}, ground, make("text", { x: x + 4, y: y + LINE - 5, class: "tag" }, text));
  });
}
