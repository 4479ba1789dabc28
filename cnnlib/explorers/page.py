"""Explorers on pages and in slides: one HTML fragment that needs neither a kernel nor a network nor a second file."""

import base64
import html
import json
from typing import Any

from cnnlib.explorers import EXPLORERS
from cnnlib.explorers.explorer import WIDTH, still
from cnnlib.explorers.modules import bundle, styles


def fragment(name: str, values: dict[str, Any] | None = None, ident: str = "") -> str:
    """Write an explorer as HTML: the name and values are those that `cnnlib.explorers.MIME` holds in a notebook.

    The still picture is shown until the explorer comes near the window, and where JavaScript is off. `ident` is the id of the
    element, for a page that shows one explorer twice. Raises ValueError for a name that is not in `EXPLORERS`.
    """
    if name not in EXPLORERS:
        raise ValueError(f"an explorer's name must be one of {list(EXPLORERS)}, got {name!r}")
    explorer = EXPLORERS[name]
    complete = explorer.initial() | (values or {})
    ident = ident or f"explorer-{name}"
    picture, alt = base64.b64encode(still(name) or b"").decode(), html.escape(explorer.alt, quote=True)
    return f"""<style>{styles()}</style>
<div class="cnnlib-explorer-place" id="{html.escape(ident, quote=True)}">
<img src="data:image/png;base64,{picture}" alt="{alt}" width="{WIDTH}" style="max-width: 100%; height: auto">
<script type="application/json">{json.dumps(complete, separators=(",", ":")).replace("<", chr(92) + "u003c")}</script>
</div>
<script type="module">
{script(name)}
mount({json.dumps(ident)}, {{ render }});
</script>
"""


def script(name: str) -> str:
    """Write an explorer's module and its host as code that exports nothing: it defines `render` and `mount`."""
    return f"{bundle(name)}\n{bundle('host')}".replace("export default { render };", "").replace("\nexport ", "\n")
