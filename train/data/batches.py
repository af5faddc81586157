"""
Batches by number: the same seed and step give the same batch, in any process, after any restart.

That is what makes a resumed run end as an unbroken one: there is no position to remember.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, Sampler

from edge.frame import Rgb
from train.data.framing import Size
from train.data.scenes import Scene, Shot, as_taken, composited, room_from, wall
from train.data.sensor import draw
from train.data.store import Store
from train.data.things import with_things
from train.errors import DataError

EMPTY_WITH_THINGS, ROOMS_WITH_THINGS = 0.5, 0.2  # shares


class Batch(NamedTuple):
    """
    What one step learns from.

    Attributes:
        image: (N, 3, H, W) uint8.
        alpha, contrast: (N, 1, H, W) uint8; see ``Shot``.
        pairs: whether the second half shows the first one frame later.
    """

    image: Tensor
    alpha: Tensor
    contrast: Tensor
    pairs: bool


@dataclass(frozen=True, slots=True)
class Mix:
    """
    Attributes:
        sizes: (width, height) of the batches; each has one of them.
        size: pictures in a batch; even.
        composited, empty: the shares of scenes with a new room, and with nobody.
        pairs: the share of batches that are pairs.
    """

    sizes: Sequence[Size]
    size: int
    composited: float = 0.5
    empty: float = 0.12
    pairs: float = 0.25


class Batches(Dataset[Batch]):
    """
    The batch of each step.

    Args:
        store: the pictures.
        numbers: those of the store that may be used.
        mix: what a batch holds.
        seed: of the run.
        rank: of this process among those that train together; each gets other batches.
    """

    def __init__(
        self, store: Store, numbers: Sequence[int], mix: Mix, seed: int, rank: int = 0
    ) -> None:
        records = store.records()
        self._people = [n for n in numbers if not records[n].background]
        self._rooms = [n for n in numbers if records[n].background]
        if not self._people:
            raise DataError(
                "no picture of a person is left to train on: hold out less, or add some"
            )
        weights = np.array([records[n].weight for n in self._people])
        self._odds = np.cumsum(weights / weights.sum())[:-1]
        self._store, self._mix, self._seed, self._rank = store, mix, seed, rank

    def __getitem__(self, step: int) -> Batch:
        cv2.setNumThreads(1)  # in a loading process of its own; more threads would only fight
        rng = np.random.default_rng((self._seed, self._rank, step))
        frame = self._mix.sizes[int(rng.integers(len(self._mix.sizes)))]
        pairs = bool(rng.random() < self._mix.pairs)
        scenes = [self._scene(rng, frame) for _ in range(self._mix.size // (1 + pairs))]
        cameras = [draw(rng) for _ in scenes]
        shots = [scene.shoot() for scene in scenes]
        if pairs:
            shots += [scene.later(rng).shoot() for scene in scenes]
            cameras *= 2
        seen = [camera.see(rng, shot.image) for camera, shot in zip(cameras, shots, strict=True)]
        return Batch(
            torch.from_numpy(np.stack(seen)).permute(
                0, 3, 1, 2
            ),  # channels last, as it is computed
            _maps([shot.alpha for shot in shots]),
            _maps([shot.contrast for shot in shots]),
            pairs,
        )

    def shots(self, count: int, kind: str, frame: Size) -> list[Shot]:
        """
        Scenes of one kind, for validation: always the same, each picture at most once more often.

        Args:
            kind: ``as taken``, ``composited`` or ``empty``.
        """
        rng = np.random.default_rng((self._seed, 1, len(kind), *frame))
        people, rooms = rng.permutation(self._people), rng.permutation(self._rooms)
        if kind == "empty":
            return [
                self._empty(rng, rooms[i % len(rooms)], frame).shoot()
                for i in range(count)
                if len(rooms)
            ]
        chosen = [int(people[i % len(people)]) for i in range(min(count, len(people)))]
        if kind == "as taken":
            return [as_taken(rng, self._store[n], frame).shoot() for n in chosen]
        return [
            composited(rng, [self._store[n]], self._room(rng, frame), frame).shoot() for n in chosen
        ]

    def _scene(self, rng: np.random.Generator, frame: Size) -> Scene:
        lot = rng.random()
        if lot < self._mix.empty and self._rooms:
            return self._empty(rng, self._rooms[int(rng.integers(len(self._rooms)))], frame)
        people = [self._person(rng)]
        if lot < self._mix.empty + self._mix.composited:
            if rng.random() < 0.08:
                people.append(self._person(rng))
            return composited(rng, [self._store[n] for n in people], self._room(rng, frame), frame)
        return as_taken(rng, self._store[people[0]], frame)

    def _empty(self, rng: np.random.Generator, number: int, frame: Size) -> Scene:
        room = room_from(rng, self._store[int(number)].image, frame)
        return Scene(frame, self._furnished(rng, room, EMPTY_WITH_THINGS))

    def _room(self, rng: np.random.Generator, frame: Size) -> Rgb:
        if not self._rooms or rng.random() < 0.08:
            return wall(rng, frame)
        number = self._rooms[int(rng.integers(len(self._rooms)))]
        room = room_from(rng, self._store[number].image, frame)
        return self._furnished(rng, room, ROOMS_WITH_THINGS)

    def _furnished(self, rng: np.random.Generator, room: Rgb, share: float) -> Rgb:
        if rng.random() >= share:
            return room
        texture = self._rooms[int(rng.integers(len(self._rooms)))]
        return with_things(rng, room, self._store[texture].image)

    def _person(self, rng: np.random.Generator) -> int:
        return int(self._people[np.searchsorted(self._odds, rng.random())])


class From(Sampler[int]):
    """The steps from ``first`` up to, not including, ``end``."""

    def __init__(self, first: int, end: int) -> None:
        self._steps = range(first, end)

    def __iter__(self) -> Iterator[int]:
        return iter(self._steps)

    def __len__(self) -> int:
        return len(self._steps)


def loader(batches: Batches, first: int, end: int, workers: int) -> DataLoader[Batch]:
    """The batches of the steps ``first`` to ``end``, made ahead of time by other processes."""
    return DataLoader(
        batches,
        batch_size=None,
        sampler=From(first, end),
        num_workers=workers,
        prefetch_factor=4 if workers else None,
        pin_memory=torch.cuda.is_available(),
        worker_init_fn=_unstoppable,
    )


def _unstoppable(worker: int) -> None:
    """A signal to the group ends the run in its own way; its workers end with it."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)


def _maps(maps: list[NDArray[np.uint8]]) -> Tensor:
    return torch.from_numpy(np.stack(maps))[:, None]
