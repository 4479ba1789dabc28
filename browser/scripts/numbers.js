// Columns of numbers, in tables of the text and in results, whose numbers are not on the right.
() => {
  const number = /^[-−+≈<>]?\s?\d[\d,]*(\.\d+)?\s?[%×]?$/;
  const faults = [];
  for (const table of /** @type {NodeListOf<HTMLTableElement>} */ (document.querySelectorAll(".bd-article table"))) {
    if (table.closest(".cnnlib-explorer")) continue;
    const rows = [...table.tBodies].flatMap((body) => [...body.rows]);
    const columns = Math.min(...rows.map((row) => row.cells.length));
    for (let column = 1; column < columns; column++) {
      const cells = rows.map((row) => row.cells[column]);
      const filled = cells.filter((cell) => !["", "-", "–"].includes(cell.innerText.trim()));
      const left = filled.filter((cell) => !/right|end/.test(getComputedStyle(cell).textAlign));
      if (filled.length && filled.every((cell) => number.test(cell.innerText.trim())) && left.length) {
        faults.push(`column ${column} of the table that begins with ${table.innerText.trim().slice(0, 40)}`);
      }
    }
  }
  return faults;
}
