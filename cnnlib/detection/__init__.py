"""Find where things are: boxes, anchors and pooled regions, and the detectors built from them."""
