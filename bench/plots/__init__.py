"""``python -m bench plot``: figures of results as SVG, readable on a light and on a dark page."""
