"""Explorers on pages and in slides: one HTML fragment that needs neither a kernel nor a network nor a second file."""

import base64
import html
import json
from collections.abc import Iterable
from typing import Any

from cnnlib.explorers import EXPLORERS
from cnnlib.explorers.explorer import WIDTH, still
from cnnlib.explorers.modules import imported, styles, unexported


def fragment(name: str, values: dict[str, Any] | None = None, ident: str = "") -> str:
    """Write an explorer as HTML: the name and values are those that `cnnlib.explorers.MIME` holds in a notebook.

    The still picture is shown until the explorer comes near the window, and where JavaScript is off. `ident` is the id of the
    element, for a page that shows one explorer twice. Raises ValueError for a name that is not in `EXPLORERS`.
    """
    ident = ident or f"explorer-{name}"
    shown = place(name, values, ident)
    return f"""<style>{styles()}</style>
{shown}
<script type="module">
{script(name)}
mount({json.dumps(ident)}, {{ render }});
</script>
"""


def script(name: str) -> str:
    """Write an explorer's module and its host as code that exports nothing: it defines `render` and `mount`."""
    return "\n".join(map(unexported, dict.fromkeys([*imported(name), *imported("host")])))


def place(name: str, values: dict[str, Any] | None = None, ident: str = "") -> str:
    """Write the element that holds an explorer's still picture and its values; `shared` brings it to life."""
    if name not in EXPLORERS:
        raise ValueError(f"an explorer's name must be one of {list(EXPLORERS)}, got {name!r}")
    explorer = EXPLORERS[name]
    complete = json.dumps(explorer.initial() | (values or {}), separators=(",", ":")).replace("<", "\\u003c")
    picture, alt = base64.b64encode(still(name) or b"").decode(), html.escape(explorer.alt, quote=True)
    return f"""<div class="cnnlib-explorer-place" data-explorer="{name}"{ident and f' id="{html.escape(ident, quote=True)}"'}>
<img src="data:image/png;base64,{picture}" alt="{alt}" width="{WIDTH}" style="max-width: 100%; height: auto">
<script type="application/json">{complete}</script>
</div>"""


def shared(names: Iterable[str]) -> str:
    """Write the styles and the one script for all places of a page: what several of these explorers need is there once."""
    own = list(dict.fromkeys(names))
    parts = dict.fromkeys(part for name in [*own, "host"] for part in imported(name) if part not in own)
    modules = [unexported(part) for part in parts]
    modules += [f"{{\n{unexported(name)}\nexplorers.{name} = {{ render }};\n}}" for name in own]
    script = "\n".join(["const explorers = {};", *modules])
    return f"""<style>{styles()}</style>
<script type="module">
{script}
for (const place of document.querySelectorAll("[data-explorer]")) mount(place, explorers[place.dataset.explorer]);
</script>
"""
