"""
What comes from outside is taken for what its first bytes say, never for its name or declared type.

Pictures are decoded by ``edge.media.pictures``, videos by ``edge.media.clips``; each is told the
one format to expect, so that no playlist, script or drawing is ever tried.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from edge.errors import InputError, InputTooLarge, UndecodableInput, UnsupportedInput

MAX_BYTES = 32 * 2**20
HEAD_BYTES = 256  # enough for ``sniff`` and ``guess``
WANTED = "wanted a picture (JPEG, PNG, WebP, AVIF, GIF) or a video (MP4, MOV, WebM, MKV)"

HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
AVIF_BRANDS = {b"avif", b"avis"}
QUICKTIME_ATOMS = {b"moov", b"mdat", b"wide", b"free", b"skip"}  # how a MOV without ftyp begins


@dataclass(frozen=True, slots=True)
class FileType:
    """
    Attributes:
        name: for people.
        suffix: what a file of this type is stored as.
        decoder: Pillow's name of the format, or FFmpeg's of the demuxer.
    """

    name: str
    kind: Literal["image", "video"]
    suffix: str
    decoder: str


JPEG = FileType("JPEG", "image", ".jpg", "JPEG")
PNG = FileType("PNG", "image", ".png", "PNG")
WEBP = FileType("WebP", "image", ".webp", "WEBP")
AVIF = FileType("AVIF", "image", ".avif", "AVIF")
GIF = FileType("GIF", "image", ".gif", "GIF")
MP4 = FileType("MP4", "video", ".mp4", "mov")
MATROSKA = FileType("WebM/Matroska", "video", ".webm", "matroska")

SIGNATURES = (
    (b"\xff\xd8\xff", JPEG),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"GIF87a", GIF),
    (b"GIF89a", GIF),
    (b"\x1a\x45\xdf\xa3", MATROSKA),
)

# What people try, named in the refusal: first bytes without white space, lower case.
REFUSED = (
    (b"%pdf", "a PDF document"),
    (b"<svg", "an SVG drawing"),
    (b"<?xml", "an XML document (an SVG drawing?)"),
    (b"<!doctype", "a web page"),
    (b"<html", "a web page"),
    (b"#extm3u", "a playlist"),
    (b"ffconcat", "a playlist"),
    (b"[playlist]", "a playlist"),
    (b"bm", "a BMP picture"),
    (b"ii*\0", "a TIFF picture"),
    (b"mm\0*", "a TIFF picture"),
    (b"pk\3\4", "a ZIP archive"),
)


def sniff(head: bytes) -> FileType | None:
    """What a file that begins with ``head`` (HEAD_BYTES are enough) is, if it is taken here."""
    for signature, found in SIGNATURES:
        if head.startswith(signature):
            return found
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return WEBP
    if head[4:8] == b"ftyp":
        brand = head[8:12]
        return AVIF if brand in AVIF_BRANDS else None if brand in HEIF_BRANDS else MP4
    return MP4 if head[4:8] in QUICKTIME_ATOMS else None


def guess(head: bytes) -> str:
    """Words for a file that is not taken, from its first bytes."""
    if head[4:8] == b"ftyp":
        return "a HEIC picture"
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    for signature, words in REFUSED:
        if start.startswith(signature):
            return words
    text = bool(head) and all(byte >= 32 or byte in b"\t\n\r\f" for byte in head)
    return "text" if text else "a file of an unknown type"


def type_of(data: bytes | Path, kind: Literal["image", "video"] | None = None) -> FileType:
    """
    The type of a file or its content, of ``kind`` if one is asked for.

    Raises:
        InputError: the file cannot be read.
        UndecodableInput: it is empty.
        UnsupportedInput: it is something else.
    """
    head = data[:HEAD_BYTES] if isinstance(data, bytes) else _head(data)
    if not head:
        raise UndecodableInput(f"the file is empty (0 bytes); {WANTED}")
    found = sniff(head)
    if found is None:
        raise UnsupportedInput(f"found {guess(head)}; {WANTED}")
    if kind is not None and found.kind != kind:
        wanted = "a picture" if kind == "image" else "a video"
        raise UnsupportedInput(f"found a {found.kind} ({found.name}); wanted {wanted}")
    return found


def check_bytes(count: int, limit: int = MAX_BYTES) -> None:
    """
    Refuse what is too large to be taken, by its length alone.

    Raises:
        InputTooLarge: more than ``limit``.
    """
    if count > limit:
        raise InputTooLarge(
            f"the file has {count / 2**20:.1f} MiB; wanted {limit / 2**20:.0f} MiB at most: "
            "make it smaller or shorter"
        )


def _head(path: Path) -> bytes:
    try:
        if not path.is_file():
            raise InputError("no such file" if not path.exists() else "not a file")
        with path.open("rb") as file:
            return file.read(HEAD_BYTES)
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror or error}") from error
