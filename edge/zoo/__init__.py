"""
The model files and clips on this machine; what is missing is fetched, once.

A published network becomes one of the project's own graphs (``edge.zoo.wrapping``) when it arrives,
and its card is written beside it: the cache holds only files that can be run as they are.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Sequence
from pathlib import Path

from edge.errors import ModelError, ModelMismatch, ModelMissing, StorageError, UnknownName
from edge.files import home
from edge.zoo.assets import Asset, Manifest, Package, manifest
from edge.zoo.card import Card
from edge.zoo.card_file import check_file, file_sha256
from edge.zoo.fetching import fetch
from edge.zoo.fetching.disk import alone, require_room, storing
from edge.zoo.fetching.progress import Progress, shown
from edge.zoo.own import MEND, SHIPPED, Own
from edge.zoo.prepare import card_in_cache, card_of, mend, model_file, prepare

logger = logging.getLogger(__name__)


def default_cache() -> Path:
    """Where fetched files are kept unless the user says otherwise (XDG base directories)."""
    return home("XDG_CACHE_HOME", ".cache")


class Zoo:
    """
    Gives paths of verified files. May be used from several threads and processes at once.

    Args:
        cache: the folder fetched files are kept in; made when first written to.
        folder: where the user has put published files or packages, looked at first, or models with
            their cards. Optional.
        listing: what can be had. By default what comes with the service: its manifest, and the
            project's own models.
        own: folders of models that were made here, see ``edge.zoo.own``. An id of the listing wins.
    """

    def __init__(
        self,
        cache: Path,
        folder: Path | None = None,
        listing: Manifest | None = None,
        own: Sequence[Path] = (),
    ) -> None:
        self.cache = cache
        self._folder = folder
        shipped = SHIPPED if listing is None else ()
        self._own = Own([*own, *shipped, *([folder] if folder else [])])
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
            known = ", ".join([*self._own.found(), *self._assets])
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
        mine = self.own(asset_id)
        if mine is not None:
            check_file(mine[1], mine[0], MEND)
            return mine[0]
        asset = self.asset(asset_id)
        path = self.location(asset_id)
        with storing(self.cache):
            if self._fault(asset, path) is None:
                return path
            downloads = self.cache / "downloads"
            downloads.mkdir(parents=True, exist_ok=True)
            with alone(downloads / f"{asset.id}.lock", asset.id):
                fault = self._fault(asset, path)
                if fault is not None:  # no other process has brought it meanwhile
                    _announce(asset, fault)
                    self._bring(asset, path, downloads / asset.id, progress)
        return path

    def location(self, asset_id: str) -> Path:
        """Where the file is, or will be. Raises UnknownName."""
        mine = self.own(asset_id)
        if mine is not None:
            return mine[0]
        asset = self.asset(asset_id)
        if asset.network is not None:
            return self.cache / "models" / model_file(asset)
        return self.cache / f"{asset.kind}s" / asset.file

    def installed(self, asset_id: str) -> bool:
        """Whether the file seems to be here, by name and size; ``path`` compares its checksum."""
        mine = self.own(asset_id)
        path = self.location(asset_id)
        try:
            if mine is not None:
                return path.stat().st_size == mine[1].size_bytes
            asset = self.asset(asset_id)
            size = asset.size_bytes
            if asset.network is not None:
                size = card_in_cache(asset, asset.network, path).size_bytes
            return path.stat().st_size == size
        except (ModelError, StorageError, OSError):
            return False

    def check(self, asset_id: str) -> None:
        """
        Read the whole file and compare it; nothing is fetched.

        Raises:
            ModelError: it is missing, or not what it should be.
            StorageError: it cannot be read.
        """
        mine = self.own(asset_id)
        if mine is not None:
            check_file(mine[1], mine[0], MEND)
            return
        asset, path = self.asset(asset_id), self.location(asset_id)
        with storing(self.cache):
            if asset.network is not None:
                check_file(card_in_cache(asset, asset.network, path), path, mend(asset))
            elif not path.exists():
                raise ModelMissing(f"{path}: no such file. {mend(asset)}")
            elif file_sha256(path) != asset.sha256:
                raise ModelMismatch(f"{path}: damaged. {mend(asset)}")

    def card(self, model_id: str) -> Card:
        """
        The card of a model: the one beside its file, or before that what it will say.

        Raises:
            UnknownName: no such model, or one that no kind runs yet.
        """
        mine = self.own(model_id)
        if mine is not None:
            return mine[1]
        asset = self.asset(model_id)
        if asset.network is None:
            known = ", ".join(card.id for card in self.cards())
            raise UnknownName(f"{model_id!r} is no model that runs here; there are {known}")
        try:
            return card_in_cache(asset, asset.network, self.location(model_id))
        except (ModelError, StorageError):
            return card_of(asset, asset.network)

    def cards(self) -> list[Card]:
        """The cards of all models that run here, installed or not: those that need no fetching
        first."""
        made = self._own.found().items()
        listed = [self.card(asset.id) for asset in self.assets() if asset.network is not None]
        return [card for name, (_, card) in made if name not in self._assets] + listed

    def own(self, model_id: str) -> tuple[Path, Card] | None:
        """The file and card of a model that needs no fetching; None if there is no such model."""
        return None if model_id in self._assets else self._own.get(model_id)

    def _fault(self, asset: Asset, path: Path) -> str | None:
        """Why the file in the cache does not serve, or None if it does."""
        if not path.exists():
            return "not here"
        state = (path.stat().st_size, path.stat().st_mtime_ns)
        if self._seen.get(path) == state:
            return None
        try:
            self.check(asset.id)
        except ModelError as error:
            return str(error)
        self._seen[path] = state
        return None

    def _bring(self, asset: Asset, path: Path, work: Path, progress: Progress | None) -> None:
        work.mkdir(exist_ok=True)
        archives = [s.size_bytes for s in asset.sources if isinstance(s, Package)]
        require_room(work, 2 * max(archives, default=0) + 2 * asset.size_bytes)
        with shown(asset.id, progress) as report:
            published = fetch(asset, self._folder, work, report)
        path.parent.mkdir(exist_ok=True)
        if asset.network is None:
            published.replace(path)
        else:
            prepare(asset, asset.network, published, path)
        shutil.rmtree(work)
        self._seen[path] = (path.stat().st_size, path.stat().st_mtime_ns)


def _announce(asset: Asset, reason: str) -> None:
    megabytes = asset.size_bytes / 1e6
    logger.info("fetching %s (%.1f MB, %s): %s", asset.id, megabytes, asset.licence.spdx, reason)
    if asset.licence.notice:
        logger.warning("%s: %s", asset.id, asset.licence.notice)
