// Bars: a name, a stack of parts, a number.
import { make } from "./dom.js";

/** Write a whole number with commas. @param {number} value */
export const grouped = (value) => value.toLocaleString("en");

/**
 * Draw a bar per row; `most` is as long as the track, and `mark` is a line across all of them.
 * @param {{ name: string, parts: [number, string][], text: string }[]} rows parts are values and the names of colours
 * @param {number} most @param {number | null} [mark]
 * @returns {HTMLElement[]}
 */
export function stackedBars(rows, most, mark = null) {
  const share = (value) => `${(100 * value) / most}%`;
  return rows.map(({ name, parts, text }) => {
    const track = make("span", { class: "track" }, ...parts.map(([value, colour]) => make("i", { style: `width: ${share(value)}; background: var(--${colour})` })));
    if (mark !== null) track.append(make("i", { class: "mark", style: `left: ${share(mark)}` }));
    return make("div", { class: "row" }, make("span", {}, name), track, make("b", {}, text));
  });
}

/** Say what a colour means. @param {string} colour @param {string} meaning */
export const key = (colour, meaning) => make("span", { class: "key", style: `--colour: var(--${colour})` }, meaning);

/** A chart of such bars under a title that says what the colours mean. @param {[string, string][]} colours name and meaning */
export function barChart(colours = []) {
  const [title, body] = [make("p", { class: "title" }), make("div", { class: "rows" })];
  const element = make("figure", { class: "stacks" }, title, body, make("p", { class: "title" }, ...colours.map(([colour, meaning]) => key(colour, meaning))));
  /** @param {string} words @param {HTMLElement[]} bars */
  const update = (words, bars) => {
    title.textContent = words;
    body.replaceChildren(...bars);
  };
  return { element, update };
}
