"""What ``stream:`` takes for a URL, and that no password is ever repeated."""

from __future__ import annotations

import traceback

import pytest

from edge.errors import InputError
from edge.sources import stream


def test_the_label_masks_the_password() -> None:
    source = stream.make("rtsp://admin:s3cr3t@10.0.0.7:554/ch1?token=abcd")
    assert source.label == "rtsp://admin:***@10.0.0.7:554/ch1?token=***"


@pytest.mark.parametrize(
    "argument",
    [
        "",
        "10.0.0.7",
        "file:///etc/passwd",
        "concat:/etc/passwd|/etc/hosts",
        "data:video/mp4;base64,AAAA",
        "ftp://admin:s3cr3t@10.0.0.7/x",
        "rtsp://",
        "rtsp://admin:s3cr3t@10.0.0.7:port/x",
        "rtsp://admin:s3cr3t/x@10.0.0.7/x",
        "http://[::1/x",
        "http://10.0.0.7/a\r\nX: y",
    ],
)
def test_refuses_other_schemes_and_malformed_urls(argument: str) -> None:
    with pytest.raises(InputError) as raised:
        stream.make(argument)
    assert "s3cr3t" not in "".join(traceback.format_exception(raised.value))
