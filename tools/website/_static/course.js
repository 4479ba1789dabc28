// Guesses: what a reader types is shown above the result when that is opened, and never leaves the page.

for (const echo of document.querySelectorAll("[data-guess]")) {
  const field = document.getElementById(echo.dataset.guess);
  const fold = echo.closest("details");
  const say = () => {
    const guess = field.value.trim();
    echo.textContent = `Your guess: ${guess}`;
    echo.hidden = !guess;
  };
  fold.addEventListener("toggle", say);
  field.addEventListener("input", say);
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter") fold.open = true;
  });
}
