"""Which kind of file an Accept header asks for."""

from __future__ import annotations

import pytest

from edge.http.stills import preferred


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("*/*", "png"),
        ("image/webp", "webp"),
        ("image/png, image/webp", "png"),
        ("image/webp,image/png;q=0.5", "webp"),
        ("image/webp;q=0.2,image/*;q=0.8", "png"),
        ("image/avif,image/webp;q=0.9,*/*;q=0.1", "webp"),
        ("IMAGE/WEBP ; Q=1", "webp"),
        ("image/webp;q=much", "png"),
        ("text/html", "png"),
        (",;,", "png"),
        ("", "png"),
    ],
)
def test_webp_for_whoever_likes_it_better(accept: str, kind: str) -> None:
    assert preferred(accept) == kind
