"""The formats of ours in an output's bundle; a viewer that does not know them shows the standard format beside them."""

EXPLORER = "application/vnd.cnnlib.explorer+json"  # an explorer's name and values
DRAWING = "application/vnd.cnnlib.drawing"  # a figure as SVG, beside its PNG
