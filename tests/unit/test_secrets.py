"""Passwords in URLs are masked, whatever is around them."""

from __future__ import annotations

import pytest

from edge.secrets import mask


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("rtsp://admin:pw@10.0.0.7/x", "rtsp://admin:***@10.0.0.7/x"),
        ("RTSP://admin:pw@10.0.0.7/x", "RTSP://admin:***@10.0.0.7/x"),
        ("rtsp://:pw@10.0.0.7/x", "rtsp://:***@10.0.0.7/x"),
        ("rtsp://a:p@ss/w?rd#@10.0.0.7/x", "rtsp://a:***@10.0.0.7/x"),
        ("no 'http://u:p@h/v': refused", "no 'http://u:***@h/v': refused"),
        ("http://u:p@h/v http://v:q@i/w", "http://u:***@h/v http://v:***@i/w"),
        ("http://h/v?user=a&password=pw&x=1", "http://h/v?user=a&password=***&x=1"),
        ("http://h/v?access_token=pw#part", "http://h/v?access_token=***#part"),
        ("stream:rtsp://u:p@h", "stream:rtsp://u:***@h"),
        ("http://10.0.0.7:8080/v?size=640x480", "http://10.0.0.7:8080/v?size=640x480"),
        ("rtsp://admin@10.0.0.7/x", "rtsp://admin@10.0.0.7/x"),
        ("camera:/dev/video0?fps=30", "camera:/dev/video0?fps=30"),
    ],
)
def test_masks_the_secret_and_nothing_else(text: str, masked: str) -> None:
    assert mask(text) == masked
    assert mask(masked) == masked
