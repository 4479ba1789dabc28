// The objects of a scene, whose boxes a reader drags; they stay where they were put until the page is left.
import { make } from "./dom.js";
import { dragBox } from "./boxes.js";
import { colourOf } from "./scene.js";

/**
 * Handles for the boxes of the present scene. `after(box)` is told of each move and sets the model's values.
 * @param {import("./form.js").Form} form the values have scenes, scene, classes and size @param {(box: number[]) => void} after
 */
export function movable(form, after) {
  const element = make("g", { class: "handles" });
  let moved = /** @type {Record<number, number[][]>} */ ({}); // by scene
  let dragged = [];
  const boxes = ({ scenes, scene }) => moved[scene] ?? scenes[scene].boxes;
  const one = (values, n) => {
    const { scene, scenes, size, classes } = values;
    const label = scenes[scene].labels[n];
    return dragBox({
      label: `object ${n + 1}, ${classes[label]}`,
      colour: colourOf(label),
      get: () => /** @type {any} */ (boxes(values)[n]),
      set: (box) => {
        moved = { ...moved, [scene]: boxes(values).map((old, other) => (other === n ? box : old)) };
        after(box);
      },
      scene: { width: size, height: size, least: 4 },
    });
  };
  const update = (values, scale) => {
    if (element.dataset.scene !== String(values.scene)) {
      dragged = boxes(values).map((_, n) => one(values, n));
      element.replaceChildren(...dragged.map((box) => box.element));
      element.dataset.scene = String(values.scene);
    }
    dragged.forEach((box) => box.update(scale));
  };
  return { element, boxes, update };
}
