// The search: what is typed is looked up in the sections of all pages and shown below the field, letter by letter.
(() => {
  const root = document.documentElement.dataset.content_root;
  const MOST = { dialog: 8, page: 40 };
  let loading;

  // The sections are loaded with the first letter; a script, because a page from a disk cannot read other files.
  function load() {
    loading ??= new Promise((done, fail) => {
      const script = Object.assign(document.createElement("script"), { src: `${root}_static/sections.js` });
      script.onload = () => done(/** @type {any} */ (window).sections.map(prepare));
      script.onerror = fail;
      document.head.append(script);
    });
    return loading;
  }

  // Letters that one types in place of others; each is replaced by one, so that places in a text stay the same.
  const plain = (text) => text.toLowerCase().replaceAll("×", "x").replaceAll(/[’‘]/g, "'");
  const prepare = ([page, anchor, title, within, words]) => {
    return { page, anchor, title, within, words, plainTitle: plain(title), plainWords: plain(words) };
  };

  // The words of a query, without the s of a plural.
  const wordsOf = (query) => plain(query).split(/[\s,;]+/).filter(Boolean).map((word) => (word.length > 3 ? word.replace(/s$/, "") : word));

  const literal = (word) => word.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&"); // as a pattern

  // How well a section fits: all words must be in it; words in a title count most, and whole words more than parts of one.
  function score(section, words, query) {
    let sum = section.plainTitle === query ? 40 : 0;
    for (const word of words) {
      const start = new RegExp(`(?<![\\p{L}\\d])${literal(word)}`, "gu");
      const inTitle = section.plainTitle.search(start) >= 0;
      const often = section.plainWords.match(start)?.length ?? 0;
      const within = section.plainTitle.includes(word) || section.plainWords.includes(word);
      if (!within) return 0;
      sum += (inTitle ? 12 : 0) + Math.min(often, 6) + 0.5;
    }
    return /^(lessons|glossary)/.test(section.page) ? sum : sum / 2; // what is for lecturers comes later
  }

  function find(sections, query) {
    const words = wordsOf(query);
    if (!words.length) return [];
    const whole = words.join(" ");
    const found = sections.map((section) => ({ section, value: score(section, words, whole) }));
    return found.filter((one) => one.value).sort((a, b) => b.value - a.value).map((one) => one.section);
  }

  // Some words around the first one that was looked for, with all of them marked.
  function excerpt(section, words) {
    const places = words.map((word) => section.plainWords.indexOf(word)).filter((place) => place >= 0);
    const middle = places.length && section.page !== "glossary" ? Math.min(...places) : 0; // a term begins with its meaning
    let start = Math.max(0, middle - 70);
    let end = Math.min(section.words.length, middle + 130);
    if (start) start = section.words.indexOf(" ", start) + 1;
    if (end < section.words.length) end = Math.max(section.words.lastIndexOf(" ", end), middle + 1);
    const text = section.words.slice(start, end);
    return [start ? "… " : "", ...marked(text, words), end < section.words.length ? " …" : ""];
  }

  function marked(text, words) {
    const pattern = words.map(literal).join("|");
    const parts = [];
    let end = 0;
    for (const match of plain(text).matchAll(new RegExp(pattern, "gu"))) {
      parts.push(text.slice(end, match.index), element("mark", {}, text.slice(match.index, match.index + match[0].length)));
      end = match.index + match[0].length;
    }
    return [...parts, text.slice(end)];
  }

  function element(name, properties, ...children) {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
  }

  function hit(section, words) {
    const address = `${root}${section.page}.html${section.anchor && `#${section.anchor}`}`;
    const link = element("a", { href: address }, ...marked(section.title, words));
    const parts = [element("p", { className: "title" }, link)];
    if (section.within !== section.title) parts.push(element("p", { className: "within" }, section.within));
    return element("li", {}, ...parts, element("p", { className: "words" }, ...excerpt(section, words)));
  }

  function attach(form) {
    const field = form.querySelector("input");
    const isPage = Boolean(form.closest(".bd-search-container"));
    const said = element("p", { className: "said", role: "status" });
    const list = element("ol", { className: "found" });
    form.after(said, list);

    async function show() {
      const query = field.value.trim();
      if (!query) return (said.textContent = ""), list.replaceChildren();
      const found = find(await load(), query);
      if (query !== field.value.trim()) return; // another letter has been typed
      const shown = found.slice(0, isPage ? MOST.page : MOST.dialog);
      list.replaceChildren(...shown.map((section) => hit(section, wordsOf(query))));
      const more = found.length > shown.length && !isPage ? " Enter shows all of them." : "";
      said.textContent = found.length ? `${found.length} ${found.length > 1 ? "places" : "place"}.${more}` : `Nothing found for “${query}”.`;
    }

    field.addEventListener("input", show);
    if (!isPage) return list.addEventListener("click", () => form.closest("dialog")?.close());
    field.value = new URLSearchParams(location.search).get("q") ?? "";
    field.focus();
    show();
  }

  for (const form of document.querySelectorAll("form.bd-search")) {
    const isDialog = form.closest("dialog");
    if (isDialog || !document.querySelector(".bd-search-container") || form.closest(".bd-search-container")) attach(form);
  }
})();
