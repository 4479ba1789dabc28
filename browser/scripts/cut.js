// What is wider than the page, unless it scrolls within a block that the keyboard reaches and that shows it;
// and figures that are too small to read and do not open.
() => {
  const SLACK = 2; // pixels: italic letters lean out of their boxes
  const scrollers = new Map();
  const scroller = (element) => {
    if (!element || element === document.body) return null;
    if (!scrollers.has(element)) {
      const scrolls = /auto|scroll/.test(getComputedStyle(element).overflowX);
      scrollers.set(element, scrolls ? element : scroller(element.parentElement));
    }
    return scrollers.get(element);
  };
  const isCut = (element) => {
    if (!element.checkVisibility() || element.closest("svg, dialog, .cnnlib-explorer .live, .katex-mathml")) return false;
    const block = scroller(element);
    if (!block) return element.getBoundingClientRect().right > innerWidth + SLACK;
    if (block !== element) {  // what cannot be scrolled to
      const right = element.getBoundingClientRect().right - block.getBoundingClientRect().left + block.scrollLeft;
      return right > Math.max(block.scrollWidth, block.clientWidth) + SLACK;
    }
    if (block.scrollWidth <= block.clientWidth + SLACK) return false;
    return block.tabIndex !== 0 || !getComputedStyle(block).backgroundAttachment.includes("local");
  };
  const isTiny = (image) =>
    image.checkVisibility() && !image.closest(".cnnlib-explorer-place, a") &&
    image.width < 0.8 * (Number(image.getAttribute("width")) || image.naturalWidth) && !image.closest(".figure-frame.small");
  const name = (element) => `${element.tagName}.${element.className}`;
  return [
    ...[...document.querySelectorAll(".bd-article *")].filter(isCut)
      .map((element) => `${name(element)} is cut off: ${element.textContent.trim().slice(0, 40)}`),
    ...[.../** @type {NodeListOf<HTMLImageElement>} */ (document.querySelectorAll(".bd-article img"))].filter(isTiny)
      .map((image) => `${name(image)} is shrunken and does not open: ${image.alt.slice(0, 40)}`),
  ];
}
