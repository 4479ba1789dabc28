"""Make the website of the course in build/site from the executed notebooks: nothing is executed again.

python tools/site.py    the lessons with folded answers, the glossary, how to start, what docs/ says
"""

import base64
import html
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
from nbformat import NotebookNode

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "docs"))

import build
from terms import glossary_page
from vendored import Missing, node_modules

SOURCE, SITE = build.ROOT / "build" / "site-source", build.ROOT / "build" / "site"
LINK = re.compile(r"(?<!!)\[([^\[\]]+)\]\((?!https?:|#|mailto:)([^)\s#]+)(#[^)\s]*)?\)")


def page_of(executed: NotebookNode, name: str, figures: Path) -> NotebookNode:
    """Make the page of a lesson: no setup cell, links under the title, answers folded, figures as files in `figures`."""
    page, exercise = nbformat.v4.new_notebook(metadata=executed.metadata), ""
    for number, cell in enumerate(executed.cells):
        if cell.cell_type == "markdown":
            exercise = next((match[1] for match in build.EXERCISE.finditer(cell.source)), exercise)
            page.cells.append(with_links(cell, name) if number == 0 else cell)
        elif "setup" not in cell.metadata.get("tags", []):
            cell.outputs = [shown(output, figures / f"{cell.id}-{i}.png") for i, output in enumerate(cell.outputs)]
            page.cells += folded(cell, exercise) if build.BEGIN in cell.source else [cell]
    return page


def with_links(cell: NotebookNode, name: str) -> NotebookNode:
    """Put the download of the lesson's notebook under the title, and Colab beside it where the course has an address."""
    badge, title, rest = re.fullmatch(r"(\[!\[.*\n\n)?(# .*\n)((?s:.*))", cell.source).groups()
    links = f"{{download}}`Download the notebook <../notebooks/{name}.ipynb>`"
    if badge:
        links += f" · [Open in Colab]({badge.rstrip().rpartition('](')[2]}"
    return nbformat.v4.new_markdown_cell(f"{title}\n{links}\n{rest}", id=cell.id)


def folded(cell: NotebookNode, exercise: str) -> list[NotebookNode]:
    """Split an exercise in two: what the learner finds, and the answer with what it printed, folded."""
    stub = nbformat.v4.new_code_cell(build.without_answers(cell.source), id=f"{cell.id}-stub")
    answer = nbformat.from_dict({**cell, "metadata": {"tags": ["hide-cell"]}})
    answer.source = "\n".join(line for line in cell.source.splitlines() if line.strip() not in (build.BEGIN, build.END))
    prompt = f"Answer to exercise {exercise}"
    answer.metadata.mystnb = {"code_prompt_show": prompt, "code_prompt_hide": prompt}
    return [stub, answer]


def shown(output: NotebookNode, file: Path) -> NotebookNode:
    """Write an output's figure to a file and show it with the text alternative that the notebook keeps for it."""
    data = output.get("data", {})
    if "image/png" not in data:
        return output
    file.write_bytes(base64.b64decode(data["image/png"]))
    facts = output.metadata["image/png"]
    alt, address = html.escape(facts["alt"]), f"../_static/figures/{file.name}"
    size = f'width="{facts["width"]}" height="{facts["height"]}"'
    output.data = {"text/html": f'<img src="{address}" alt="{alt}" {size} loading="lazy">'}
    return output


def lesson(text: Path) -> None:
    """Write a lesson's page, its figures and the notebook to download; raises BuildError if its outputs are not the text's."""
    wanted, executed = build.solution_cells(text), text.with_suffix(".ipynb")
    found = nbformat.read(executed, as_version=4) if executed.is_file() else nbformat.v4.new_notebook()
    if difference := build.stale_cell(found, wanted):
        raise build.BuildError(f"solutions/{executed.name} is missing or stale ({difference}): run `make notebooks` first.")
    build.write(page_of(found, text.stem, SOURCE / "_static" / "figures"), SOURCE / "lessons" / executed.name)
    build.write(build.lesson_of(wanted, text.stem), SOURCE / "notebooks" / executed.name)


def relinked(words: str, pages: list[str], course: dict[str, str]) -> str:
    """Turn links into the repository into links between pages, to the repository's address, or into plain words."""

    def place(match: re.Match) -> str:
        path, anchor = match[2].removeprefix("../").removeprefix("docs/"), match[3] or ""
        if (page := re.sub(r"^solutions/(\d\d_\w+)\.(md|ipynb)$", r"lessons/\1.ipynb", path)) in pages:
            return f"[{match[1]}]({page}{anchor})"
        address = course["repository"].rstrip("/").removesuffix(".git")
        return f"[{match[1]}]({address}/blob/{course['branch']}/{path}{anchor})" if address else match[1]

    return LINK.sub(place, words).replace("](docs/", "](")


def prepare() -> None:
    """Lay out what Sphinx reads in build/site-source."""
    shutil.rmtree(SOURCE, ignore_errors=True)
    shutil.copytree(build.ROOT / "docs", SOURCE, ignore=shutil.ignore_patterns("*.py", "*.yml", "__pycache__"))
    for folder in ("_static/figures", "_static/mathjax", "lessons", "notebooks"):
        (SOURCE / folder).mkdir(parents=True, exist_ok=True)
    for text in build.texts():
        lesson(text)
    lessons = {int(text.name[:2]): f"lessons/{text.stem}.ipynb" for text in build.texts()}
    (SOURCE / "glossary.md").write_text(glossary_page(lessons), encoding="utf-8")
    shutil.copy(build.ROOT / "README.md", SOURCE)
    pages = [*lessons.values(), *(page.name for page in SOURCE.glob("*.md"))]
    for page in SOURCE.glob("*.md"):
        page.write_text(relinked(page.read_text(encoding="utf-8"), pages, build.course()), encoding="utf-8")
    shutil.copy(node_modules() / "mathjax" / "es5" / "tex-svg.js", SOURCE / "_static" / "mathjax")


def main() -> int:
    """Build the site anew; every warning of Sphinx is an error."""
    try:
        prepare()
    except (Missing, build.BuildError) as error:
        print(error, file=sys.stderr)
        return 1
    shutil.rmtree(SITE, ignore_errors=True)
    sphinx = [sys.executable, "-m", "sphinx", "-b", "html", "-W", "--keep-going", "-q", "-c", str(build.ROOT / "docs")]
    done = subprocess.run([*sphinx, "-d", str(SITE.with_name("site-doctrees")), str(SOURCE), str(SITE)])
    if done.returncode == 0:
        size = sum(file.stat().st_size for file in SITE.rglob("*") if file.is_file())
        print(f"build/site/index.html, {size / 1e6:.1f} MB: any web server can serve the folder, at any path")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
