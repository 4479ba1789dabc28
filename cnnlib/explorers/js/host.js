// The host of pages and slides, where no kernel runs: a plain model in place of anywidget's, loaded when it comes into view.

/** Hold values and tell listeners of changes, as anywidget's model does. @param {Record<string, any>} values */
export function plainModel(values) {
  const listeners = new Map();
  const of = (event) => listeners.get(event) ?? [];
  return {
    get: (name) => values[name],
    set(name, value) {
      if (values[name] === value) return;
      values[name] = value;
      for (const event of [`change:${name}`, "change"]) of(event).forEach((listener) => listener());
    },
    on: (event, listener) => listeners.set(event, [...of(event), listener]),
    off: (event, listener) => listeners.set(event, of(event).filter((other) => other !== listener)),
    save_changes() {},
  };
}

/** Show an explorer in an element (or its id), whose script holds its values, as soon as it comes near the window. */
export function mount(place, explorer) {
  const el = typeof place === "string" ? document.getElementById(place) : place;
  if (!CSS.supports("color", "light-dark(red, red)")) return; // an old browser keeps the still picture
  const near = new IntersectionObserver(
    (entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      near.disconnect();
      const model = plainModel(JSON.parse(el.querySelector("script").textContent));
      for (const part of /** @type {any} */ (el.children)) part.style.display = "none"; // a printed page shows the still picture
      explorer.render({ model, el });
    },
    { rootMargin: "300px" },
  );
  near.observe(el);
}
