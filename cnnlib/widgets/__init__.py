"""Explorers: move a slider, see the picture change. Each shows a static figure where no kernel runs.

Their parts are here; the explorers of a lesson are in the module of its name.
"""

import html
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager

import ipywidgets as ui

from cnnlib import figures

LOOK = {"style": {"description_width": "9em"}, "layout": {"width": "26em"}}  # no label is cut off, and all are aligned
WRAP = {"flex_flow": "row wrap"}  # of what is side by side, in a narrow window


class Explorer:
    """Controls over a picture: `draw(**values)` makes the figure anew whenever a control moves.

    In a notebook the controls are live; in a saved notebook, on a page or in a slide the first picture is shown instead.
    """

    def __init__(
        self, draw: Callable[..., figures.Figure], controls: Mapping[str, ui.Widget], layout: ui.Widget | None = None
    ) -> None:
        self.draw = draw
        self.controls = controls
        self.picture = ui.HTML()
        self.box = ui.VBox([layout or ui.VBox(list(controls.values())), self.picture])
        for control in controls.values():
            control.observe(lambda change: self.redraw(), names="value")
        self.held = False
        self.figure = self.redraw()

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Move several controls and draw once, at the end."""
        self.held = True
        try:
            yield
        finally:
            self.held = False
            self.redraw()

    def redraw(self) -> figures.Figure:
        """Draw for the controls' present values; a ValueError becomes a sentence in the picture's place."""
        if self.held:
            return self.figure
        try:
            figure = self.draw(**{name: control.value for name, control in self.controls.items()})
            figure.trim = False
        except ValueError as error:
            self.picture.value = f'<p role="alert">{html.escape(str(error))}</p>'
            return self.figure
        self.picture.value = figure.html()
        return figure

    def _repr_mimebundle_(self, **kwargs: object) -> tuple[dict, dict]:
        bundle, metadata = self.figure._repr_mimebundle_()
        view = {"version_major": 2, "version_minor": 0, "model_id": self.box.model_id}
        return bundle | {"application/vnd.jupyter.widget-view+json": view}, metadata


def slider(label: str, value: int, low: int, high: int) -> ui.IntSlider:
    """Make a slider for a whole number, its label read out in full; arrow keys move it."""
    return ui.IntSlider(value, low, high, description=label, **LOOK)


def menu(label: str, options: Iterable[str], value: str | None = None) -> ui.Dropdown:
    """Make a menu, its label in line with those of the sliders; the first option is chosen unless `value` names another."""
    options = list(options)
    return ui.Dropdown(options=options, value=value or options[0], description=label, **LOOK)
