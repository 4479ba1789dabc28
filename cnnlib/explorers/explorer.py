"""The base of every explorer: a widget that an ES module draws, with a still picture for readers where nothing can run."""

import json
from functools import cache
from importlib.resources import files
from typing import Any, ClassVar

import anywidget
import traitlets

from cnnlib.explorers.modules import bundle, styles
from cnnlib.mime import EXPLORER as MIME

STILLS, DATA = (files("cnnlib.explorers") / folder for folder in ("stills", "data"))
WIDTH = 700  # pixels of a still's page; the picture has more of them, to stay sharp


def setting(trait: traitlets.TraitType) -> Any:
    """Mark a trait as a value that a reader moves: a new default makes the still picture stale."""
    return trait.tag(sync=True, setting=True)


def data(trait: traitlets.TraitType) -> Any:
    """Mark a trait as what is explored: photographs, scenes, predictions."""
    return trait.tag(sync=True, data=True)


class Explorer(anywidget.AnyWidget):
    """A figure that follows the hand: traits are its values, `js/NAME.js` draws them.

    A subclass gives its `name`, an `alt` text for its still picture, and traits made by `setting` and `data`. What is the same
    for everyone, such as photographs, is computed by `common`, when the explorer is made, and is not saved in a notebook.
    """

    name: ClassVar[str]
    alt: ClassVar[str]
    _esm = traitlets.Unicode().tag(sync=True)
    _css = traitlets.Unicode().tag(sync=True)
    _ipython_display_ = None  # ipywidgets 7 would show the widget alone, without its still picture

    def __init__(self, **values: Any) -> None:
        super().__init__(**self.common() | values)

    @classmethod
    def common(cls) -> dict[str, Any]:
        """Compute the data that do not depend on the learner's own work."""
        return {}

    @classmethod
    def settings(cls) -> dict[str, Any]:
        """List the settings with their default values."""
        return {name: trait.default() for name, trait in cls.class_traits(setting=True).items()}

    @classmethod
    def initial(cls) -> dict[str, Any]:
        """List all values of an explorer that was made without arguments."""
        data = {name: trait.default() for name, trait in cls.class_traits(data=True).items()}
        return cls.settings() | data | cls.common()

    @traitlets.default("_esm")
    def _module(self) -> str:
        return bundle(self.name)

    @traitlets.default("_css")
    def _styles(self) -> str:
        return styles()

    def values(self) -> dict[str, Any]:
        """Collect the values that differ from the initial ones: with them a page can show this explorer."""
        return {name: getattr(self, name) for name, value in self.initial().items() if getattr(self, name) != value}

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict, dict]:
        view, metadata = super()._repr_mimebundle_(**kwargs) or ({}, {})
        saved = {MIME: {"name": self.name, "values": self.values()}, "text/plain": repr(self)}
        picture = still(self.name)
        if picture is None:
            return view | saved, metadata
        shown = {"image/png": {"alt": self.alt, "width": WIDTH}}
        return view | saved | {"image/png": picture}, metadata | shown


@cache
def stored(name: str) -> dict[str, Any]:
    """Read what was computed once by `python -m tools.explorer_data NAME`."""
    return json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))


@cache
def still(name: str) -> bytes | None:
    """Read the still picture of an explorer, a PNG; None before it was made."""
    path = STILLS / f"{name}.png"
    return path.read_bytes() if path.is_file() else None
