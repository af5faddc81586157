"""
What may be chosen over HTTP: sources, models and backgrounds, each with an id that tells neither a
path nor a password, and the way from that id back to the thing itself.
"""

from __future__ import annotations

from edge.secrets import mask


def public_id(spec: str) -> str:
    """
    The id of a configured spec: its kind, and of a file only the name, of a URL no password, of a
    pipeline only its first element.
    """
    scheme, _, argument = spec.partition(":")
    if scheme in ("file", "image", "video"):
        return f"{scheme}:{argument.rstrip('/').rpartition('/')[2]}"
    if scheme == "gstreamer":
        return f"{scheme}:{(argument.split() or [''])[0]}"
    return f"{scheme}:{mask(argument)}"
