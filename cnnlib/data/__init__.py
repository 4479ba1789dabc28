"""Images to learn from: drawn ones, photographs that come with Python packages, and the real data sets."""
