// Words of boxes, folds, guesses and code whose contrast to what is behind them is below 4.5.
() => {
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const over = (colour, below) => {
    for (const layer of [`rgb(${below})`, colour]) {
      canvas.fillStyle = layer;
      canvas.fillRect(0, 0, 1, 1);
    }
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const behind = (element) => {
    const below = element.parentElement ? behind(element.parentElement) : [255, 255, 255];
    return over(getComputedStyle(element).backgroundColor, below);
  };
  const luminance = (colour) => {
    const linear = colour.map((x) => x / 255).map((x) => (x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4));
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
  };
  const contrast = (element) => {
    const below = behind(element);
    const [dark, light] = [below, over(getComputedStyle(element).color, below)].map(luminance).sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
  };
  const words = ".box p, .box li, summary, .guess label, .guess span, .echo, pre span";
  return [...document.querySelectorAll(words)]
    .filter((element) => element.checkVisibility() && element.textContent.trim() && !element.closest(".cnnlib-explorer"))
    .filter((element) => contrast(element) < 4.5)
    .map((element) => {
      const name = `${element.tagName}.${element.className} ${element.textContent.trim().slice(0, 20)}`;
      return `contrast ${contrast(element).toFixed(2)} of ${name}`;
    });
}
