// What a page consists of, and what is broken in it.
async () => {
  const images = [...document.images];
  images.forEach(image => image.loading = "eager");
  await Promise.allSettled(images.map(image => image.decode()));
  for (let tries = 0; tries < 20 && images.some(image => !image.naturalWidth); tries++) {  // one may just change its source
    await new Promise(resolve => setTimeout(resolve, 100));
  }
  return {
    broken: images.filter(image => !image.naturalWidth).map(image => image.src),
    nameless: images.filter(image => !image.alt.trim() && !image.closest("a")?.innerText.trim()).map(image => image.src),
    headings: [...document.querySelectorAll("main :is(h1, h2, h3, h4, h5, h6)")]
      .filter(heading => heading.checkVisibility())  // the theme has more for print
      .map(heading => +heading.tagName[1]),
    wide: document.documentElement.scrollWidth > innerWidth ? document.documentElement.scrollWidth : 0,
    raw: [...document.querySelectorAll(".math")].filter(place => !place.querySelector(".katex-html")).length,
    wrong: document.querySelectorAll(".katex-error").length,
  };
}
