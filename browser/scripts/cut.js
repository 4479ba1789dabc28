// What is wider than the page, unless it scrolls within a block that the keyboard reaches.
() =>
  [...document.querySelectorAll(".bd-article *")]
    .filter((element) => {
      if (!element.checkVisibility() || element.closest("svg, .cnnlib-explorer .live")) return false;
      const scroller = element.closest("pre, .text_html, div.math, .pst-scrollable-table-container");
      if (!scroller) return element.getBoundingClientRect().right > innerWidth + 1;
      if (scroller !== element || scroller.scrollWidth <= scroller.clientWidth + 1) return false;
      const isReached = scroller.tabIndex === 0 || scroller.matches(".math");
      return getComputedStyle(scroller).overflowX !== "auto" || !isReached;
    })
    .map((element) => `${element.tagName}.${element.className} is cut off: ${element.textContent.trim().slice(0, 40)}`)
