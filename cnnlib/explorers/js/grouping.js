// Selective search: regions of a photograph that are merged, two by two, until one is left; the box of each is a proposal.
import { counted, make } from "./dom.js";
import { form } from "./form.js";
import { menu, play, slider } from "./controls.js";
import { album, bytesOf, colours, layered, located } from "./photos.js";
import { COLOURS } from "./scene.js";

const NAMES = ["photographs", "groupings", "photograph", "merges"];
const SIDE = 200; // pixels of a photograph
const NARROWEST = 12; // pixels: smaller boxes are not drawn

/** Read which region each pixel is in, from runs of (region, length) in bytes. @param {string} runs @returns {Uint16Array} */
export function labelsOf(runs) {
  const pairs = bytesOf(runs, 0, atob(runs).length);
  const labels = new Uint16Array(SIDE * SIDE);
  for (let i = 0, place = 0; i < pairs.length; place += pairs[i + 1], i += 2) labels.fill(pairs[i], place, place + pairs[i + 1]);
  return labels;
}

/**
 * Find what each of the first regions has become after `count` merges, and the box of every region up to then.
 * @param {ArrayLike<number>} labels @param {number[][]} merges merge k joins two regions into region R + k @param {number} count
 */
export function merged(labels, merges, count) {
  const first = merges.length + 1;
  const boxes = Array.from({ length: first }, () => [SIDE, SIDE, 0, 0]);
  for (let i = 0; i < labels.length; i++) {
    const [box, x, y] = [boxes[labels[i]], i % SIDE, Math.floor(i / SIDE)];
    boxes[labels[i]] = [Math.min(box[0], x), Math.min(box[1], y), Math.max(box[2], x + 1), Math.max(box[3], y + 1)];
  }
  const now = Array.from({ length: first + count }, (_, region) => region);
  for (const [a, b] of merges.slice(0, count)) boxes.push(boxes[a].map((edge, n) => (n < 2 ? Math.min(edge, boxes[b][n]) : Math.max(edge, boxes[b][n]))));
  for (let k = count - 1; k >= 0; k--) for (const part of merges[k]) now[part] = now[first + k]; // from the last down
  const left = [...new Set(now.slice(0, first))];
  const large = boxes.filter(([x1, y1, x2, y2]) => Math.min(x2 - x1, y2 - y1) >= NARROWEST);
  return { now, left, boxes, proposals: new Set(large.map(String)).size };
}

/** Entry point for anywidget. @param {{ model: import("./form.js").Model, el: HTMLElement }} place */
function render({ model, el }) {
  let peek = /** @type {number | null} */ (null); // the pixel under the pointer
  const photo = album(() => view.redraw());
  const known = new Map(); // by photograph: the region and the colours of each pixel

  const draw = (values, width) => {
    const { photographs, groupings, photograph } = values;
    const side = Math.min(400, Math.floor(width >= 460 ? (width - 40) / 2 : width));
    const bitmap = photo(photographs[photograph]);
    if (!bitmap) return "The photograph is being read.";
    if (!known.has(photograph)) known.set(photograph, [labelsOf(groupings[photograph].runs), colours(bitmap, SIDE)]);
    const [labels, pixels] = known.get(photograph);
    const { merges } = groupings[photograph];
    const count = Math.min(values.merges, merges.length);
    const { now, left, boxes, proposals } = merged(labels, merges, count);

    if (!figures.isConnected) view.stage.replaceChildren(figures);
    const sums = new Map(left.map((region) => [region, [0, 0, 0, 0]]));
    for (let i = 0; i < labels.length; i++) {
      const sum = sums.get(now[labels[i]]);
      for (let c = 0; c < 3; c++) sum[c] += pixels[4 * i + c];
      sum[3]++;
    }
    const under = peek === null ? null : now[labels[peek]];
    const flat = new ImageData(SIDE, SIDE);
    for (let i = 0; i < labels.length; i++) {
      const sum = sums.get(now[labels[i]]);
      for (let c = 0; c < 3; c++) flat.data[4 * i + c] = sum[c] / sum[3];
      flat.data[4 * i + 3] = under === null || now[labels[i]] === under ? 255 : 120;
    }
    regions.canvas.getContext("2d").putImageData(flat, 0, 0);
    picture.canvas.getContext("2d").drawImage(bitmap, 0, 0, SIDE, SIDE);
    const scale = side / SIDE;
    const shown = under === null ? left.filter((region) => Math.min(boxes[region][2] - boxes[region][0], boxes[region][3] - boxes[region][1]) >= NARROWEST) : [under];
    const frames = shown.map((region, n) => {
      const [x1, y1, x2, y2] = boxes[region].map((edge) => edge * scale);
      return make("rect", { x: x1, y: y1, width: x2 - x1, height: y2 - y1, stroke: COLOURS[(n + 1) % COLOURS.length], "stroke-width": 2.5 });
    });
    regions.resize(side, `${counted(left.length, "region")} left, in their mean colours`, []);
    picture.resize(side, under === null ? "the boxes of these regions" : "the box of the region under the pointer", frames);
    const sofar = `${counted(proposals, "different box", "different boxes")} of at least ${NARROWEST}×${NARROWEST} pixels have been proposed so far`;
    const here = under === null ? "" : ` The region under the pointer has ${sums.get(under)[3]} pixels.`;
    return `Of ${merges.length + 1} regions, ${counted(left.length, "is", "are")} left after ${counted(count, "merge")}; ${sofar}.${here}`;
  };

  const view = form({ model, el }, { label: "Explorer: selective search, merge by merge", names: NAMES, draw });
  const last = ({ groupings, photograph }) => groupings[photograph].merges.length;
  view.controls.append(
    menu(view, "photograph", { label: "photograph", options: ({ photographs }) => Object.keys(photographs).map((name) => [name, name]) }),
    make(
      "div",
      { class: "player" },
      play(view, "merges", { first: 0, max: last, pause: 120 }),
      slider(view, "merges", { label: "merges", min: 0, max: last, show: (value, values) => `${value} of ${last(values)}` }),
    ),
  );
  const regions = layered("the regions in their mean colours", SIDE);
  const picture = layered("the photograph with the boxes of the regions", SIDE);
  const figures = make("div", { class: "figures" }, regions.element, picture.element);
  for (const { svg } of [regions, picture]) {
    located(svg, () => SIDE, (place) => view.redraw((peek = place && place[0] * SIDE + place[1])));
  }
  return view.close;
}

export default { render };
