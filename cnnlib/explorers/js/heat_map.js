// A classifier slid over scenes of five sizes: how probable each shape is at each place.
import { make } from "./dom.js";
import { arrows, form } from "./form.js";
import { menu, slider } from "./controls.js";
import { album, bytesOf, layered, located, MAGMA, paint } from "./photos.js";

const NAMES = ["scenes", "sizes", "classes", "scene", "size", "shape"];
const [WINDOW, STRIDE] = [32, 4]; // pixels that the classifier looks at, and from one place to the next
const DRAWN = 512; // pixels of a canvas

/** Read the map of one shape: a number of 0 to 255 per place. @param {any} values */
export function heat({ scenes, sizes, classes, scene, size, shape }) {
  const side = (sizes[size] - WINDOW) / STRIDE + 1;
  const map = bytesOf(scenes[scene].maps[size], classes.indexOf(shape) * side ** 2, side ** 2);
  return { side, map };
}

/** Entry point for anywidget. @param {{ model: import("./form.js").Model, el: HTMLElement }} place */
function render({ model, el }) {
  let peek = /** @type {number[] | null} */ (null); // row and column of a place
  const picture = album(() => view.redraw());

  const draw = (values, width) => {
    const { scenes, sizes, scene, size, shape } = values;
    const shown = Math.min(400, Math.floor(width >= 460 ? (width - 40) / 2 : width));
    const { side, map } = heat(values);
    const largest = map.indexOf(Math.max(...map));
    const [row, column] = (peek ?? [Math.floor(largest / side), largest % side]).map((place) => Math.min(side - 1, place));
    const bitmap = picture(scenes[scene].images[size]);
    if (!bitmap) return "The scene is being read.";
    if (!figures.isConnected) view.stage.replaceChildren(figures);
    paint(small, map, side, { colours: MAGMA, low: 0, high: 255 });
    const ratio = DRAWN / sizes[size];
    for (const { canvas } of [left, right]) {
      const context = canvas.getContext("2d");
      context.imageSmoothingEnabled = false;
      context.globalAlpha = 1;
      context.drawImage(bitmap, 0, 0, DRAWN, DRAWN);
    }
    const context = right.canvas.getContext("2d");
    const inset = ((WINDOW - STRIDE) / 2) * ratio; // a place is drawn in the middle of its window
    context.globalAlpha = 0.75;
    context.drawImage(small, inset, inset, side * STRIDE * ratio, side * STRIDE * ratio);
    const scale = shown / sizes[size];
    const place = { x: column * STRIDE * scale, y: row * STRIDE * scale, width: WINDOW * scale, height: WINDOW * scale };
    const frame = () => [make("rect", { ...place, class: "halo" }), make("rect", { ...place, class: "field" })];
    left.resize(shown, `the scene, ${sizes[size]}×${sizes[size]} pixels`, frame());
    right.resize(shown, `${shape}: ${side}×${side} places, dark is 0, bright is 1`, frame());
    const above = map.filter((value) => value > 127).length;
    const where = `${peek ? "In" : "It is largest in"} the window at row ${row}, column ${column}`;
    return `The probability of a ${shape} is above one half at ${above} of ${side ** 2} places. ${where}: ${(map[row * side + column] / 255).toFixed(2)}.`;
  };

  const view = form({ model, el }, { label: "Explorer: the heat map of a classifier", names: NAMES, draw });
  view.controls.append(
    menu(view, "scene", {
      label: "scene",
      options: ({ scenes }) => scenes.map((_, number) => [number, `scene ${number + 1}`]),
      choose: (number) => view.set({ scene: Number(number) }),
    }),
    menu(view, "shape", { label: "shape", options: ({ classes }) => classes.map((name) => [name, name]) }),
    slider(view, "size", { label: "size of the scene", min: 0, max: ({ sizes }) => sizes.length - 1, show: (value, { sizes }) => `${sizes[value]} px` }),
    make("p", { class: "invitation" }, "Point at a place to see its window."),
  );
  const small = make("canvas");
  const [left, right] = [layered("the scene", DRAWN), layered("the heat map over the scene", DRAWN)];
  const figures = make("div", { class: "figures low" }, left.element, right.element);
  for (const { svg } of [left, right]) {
    const pixels = () => view.values().sizes[view.values().size];
    // a place is in the middle of its window
    const nearest = (pixel) => Math.max(0, Math.min(heat(view.values()).side - 1, Math.round((pixel - WINDOW / 2) / STRIDE)));
    located(svg, pixels, (place) => view.redraw((peek = place && place.map(nearest))));
  }
  right.svg.setAttribute("role", "group");
  right.svg.setAttribute("aria-label", "the heat map: arrow keys move from place to place");
  arrows(right.svg, (down, across) => {
    const inside = (place) => Math.max(0, Math.min(heat(view.values()).side - 1, place));
    peek = peek ? [inside(peek[0] + down), inside(peek[1] + across)] : [0, 0];
    view.redraw();
  });
  return view.close;
}

export default { render };
