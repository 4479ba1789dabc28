// The first use of a term in a lesson opens what it means, for mouse, touch and keyboard; the glossary filters its terms.

// One popover for all terms, moved behind the term that it explains. Without popovers a term is a link to the glossary.
(() => {
  if (!HTMLElement.prototype.hasOwnProperty("popover")) return;
  const words = /** @type {NodeListOf<HTMLAnchorElement>} */ (document.querySelectorAll("a.first-use"));
  const sheet = Object.assign(document.createElement("span"), { className: "meaning", popover: "auto", id: "meaning" });
  let open = null;

  function show(word) {
    if (open) sheet.hidePopover(); // moving an open popover closes it without an event
    const title = Object.assign(document.createElement("b"), { textContent: word.dataset.term });
    const text = Object.assign(document.createElement("span"), { textContent: word.dataset.meaning });
    const link = Object.assign(document.createElement("a"), { href: word.href, textContent: "In the glossary" });
    sheet.replaceChildren(title, text, link);
    word.after(sheet);
    sheet.showPopover();
    place(word);
    word.setAttribute("aria-expanded", "true");
    open = word;
  }

  // Below the line of the term, above it where there is no room, and never beyond the window.
  function place(word) {
    const { left, top, bottom } = word.getClientRects()[0];
    const { offsetWidth, offsetHeight } = sheet;
    const below = bottom + 6 + offsetHeight < innerHeight || top < offsetHeight + 6;
    sheet.style.left = `${Math.max(8, Math.min(left, document.documentElement.clientWidth - offsetWidth - 8)) + scrollX}px`;
    sheet.style.top = `${(below ? bottom + 6 : top - offsetHeight - 6) + scrollY}px`;
  }

  // "toggle" comes later than the popover closes, "beforetoggle" with it.
  sheet.addEventListener("beforetoggle", (event) => {
    if (event.newState !== "closed") return;
    open?.setAttribute("aria-expanded", "false");
    open = null;
  });

  // The theme keeps Escape for itself; here it closes the popover and leads back to its term.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !open) return;
    const word = open;
    sheet.hidePopover();
    word.focus();
  });

  for (const word of words) {
    word.setAttribute("role", "button");
    word.setAttribute("aria-expanded", "false");
    let wasOpen = false; // the press of a click closes the popover before the click arrives
    word.addEventListener("pointerdown", () => (wasOpen = open === word));
    word.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      if (!wasOpen && open !== word) show(word);
      else if (open === word) sheet.hidePopover();
      wasOpen = false;
    });
    word.addEventListener("keydown", (event) => {
      if (event.key !== " ") return;
      event.preventDefault();
      word.click();
    });
  }
})();

// The glossary shows only the terms of which some words contain what is typed.
(() => {
  const field = /** @type {HTMLInputElement | null} */ (document.getElementById("glossary-filter"));
  if (!field) return;
  const said = document.getElementById("glossary-count");
  const plain = (text) => text.toLowerCase().replaceAll("×", "x");
  /** @param {Element} term */
  const pair = (term) => ({ term, meaning: term.nextElementSibling });
  const groups = [...document.querySelectorAll("dl.glossary")].map((list) => {
    const entries = [...list.querySelectorAll(":scope > dt")].map(pair);
    return { section: list.closest("section"), entries: entries.map((one) => ({ ...one, text: plain(one.term.textContent + one.meaning.textContent) })) };
  });

  function filter() {
    const wanted = plain(field.value.trim());
    let count = 0;
    for (const { section, entries } of groups) {
      const found = entries.filter(({ text }) => text.includes(wanted));
      for (const { term, meaning, text } of entries) {
        for (const part of [term, meaning]) part.toggleAttribute("hidden", !text.includes(wanted));
      }
      section.hidden = !found.length;
      const letter = document.querySelector(`.glossary-bar a[href="#${section.id}"]`);
      letter.toggleAttribute("aria-disabled", !found.length);
      count += found.length;
    }
    said.textContent = wanted ? `${count} ${count === 1 ? "term" : "terms"}` : "";
  }

  field.addEventListener("input", filter);
  filter();
})();
