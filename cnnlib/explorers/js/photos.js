// Photographs on canvas: decoded once, read as grey values, drawn large or small.
import { change, make } from "./dom.js";

/** Decode an image, from its address or a file, as an ImageBitmap. @param {string | Blob} source */
export async function decoded(source) {
  if (source instanceof Blob) return createImageBitmap(source, { imageOrientation: "from-image" });
  const image = new Image();
  image.src = source;
  await image.decode();
  return createImageBitmap(image);
}

/**
 * Cut the central square out of an image on white and read its pixels: red, green, blue, opacity, 0 to 255, row by row.
 * @param {ImageBitmap} bitmap @param {number} side @returns {Uint8ClampedArray<ArrayBuffer>}
 */
export function colours(bitmap, side) {
  const canvas = make("canvas", { width: side, height: side });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const shorter = Math.min(bitmap.width, bitmap.height);
  const [left, top] = [(bitmap.width - shorter) / 2, (bitmap.height - shorter) / 2];
  context.imageSmoothingQuality = "high";
  context.fillStyle = "white";
  context.fillRect(0, 0, side, side);
  context.drawImage(bitmap, left, top, shorter, shorter, 0, 0, side, side);
  return context.getImageData(0, 0, side, side).data;
}

/** Read the grey values of the central square, 0 to 1. @param {ImageBitmap} bitmap @param {number} side @returns {Float32Array} */
export function gray(bitmap, side) {
  const data = colours(bitmap, side);
  return Float32Array.from({ length: side * side }, (_, i) => (data[4 * i] + data[4 * i + 1] + data[4 * i + 2]) / 765);
}

/**
 * Draw values on a canvas of their own size, which the page may show at any size: `low` gets a palette's first colour.
 * @param {HTMLCanvasElement} canvas @param {ArrayLike<number>} values @param {number} width
 * @param {{ colours: Uint8ClampedArray, low: number, high: number }} palette
 */
export function paint(canvas, values, width, { colours, low, high }) {
  const height = values.length / width;
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const image = new ImageData(width, height);
  const [last, share] = [colours.length / 3 - 1, (colours.length / 3 - 1) / (high - low)];
  for (let i = 0; i < values.length; i++) {
    const place = 3 * Math.max(0, Math.min(last, Math.round((values[i] - low) * share)));
    image.data[4 * i] = colours[place];
    image.data[4 * i + 1] = colours[place + 1];
    image.data[4 * i + 2] = colours[place + 2];
    image.data[4 * i + 3] = 255;
  }
  canvas.getContext("2d").putImageData(image, 0, 0);
}

/** Write a palette of 511 colours from a function of 0 to 1. @param {(share: number) => number[]} colour */
export function palette(colour) {
  return Uint8ClampedArray.from(Array.from({ length: 511 }, (_, n) => colour(n / 510)).flat());
}

/** Blue below zero, white at zero, orange above. */
export const SIGNED = palette((share) => {
  const full = share < 0.5 ? [0, 114, 178] : [213, 94, 0];
  return full.map((channel) => 255 + (channel - 255) * Math.abs(2 * share - 1) ** 0.6);
});

/** Remember what was decoded: the same address is decoded once. `ready` is called when a new image is there. */
export function album(ready) {
  const found = new Map();
  return (source) => {
    if (!found.has(source)) {
      found.set(source, null);
      decoded(source).then((bitmap) => ready(found.set(source, bitmap)), () => {});
    }
    return found.get(source);
  };
}

/**
 * A canvas of pixels x pixels with a title above it and SVG over it; `resize` shows it at any size and draws `marks` over it.
 * @param {string} label @param {number} pixels
 */
export function layered(label, pixels) {
  const canvas = make("canvas", { width: pixels, height: pixels, role: "img", "aria-label": label });
  const [svg, title] = [make("svg", { class: "over" }), make("p", { class: "title" })];
  const element = make("figure", {}, title, make("div", { class: "layers" }, canvas, svg));
  /** @param {number} side @param {string} words @param {Element[]} marks */
  const resize = (side, words, marks) => {
    canvas.style.width = canvas.style.height = title.style.width = `${side}px`;
    change(svg, { width: side, height: side });
    title.textContent = words;
    svg.replaceChildren(...marks);
  };
  return { canvas, svg, element, resize };
}

/**
 * Tell where on a square picture the pointer is: [row, column] of a grid of `count()` x `count()` places, or null when it has left.
 * @param {Element} element @param {() => number} count @param {(place: [number, number] | null) => void} tell
 */
export function located(element, count, tell) {
  const point = (event) => {
    const { left, top, width } = element.getBoundingClientRect();
    const at = (offset) => Math.max(0, Math.min(count() - 1, Math.floor((offset * count()) / width)));
    tell([at(event.clientY - top), at(event.clientX - left)]);
  };
  element.addEventListener("pointermove", point);
  element.addEventListener("pointerdown", point);
  element.addEventListener("pointerleave", () => tell(null));
}

const STOPS = [[0, 0, 4], [81, 18, 124], [183, 55, 121], [252, 137, 97], [252, 253, 191]]; // of the colour map magma
export const MAGMA = palette((share) => {
  const n = Math.min(Math.floor(share * (STOPS.length - 1)), STOPS.length - 2);
  return STOPS[n].map((channel, c) => channel + (STOPS[n + 1][c] - channel) * (share * (STOPS.length - 1) - n));
});

/** Read a part of bytes in base64. @param {string} text @param {number} start @param {number} count */
export function bytesOf(text, start, count) {
  const first = Math.floor(start / 3) * 4; // four letters hold three bytes
  const letters = atob(text.slice(first, first + (Math.floor(count / 3) + 2) * 4));
  return Uint8Array.from({ length: count }, (_, i) => letters.charCodeAt(i + (start % 3)));
}
