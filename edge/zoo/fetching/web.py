"""A file from a web server, continued where a connection was cut."""

from __future__ import annotations

import http.client
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import BinaryIO

from edge.zoo.fetching.archive import Unavailable
from edge.zoo.fetching.progress import Progress

TIMEOUT_S = 30.0  # without a byte
ATTEMPTS = 3  # in a row that bring nothing new
PAUSE_S = 0.5  # before going on after a cut; doubled at each attempt in vain

_AGAIN = {408, 425, 429, 500, 502, 503, 504}  # may pass


class _Cut(Exception):
    """The connection failed; what came so far is kept."""


def download(url: str, part: Path, size: int, progress: Progress) -> Path:
    """
    Bring ``url`` into ``part``; what is there already is the file's beginning and is kept.

    Args:
        url: http or https.
        part: the file to write.
        size: bytes that the whole file must have.
        progress: called with the bytes so far and in all.

    Returns:
        ``part``, with exactly ``size`` bytes. Its checksum is the caller's to compare.

    Raises:
        Unavailable: the server has no such file, or stays out of reach.
        OSError: ``part`` cannot be written.
    """
    idle, most = 0, _size(part)
    while True:
        try:
            _continue(url, part, size, progress)
            return part
        except _Cut as cut:
            have = _size(part)
            idle, most = (0, have) if have > most else (idle + 1, most)
            if idle >= ATTEMPTS:
                raise Unavailable(str(cut)) from cut
            time.sleep(PAUSE_S * 2**idle)


def _continue(url: str, part: Path, size: int, progress: Progress) -> None:
    have = _size(part)
    if have == size:
        return
    if have > size:
        part.unlink()
        have = 0
    with _open(url, part, have) as response:
        # A server that knows no ranges sends the whole file with 200: start again.
        try:
            with part.open("ab" if response.status == 206 else "wb") as file:
                _copy(response, file, size, progress)
        except Unavailable:
            part.unlink()
            raise


def _open(url: str, part: Path, have: int) -> http.client.HTTPResponse:
    headers = {"User-Agent": "edge-matting", "Accept-Encoding": "identity"}
    if have:
        headers["Range"] = f"bytes={have}-"
    try:
        response: http.client.HTTPResponse = urllib.request.urlopen(
            urllib.request.Request(url, headers=headers), timeout=TIMEOUT_S
        )
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == 416:  # our beginning is longer than their file, or they changed it
            part.unlink(missing_ok=True)
        if error.code == 416 or error.code in _AGAIN:
            raise _Cut(f"HTTP {error.code} {error.reason}") from error
        raise Unavailable(f"HTTP {error.code} {error.reason}") from error
    except (OSError, http.client.HTTPException) as error:  # URLError is an OSError
        raise _Cut(f"cannot be reached: {getattr(error, 'reason', error)}") from error
    if response.status == 206 and not _continues(response, have):
        response.close()
        part.unlink(missing_ok=True)
        raise _Cut("the server sent another part than asked for")
    return response


def _continues(response: http.client.HTTPResponse, have: int) -> bool:
    return (response.headers.get("Content-Range") or "").startswith(f"bytes {have}-")


def _copy(
    response: http.client.HTTPResponse,
    file: BinaryIO,
    size: int,
    progress: Progress,
) -> None:
    have = file.tell()
    while chunk := _read(response):
        have += len(chunk)
        if have > size:
            raise Unavailable(f"more than the {size} bytes wanted: another file")
        file.write(chunk)
        progress(have, size)
    if have < size:
        raise _Cut(f"cut off after {have} of {size} bytes")


def _read(response: http.client.HTTPResponse) -> bytes:
    try:
        return response.read1(1 << 16)
    except (OSError, http.client.HTTPException) as error:
        raise _Cut(f"cut off: {error}") from error


def _size(part: Path) -> int:
    return part.stat().st_size if part.exists() else 0
