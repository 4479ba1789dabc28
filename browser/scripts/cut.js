// What is wider than the page, unless it scrolls within a block that the keyboard reaches.
() => {
  const SLACK = 2; // pixels: italic letters lean out of their boxes
  return [...document.querySelectorAll(".bd-article *")]
    .filter((element) => {
      if (!element.checkVisibility() || element.closest("svg, .cnnlib-explorer .live")) return false;
      if (element.matches(".math")) return element.scrollWidth > element.clientWidth + SLACK;
      const scroller = element.closest("pre, .text_html, mjx-container, .pst-scrollable-table-container");
      if (!scroller) return element.getBoundingClientRect().right > innerWidth + SLACK;
      if (scroller !== element || scroller.scrollWidth <= scroller.clientWidth + SLACK) return false;
      return getComputedStyle(scroller).overflowX !== "auto" || /** @type {HTMLElement} */ (scroller).tabIndex !== 0;
    })
    .map((element) => `${element.tagName}.${element.className} is cut off: ${element.textContent.trim().slice(0, 40)}`);
}
