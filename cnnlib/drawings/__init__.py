"""Drawings that one lesson needs, in the module of its name; `figures` and `overlays` have what all lessons use."""
