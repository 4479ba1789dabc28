// Controls bound to the values of an explorer, in both directions.
import { change, make } from "./dom.js";

/** @typedef {import("./form.js").Form} Form */

/** Take a value, or what a function gives for the present values. */
const present = (value, form) => (typeof value === "function" ? value(form.values()) : value);

/**
 * A labelled slider; `max` may depend on the other values, `show` writes the value, `part` is the place in a list of numbers.
 * @param {Form} form @param {string} name
 * @param {{ label: string, min: number, max: any, step?: number, part?: number, show?: (value: number, values: any) => string }} options
 */
export function slider(form, name, { label, min, max, step = 1, part, show = String }) {
  const input = make("input", { type: "range", min, step, "aria-label": label });
  const shown = make("output");
  form.follow(() => {
    const values = form.values();
    change(input, { max: present(max, form) });
    input.value = String(part === undefined ? values[name] : values[name][part]);
    shown.textContent = show(Number(input.value), values);
    change(input, { "aria-valuetext": shown.textContent });
  });
  const put = (number) => (part === undefined ? number : form.values()[name].map((old, place) => (place === part ? number : old)));
  input.addEventListener("input", () => form.set({ [name]: put(Number(input.value)) }));
  return make("label", { class: "slider" }, make("span", { class: "name" }, label), shown, input);
}

/**
 * A labelled menu of [value, text] pairs, or a function that gives them; `choose` replaces setting the value.
 * @param {Form} form @param {string} name
 * @param {{ label: string, options: any, choose?: (value: string) => void, chosen?: (values: any) => string }} settings
 */
export function menu(form, name, { label, options, choose, chosen }) {
  const select = make("select", { "aria-label": label });
  form.follow(() => {
    const pairs = present(options, form);
    if (select.dataset.options !== JSON.stringify(pairs)) {
      select.replaceChildren(...pairs.map(([value, text]) => make("option", { value }, text)));
      select.dataset.options = JSON.stringify(pairs);
    }
    select.value = chosen ? chosen(form.values()) : form.values()[name];
  });
  select.addEventListener("change", () => (choose ? choose(select.value) : form.set({ [name]: select.value })));
  return make("label", { class: "menu" }, make("span", { class: "name" }, label), select);
}

/** A labelled box to tick. @param {Form} form @param {string} name @param {string} label */
export function tick(form, name, label) {
  const input = make("input", { type: "checkbox" });
  form.follow(() => (input.checked = form.values()[name]));
  input.addEventListener("change", () => form.set({ [name]: input.checked }));
  return make("label", { class: "tick" }, input, make("span", {}, label));
}

const DENOMINATORS = Array.from({ length: 15 }, (_, n) => n + 2);

/** Write a weight: as a fraction if `digits` decimals are not exact and a small fraction is, 1/9. @param {number} number @param {number} digits */
export function fraction(number, digits) {
  const rounded = Number(number.toFixed(digits));
  const under = DENOMINATORS.find((n) => Math.abs(number * n - Math.round(number * n)) < 1e-6);
  return under && Math.abs(rounded - number) > 1e-9 ? `${Math.round(number * under)}/${under}` : String(rounded);
}

/** Read a number or a fraction; NaN for anything else. @param {string} text */
function weightIn(text) {
  const [, above, under = "1"] = text.replace("−", "-").match(/^\s*([-+]?(?:\d+\.?\d*|\.\d+))(?:\s*\/\s*(\d+))?\s*$/) ?? [];
  return Number(under) ? Number(above) / Number(under) : NaN;
}

/**
 * A square of numbers to type, one named input per cell, laid out as the matrix is. Fractions may be typed, too.
 * @param {Form} form @param {string} name
 * @param {{ label: string, side: number, step: number, digits: number, largest: number }} options
 */
export function numbers(form, name, { label, side, step, digits, largest }) {
  const inputs = Array.from({ length: side * side }, (_, place) => {
    const where = `row ${Math.floor(place / side)}, column ${place % side}`;
    const input = make("input", { type: "text", "aria-label": where, inputmode: "decimal", autocomplete: "off" });
    const put = (number) => {
      const inside = Math.max(-largest, Math.min(largest, number));
      form.set({ [name]: form.values()[name].map((old, other) => (other === place ? inside : old)) });
    };
    input.addEventListener("input", () => Number.isNaN(weightIn(input.value)) || put(weightIn(input.value)));
    input.addEventListener("blur", () => (input.value = fraction(form.values()[name][place], digits)));
    input.addEventListener("keydown", (event) => {
      const direction = { ArrowUp: 1, ArrowDown: -1 }[event.key];
      if (!direction) return;
      event.preventDefault();
      const next = form.values()[name][place] + direction * step;
      put(Number(next.toFixed(digits)));
      input.value = fraction(form.values()[name][place], digits);
    });
    return input;
  });
  form.follow(() => {
    form.values()[name].forEach((number, place) => {
      const [input, typed] = [inputs[place], weightIn(inputs[place].value)];
      const isBeingTyped = input === document.activeElement && (Number.isNaN(typed) || typed === number);
      if (!isBeingTyped) input.value = fraction(number, digits);
    });
  });
  const cells = make("div", { class: "numbers", style: `grid-template-columns: repeat(${side}, 1fr)` }, ...inputs);
  return make("div", { role: "group", "aria-label": label, class: "group" }, make("span", { class: "name" }, label), cells);
}

/**
 * A button that moves a value on, one step every `pause` milliseconds, until its largest; there it starts again from `first`.
 * @param {Form} form @param {string} name @param {{ first: number, max: any, pause: number }} options
 */
export function play(form, name, { first, max, pause }) {
  const button = make("button", { type: "button", class: "play" });
  let timer = 0;
  let last = NaN;
  const show = () => {
    button.textContent = timer ? "❚❚ pause" : "▶ play";
  };
  const stop = () => {
    clearInterval(timer);
    timer = 0;
    show();
  };
  const advance = (value) => {
    last = value;
    form.set({ [name]: value });
  };
  const tick = () => {
    const value = form.values()[name];
    if (!button.isConnected || value !== last || value >= present(max, form)) return stop(); // the reader took over, or the end
    advance(value + 1);
  };
  button.addEventListener("click", () => {
    if (timer) return stop();
    const value = form.values()[name];
    advance(value >= present(max, form) ? first : value + 1);
    timer = setInterval(tick, pause);
    show();
  });
  show();
  return button;
}
