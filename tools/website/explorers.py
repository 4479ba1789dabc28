"""Explorers on the site: a place in the page, and for each explorer one script, loaded when such a place comes near.

The script is no module, so that it also loads from a disk, and every page of the site shares it.
"""

import html
import json
from pathlib import Path
from typing import Any

from cnnlib.explorers import EXPLORERS
from cnnlib.explorers.explorer import WIDTH, still
from cnnlib.explorers.modules import styles
from cnnlib.explorers.page import script
from tools import ToolError

FOLDER = "_static/explorers"
LARGE = 4_000  # letters of values that are a file of their own, which a page loads with the explorer
PLACE = """<div class="cnnlib-explorer-place" data-explorer="{name}" id="{ident}"{source}>
<img src="../{folder}/{name}.png" alt="{alt}" width="{width}" loading="lazy">
<script type="application/json">{values}</script>
</div>"""
VALUES = """document.getElementById("{ident}").querySelector("script").textContent = {values};
"""
SCRIPT = """(() => {{
{module}
const initial = {initial};
for (const place of document.querySelectorAll('[data-explorer="{name}"]')) {{
  const values = place.querySelector("script");
  values.textContent = JSON.stringify({{ ...initial, ...JSON.parse(values.textContent) }});
  mount(place.id, {{ render }});
}}
}})();
"""


def place(name: str, values: dict[str, Any], path: Path) -> str:
    """Write the place of an explorer, with its still picture and the values that differ from the initial ones.

    The name of `path` is the id of the place; large values are written to a script there. Raises ToolError for a name that is
    not in `EXPLORERS`.
    """
    if name not in EXPLORERS:
        raise ToolError(f"an explorer's name must be one of {', '.join(EXPLORERS)}, got {name!r}")
    alt, text = html.escape(EXPLORERS[name].alt, quote=True), json.dumps(values, separators=(",", ":")).replace("<", r"\u003c")
    source = ""
    if len(text) > LARGE:
        file = path.with_name(f"{path.name}.js")
        file.write_text(VALUES.format(ident=path.name, values=json.dumps(text)), encoding="utf-8")
        source, text = f' data-values="../_static/{file.parent.name}/{file.name}"', "{}"
    return PLACE.format(name=name, ident=path.name, source=source, folder=FOLDER, alt=alt, width=WIDTH, values=text)


def write(source: Path) -> None:
    """Write the explorers' scripts, stills and style sheet below Sphinx's sources."""
    folder = source / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "explorers.css").write_text(styles(), encoding="utf-8")
    for name, explorer in EXPLORERS.items():
        initial = json.dumps(explorer.initial(), separators=(",", ":"))
        text = SCRIPT.format(name=name, module=script(name), initial=initial)
        (folder / f"{name}.js").write_text(text, encoding="utf-8")
        (folder / f"{name}.png").write_bytes(still(name) or b"")
