// Photographs on canvas: decoded once, read as grey values, drawn large or small.
import { make } from "./dom.js";

/** Decode an image, from its address or a file, as an ImageBitmap. @param {string | Blob} source */
export async function decoded(source) {
  if (source instanceof Blob) return createImageBitmap(source, { imageOrientation: "from-image" });
  const image = new Image();
  image.src = source;
  await image.decode();
  return createImageBitmap(image);
}

/**
 * Cut the central square out of an image and read its grey values, 0 to 1, row by row.
 * @param {ImageBitmap} bitmap @param {number} side @returns {Float32Array}
 */
export function gray(bitmap, side) {
  const canvas = make("canvas", { width: side, height: side });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const shorter = Math.min(bitmap.width, bitmap.height);
  const [left, top] = [(bitmap.width - shorter) / 2, (bitmap.height - shorter) / 2];
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, left, top, shorter, shorter, 0, 0, side, side);
  const { data } = context.getImageData(0, 0, side, side);
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
