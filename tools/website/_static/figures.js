// A figure that the page shows smaller than it was drawn opens at its full size, to be moved about: its letters stay readable.
(() => {
  const SMALLER = 0.85; // of its own width: below, letters of 12 pixels become hard to read
  const sheet = document.createElement("dialog");
  sheet.className = "full-size";
  sheet.setAttribute("aria-label", "The figure at its full size");
  const close = Object.assign(document.createElement("button"), { type: "button", className: "close", textContent: "Close" });
  const room = Object.assign(document.createElement("div"), { className: "room", tabIndex: 0 });
  sheet.append(close, room);
  document.body.append(sheet);

  close.addEventListener("click", () => sheet.close());
  sheet.addEventListener("click", (event) => event.target === sheet && sheet.close());

  function show(image) {
    const copy = image.cloneNode();
    copy.loading = "eager";
    copy.removeAttribute("style");
    room.replaceChildren(copy);
    sheet.showModal();
    room.scrollTo(0, 0);
  }

  // A button below the figure; a click on the figure does the same.
  function button(image) {
    const made = Object.assign(document.createElement("button"), { type: "button", className: "enlarge", textContent: "Enlarge" });
    made.setAttribute("aria-label", `Enlarge: ${image.alt.slice(0, 80)}`);
    const frame = Object.assign(document.createElement("span"), { className: "figure-frame" });
    image.replaceWith(frame);
    frame.append(image, made);
    frame.addEventListener("click", () => frame.classList.contains("small") && show(image));
    return frame;
  }

  const sizes = new ResizeObserver((entries) => {
    for (const { target } of entries) judge(target);
  });

  function judge(image) {
    const own = Number(image.getAttribute("width")) || image.naturalWidth;
    const isSmall = own > 0 && image.width > 0 && image.width < SMALLER * own;
    if (isSmall) image.frame ??= button(image);
    image.frame?.classList.toggle("small", isSmall);
  }

  for (const image of document.querySelectorAll(".bd-article img")) {
    if (image.closest(".cnnlib-explorer-place, .home-play, a")) continue;
    image.addEventListener("load", () => judge(image));
    sizes.observe(image);
  }
})();
