// Elements, and what is written into them.

const SVG = "http://www.w3.org/2000/svg";
const SVG_TAGS = new Set(["svg", "g", "rect", "text", "tspan", "path", "line", "circle", "polygon", "image"]);

/**
 * Make an element with attributes and children; SVG's tags get SVG's namespace, and attributes that are null are left out.
 * @param {string} tag
 * @param {Record<string, unknown>} [attributes]
 * @param {...(Node | string)} children
 * @returns {any}
 */
export function make(tag, attributes = {}, ...children) {
  const element = SVG_TAGS.has(tag) ? document.createElementNS(SVG, tag) : document.createElement(tag);
  change(element, attributes);
  element.append(...children);
  return element;
}

/** Set attributes that differ; null removes one. @param {Element} element @param {Record<string, unknown>} attributes */
export function change(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined) element.removeAttribute(name);
    else if (element.getAttribute(name) !== String(value)) element.setAttribute(name, String(value));
  }
}

/** Write a number with a true minus sign. @param {number} value @param {number} [digits] */
export function written(value, digits) {
  const text = digits === undefined ? String(value) : value.toFixed(digits);
  return /^-0(\.0*)?$/.test(text) ? text.slice(1) : text.replace("-", "−");
}

/** Say how many: 1 box, 2 boxes. @param {number} count @param {string} noun @param {string} [nouns] */
export function counted(count, noun, nouns = `${noun}s`) {
  return `${count} ${count === 1 ? noun : nouns}`;
}
