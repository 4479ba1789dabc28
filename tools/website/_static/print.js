// Before a page is printed its folds are opened and it gets light; afterwards it is as it was.
(() => {
  const root = document.documentElement;
  let restore = () => {};
  addEventListener("beforeprint", () => {
    const closed = /** @type {HTMLDetailsElement[]} */ ([...document.querySelectorAll("details.fold:not([open])")]);
    const images = /** @type {HTMLImageElement[]} */ ([...document.querySelectorAll("img[loading]")]);
    const theme = root.dataset.theme;
    for (const fold of closed) fold.open = true;
    for (const image of images) image.loading = "eager";
    root.dataset.theme = "light";
    restore = () => {
      for (const fold of closed) fold.open = false;
      root.dataset.theme = theme;
    };
  });
  addEventListener("afterprint", () => restore());
})();
