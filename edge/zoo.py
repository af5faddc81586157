"""
The model files and clips on this machine; what is missing is fetched, once.

A published network becomes one of the project's own graphs (``edge.wrap``) when it arrives, and its
card is written beside it: the cache holds only files that can be run as they are.
"""

from __future__ import annotations

import logging
import os
import shutil
from pathlib import Path

from edge.card import Card, Origin, card_path, check_file, file_sha256, read_card
from edge.errors import ModelError, ModelMismatch, UnknownName
from edge.fetch import fetch
from edge.fetch.disk import alone, require_room, storing
from edge.fetch.progress import Progress, shown
from edge.files import write_atomically
from edge.manifest import Asset, Manifest, Network, Package, manifest
from edge.wrap import INPUT, OUTPUT, STEP, wrap

logger = logging.getLogger(__name__)


def default_cache() -> Path:
    """Where fetched files are kept unless the user says otherwise (XDG base directories)."""
    root = os.environ.get("XDG_CACHE_HOME")
    return (Path(root) if root else Path.home() / ".cache") / "edge-matting"


class Zoo:
    """
    Gives paths of verified files. May be used from several threads and processes at once.

    Args:
        cache: the folder fetched files are kept in; made when first written to.
        folder: where the user has put published files or packages, looked at first. Optional.
        listing: what can be had; the manifest that comes with the service by default.
    """

    def __init__(
        self, cache: Path, folder: Path | None = None, listing: Manifest | None = None
    ) -> None:
        self.cache = cache
        self._folder = folder
        self._assets = (listing or manifest()).by_id()
        self._seen: dict[Path, tuple[int, int]] = {}  # verified: (size, mtime_ns) at that time

    def assets(self) -> list[Asset]:
        """All that can be had."""
        return list(self._assets.values())

    def asset(self, asset_id: str) -> Asset:
        """
        What the manifest says of one.

        Raises:
            UnknownName: no such id.
        """
        try:
            return self._assets[asset_id]
        except KeyError:
            known = ", ".join(self._assets)
            raise UnknownName(f"{asset_id!r}: no such model or clip; there are {known}") from None

    def path(self, asset_id: str, progress: Progress | None = None) -> Path:
        """
        The file, fetched if it is not here, its checksum compared.

        Args:
            asset_id: as in the manifest.
            progress: called with the bytes so far and in all. If None, a terminal shows a bar.

        Raises:
            UnknownName: no such id.
            ModelMissing: not here, and no source gave it; says what each one answered.
            StorageError: the cache cannot be read or written, or is full.
        """
        asset = self.asset(asset_id)
        path = self.location(asset_id)
        with storing(self.cache):
            if self._good(asset, path):
                return path
            downloads = self.cache / "downloads"
            downloads.mkdir(parents=True, exist_ok=True)
            with alone(downloads / f"{asset.id}.lock", asset.id):
                if not self._good(asset, path):  # another process may have brought it meanwhile
                    self._bring(asset, path, downloads / asset.id, progress)
        return path

    def location(self, asset_id: str) -> Path:
        """Where the file is, or will be. Raises UnknownName."""
        asset = self.asset(asset_id)
        if asset.network is not None:
            return self.cache / "models" / f"{asset.id}.onnx"
        return self.cache / f"{asset.kind}s" / asset.file

    def installed(self, asset_id: str) -> bool:
        """Whether the file seems to be here, by name and size; ``path`` compares its checksum."""
        asset = self.asset(asset_id)
        path = self.location(asset_id)
        try:
            size = asset.size_bytes if asset.network is None else self._own_card(asset).size_bytes
            return path.stat().st_size == size
        except (ModelError, OSError):
            return False

    def check(self, asset_id: str) -> None:
        """
        Read the whole file and compare it; nothing is fetched.

        Raises:
            ModelError: it is missing, or not what it should be.
            StorageError: it cannot be read.
        """
        asset, path = self.asset(asset_id), self.location(asset_id)
        with storing(self.cache):
            if asset.network is not None:
                check_file(self._own_card(asset), path, _mend(asset))
            elif file_sha256(path) != asset.sha256:
                raise ModelMismatch(f"{path}: damaged. {_mend(asset)}")

    def card(self, model_id: str) -> Card:
        """
        The card of a model: the one beside its file, or before that what it will say.

        Raises:
            UnknownName: no such model, or one that no kind runs yet.
        """
        asset = self.asset(model_id)
        if asset.network is None:
            known = ", ".join(card.id for card in self.cards())
            raise UnknownName(f"{model_id!r} is no model that runs here; there are {known}")
        try:
            return self._own_card(asset)
        except ModelError:
            return _card(asset, asset.network, None)

    def cards(self) -> list[Card]:
        """The cards of all models that run here, installed or not."""
        return [self.card(asset.id) for asset in self.assets() if asset.network is not None]

    def _own_card(self, asset: Asset) -> Card:
        """The card in the cache, if it tells of this very asset made in today's way."""
        card = read_card(self.location(asset.id), _mend(asset))
        if (card.origin.sha256, card.origin.step) != (asset.sha256, STEP):
            raise ModelMismatch(f"{asset.id}: made by another version. {_mend(asset)}")
        return card

    def _good(self, asset: Asset, path: Path) -> bool:
        if not path.exists():
            return False
        state = (path.stat().st_size, path.stat().st_mtime_ns)
        if self._seen.get(path) == state:
            return True
        try:
            self.check(asset.id)
        except ModelError as error:
            logger.warning("%s Fetching it anew.", error)
            return False
        self._seen[path] = state
        return True

    def _bring(self, asset: Asset, path: Path, work: Path, progress: Progress | None) -> None:
        work.mkdir(exist_ok=True)
        archives = [s.size_bytes for s in asset.sources if isinstance(s, Package)]
        require_room(work, 2 * max(archives, default=0) + 2 * asset.size_bytes)
        logger.info(
            "fetching %s (%.1f MB, %s)", asset.id, asset.size_bytes / 1e6, asset.licence.spdx
        )
        if asset.licence.notice:
            logger.warning("%s", asset.licence.notice)
        with shown(asset.id, progress) as report:
            published = fetch(asset, self._folder, work, report)
        path.parent.mkdir(exist_ok=True)
        if asset.network is None:
            published.replace(path)
        else:
            _install(asset, asset.network, published, path)
        shutil.rmtree(work)
        self._seen[path] = (path.stat().st_size, path.stat().st_mtime_ns)


def _install(asset: Asset, network: Network, published: Path, path: Path) -> None:
    """Make the model file; the card comes last, as the word that the file is whole."""
    model = wrap(published.read_bytes(), network.recipe, network.input.size)
    write_atomically(path, model)
    card = _card(asset, network, path)
    write_atomically(card_path(path), card.to_json().encode())


def _card(asset: Asset, network: Network, path: Path | None) -> Card:
    return Card(
        id=asset.id,
        label=asset.label,
        task=network.task,
        runtime="onnx",
        precision="fp32",
        input=network.input.model_copy(update={"name": INPUT}),
        output=OUTPUT,
        file=path.name if path else f"{asset.id}.onnx",
        sha256=file_sha256(path) if path else None,
        size_bytes=path.stat().st_size if path else asset.size_bytes,
        licence=asset.licence,
        origin=Origin(source=asset.homepage, sha256=asset.sha256, step=STEP),
        quality=network.quality,
    )


def _mend(asset: Asset) -> str:
    return f"Run: python -m edge models fetch {asset.id}"
