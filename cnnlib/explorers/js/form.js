// The frame of an explorer: controls above a picture, words below it; drawn once a frame, and the latest values win.
import { change, make } from "./dom.js";

const QUIET = 700; // milliseconds without a change before the live text for screen readers changes

/**
 * @typedef {{ get(name: string): any, set(name: string, value: any): void, save_changes(): void,
 *   on(event: string, listener: () => void): void, off(event: string, listener: () => void): void }} Model
 * @typedef {{ root: HTMLElement, controls: HTMLElement, stage: HTMLElement, values(): any, set(changes: object): void,
 *   follow(listener: () => void): void, redraw(noted?: unknown): void, close(): void }} Form
 */

/**
 * Put an empty explorer into `el`. `draw(values, width)` draws into the stage, at most once a frame, after any change of the
 * model's values `names` or of the width, and returns the picture in words.
 * @param {{ model: Model, el: HTMLElement }} place
 * @param {{ label: string, names: string[], draw: (values: any, width: number) => string }} explorer
 * @returns {Form}
 */
export function form({ model, el }, { label, names, draw }) {
  const controls = make("div", { class: "controls" });
  const stage = make("div", { class: "stage" });
  const words = make("p", { class: "words" });
  const live = make("p", { class: "live", "aria-live": "polite" });
  const root = make("div", { class: "cnnlib-explorer", role: "group", "aria-label": label, "data-lm-suppress-shortcuts": "true" });
  root.append(controls, stage, words, live);
  el.append(root);

  const followers = [];
  const values = () => Object.fromEntries(names.map((name) => [name, model.get(name)]));
  let [asked, unsaved, told, width] = [false, false, 0, 0];

  const redraw = () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(frame);
  };
  const frame = () => {
    asked = false;
    if (!root.isConnected || !stage.clientWidth) return;
    if (width !== stage.clientWidth) {
      width = stage.clientWidth;
      stage.style.minHeight = words.style.minHeight = "";
    }
    followers.forEach((follow) => follow());
    words.textContent = draw(values(), width);
    for (const part of [stage, words]) part.style.minHeight = `${part.offsetHeight}px`; // the page does not jump when one shrinks
    clearTimeout(told);
    told = setTimeout(() => (live.textContent = words.textContent), QUIET);
    if (unsaved) model.save_changes();
    unsaved = false;
  };
  const set = (changes) => {
    for (const [name, value] of Object.entries(changes)) model.set(name, value);
    unsaved = true;
    redraw();
  };
  // a slide deck and a notebook have other plans for arrows and letters
  const keep = (event) => ["Escape", "Tab"].includes(event.key) || event.stopPropagation();
  root.addEventListener("keydown", keep);
  const watcher = new ResizeObserver(redraw);
  watcher.observe(stage);
  model.on("change", redraw);
  redraw();
  const close = () => {
    watcher.disconnect();
    model.off("change", redraw);
    clearTimeout(told);
    root.remove();
  };
  return { root, controls, stage, values, set, follow: (listener) => followers.push(listener), redraw, close };
}

/**
 * Make an element answer to arrow keys: `move(rows, columns, event)` gets the direction.
 * @param {Element} element @param {(down: number, right: number, event: any) => void} move
 */
export function arrows(element, move) {
  const directions = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  change(element, { tabindex: 0 });
  element.addEventListener("keydown", (/** @type {any} */ event) => {
    const direction = directions[event.key];
    if (!direction) return;
    event.preventDefault();
    move(direction[0], direction[1], event);
  });
}
