// Exercises that are answered on the page: an answer is read and judged as the checks of the notebooks do it (tools/website/play.py).

const TOKEN = /\s*(\d{1,3}(?:[,_ \u00a0\u202f]\d{3})+(?:\.\d*)?(?![\d,])|(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?|\*\*|\/\/|[-+*/^()])/iy;

// The value of a number or of a calculation such as 2 * (3 + 4) ** 2; null if the text is neither.
function calculated(text) {
  const plain = text.trim().replace(/[−–]/g, "-").replace(/[×·]/g, "*").replace(/÷/g, "/").replace(/%$/, "").trim();
  const tokens = [];
  for (TOKEN.lastIndex = 0; TOKEN.lastIndex < plain.length; ) {
    const found = TOKEN.exec(plain);
    if (!found) return null;
    tokens.push(found[1]);
  }
  let place = 0;
  const next = (...wanted) => (wanted.includes(tokens[place]) ? tokens[place++] : null);

  function sum() {
    let value = product();
    for (let sign; (sign = next("+", "-")); ) value += (sign === "+" ? 1 : -1) * product();
    return value;
  }
  function product() {
    let value = signed();
    for (let sign; (sign = next("*", "/", "//")); ) {
      const other = signed();
      value = sign === "*" ? value * other : sign === "/" ? value / other : Math.floor(value / other);
    }
    return value;
  }
  function signed() {
    const sign = next("-", "+");
    return sign ? (sign === "-" ? -1 : 1) * signed() : power();
  }
  function power() {
    const base = atom();
    return next("**", "^") ? base ** signed() : base;
  }
  function atom() {
    if (next("(")) {
      const value = sum();
      return next(")") ? value : NaN;
    }
    const token = tokens[place++] ?? "";
    return /^[\d.]/.test(token) ? Number(token.replace(/[,_ \u00a0\u202f]/g, "")) : NaN;
  }

  const value = sum();
  return place === tokens.length && Number.isFinite(value) ? value : null;
}

// What was typed as a list of numbers; null if it is not one for each that is expected.
function numbers(text, count) {
  if (count === 1) return [calculated(text)];
  const parts = text.replace(/^\s*[([]|[)\]]\s*$/g, "").split(/\s*[,;]\s*|\s+/).filter(Boolean);
  return parts.length === count ? parts.map(calculated) : null;
}

const isNear = (one, other, within) => Math.abs(one - other) <= Math.max(within, 1e-9 * Math.abs(other)) + 1e-15;

// Judge an answer by the values of a check: { mark, words }.
function verdict(data, text) {
  const typed = text.trim();
  if (!typed) return { mark: "–", words: "no answer yet" };
  const wrong = (words) => ({ mark: "✘", words });
  let given = [typed];
  if (!data.choices.length) {
    given = numbers(typed, data.right.length);
    if (!given) return wrong(`expected ${data.right.length} numbers, with commas between them`);
    if (given.includes(null)) return wrong(`“${typed}” is neither a number nor a calculation such as 2 * 3 + 1`);
  }
  const is = (values) =>
    values.every((value, i) => (data.choices.length ? value === given[i] : isNear(given[i], value, data.within)));
  if (is(data.right)) return { mark: "✔", words: "right" };
  return wrong(data.mistakes.find(([values]) => is(values))?.[1] ?? `${typed} is not right`);
}

// Text with code between backticks as nodes, without reading it as HTML.
function coded(text) {
  return text.split("`").map((part, i) => (i % 2 ? Object.assign(document.createElement("code"), { textContent: part }) : part));
}

function play(form) {
  const data = JSON.parse(form.dataset.play);
  const [said, hints, more] = [".verdict", ".hints", ".hint"].map((name) => form.querySelector(name));
  const answer = () => form.querySelector("input:checked, input[type=text]")?.value ?? "";
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const { mark, words } = verdict(data, answer());
    said.dataset.mark = mark;
    said.replaceChildren(`${mark} `, ...coded(words));
  });
  more.addEventListener("click", () => {
    const item = document.createElement("li");
    item.append(...coded(data.hints[hints.children.length]));
    hints.append(item);
    hints.hidden = false;
    more.hidden = hints.children.length === data.hints.length;
  });
  more.hidden = !data.hints.length;
  form.hidden = false;
}

if (typeof document !== "undefined") document.querySelectorAll("form.play").forEach(play);
