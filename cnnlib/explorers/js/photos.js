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
 * Draw values on a canvas of their own size, which the page may show at any size.
 * @param {HTMLCanvasElement} canvas @param {ArrayLike<number>} values @param {number} width
 * @param {(value: number) => number[]} colour red, green and blue, 0 to 255
 */
export function paint(canvas, values, width, colour) {
  const height = values.length / width;
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const image = new ImageData(width, height);
  for (let i = 0; i < values.length; i++) image.data.set([...colour(values[i]), 255], 4 * i);
  canvas.getContext("2d").putImageData(image, 0, 0);
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
