from __future__ import annotations

from pathlib import Path

import pytest

from edge.errors import InputTooLarge, UndecodableInput, UnsupportedInput
from edge.media.uploads import (
    AVIF,
    GIF,
    JPEG,
    MATROSKA,
    MAX_BYTES,
    MP4,
    PNG,
    WEBP,
    FileType,
    check_bytes,
    sniff,
    type_of,
)


@pytest.mark.parametrize(
    ("head", "found"),
    [
        (b"\xff\xd8\xff\xe0\0\x10JFIF", JPEG),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", PNG),
        (b"RIFF\x24\0\0\0WEBPVP8 ", WEBP),
        (b"GIF89a", GIF),
        (b"\0\0\0\x1cftypavif", AVIF),
        (b"\0\0\0\x20ftypisom", MP4),
        (b"\0\0\0\x14ftypqt  ", MP4),
        (b"\0\0\0\x08wide\0\0\0\0mdat", MP4),
        (b"\x1a\x45\xdf\xa3\x9fB\x86\x81", MATROSKA),
    ],
)
def test_a_type_is_known_by_its_first_bytes(head: bytes, found: FileType) -> None:
    assert sniff(head) is found


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"milk, bread, butter\n", "found text"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "an SVG drawing"),
        (b'\xef\xbb\xbf  <?xml version="1.0"?><svg/>', "an SVG drawing?"),
        (b"<!DOCTYPE html><html>", "a web page"),
        (b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", "a playlist"),
        (b"ffconcat version 1.0\nfile /etc/passwd\n", "a playlist"),
        (b"%PDF-1.7", "a PDF"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "a HEIC picture"),
        (b"RIFF\x24\0\0\0WAVEfmt ", "unknown type"),
        (b"\0" * 300, "unknown type"),
        (b"G@\x11\x10\0B\xf0" * 30, "unknown type"),
    ],
)
def test_what_is_not_taken_is_named_whatever_the_file_is_called(
    content: bytes, words: str, tmp_path: Path
) -> None:
    for name in ("a.jpg", "a.png", "a.mp4", "a.webm"):
        path = tmp_path / name
        path.write_bytes(content)
        with pytest.raises(UnsupportedInput) as refusal:
            type_of(path)
        assert words in str(refusal.value)
        assert "wanted a picture (JPEG, PNG" in str(refusal.value)


def test_an_empty_file_is_called_empty() -> None:
    with pytest.raises(UndecodableInput, match="empty"):
        type_of(b"")


def test_the_limit_on_bytes_is_told() -> None:
    check_bytes(MAX_BYTES)
    with pytest.raises(InputTooLarge, match=r"32\.0 MiB; wanted 32 MiB at most"):
        check_bytes(MAX_BYTES + 1)
