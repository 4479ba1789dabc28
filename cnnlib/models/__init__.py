"""One paper, one file: its table as data, and the network built from it."""
