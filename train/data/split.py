"""Which pictures are held out: the same ones each time, and none with a twin in training."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence

from train.data.records import Record
from train.data.similar import components, near_pairs


def split(
    records: Sequence[Record], hashes: Sequence[int], share: float, seed: int = 0
) -> tuple[list[int], list[int]]:
    """
    The numbers of the records to train on, and of those held out.

    Pictures of one group, and near-duplicates, stay together. Whether a group is held out depends
    on its own name and the seed alone, so that a data set that grows keeps its split.

    Args:
        records: people and backgrounds.
        hashes: their perceptual hashes.
        share: of the groups that is held out, 0 to 1, of people and of backgrounds alike. Of few
            people at least one group is held out, if one is left to train on.
    """
    first: dict[str, int] = {}
    links = [(first.setdefault(r.group, i), i) for i, r in enumerate(records) if r.group]
    of = components(len(records), [*links, *near_pairs(hashes)])
    members: dict[int, list[int]] = defaultdict(list)
    for number, root in enumerate(of):
        members[root].append(number)
    lots = {
        root: _lot(min(records[n].group or records[n].name for n in numbers), seed)
        for root, numbers in members.items()
    }
    held = {root for root, lot in lots.items() if lot < share}
    people = [root for root in lots if any(not records[n].background for n in members[root])]
    if share and len(people) > 1 and not held.intersection(people):
        held.add(min(people, key=lots.__getitem__))
    sides = ([r for r in lots if r not in held], held)
    train, out = (sorted(n for root in side for n in members[root]) for side in sides)
    return train, out


def _lot(key: str, seed: int) -> float:
    """A number in [0, 1) that only ``key`` and ``seed`` decide."""
    digest = hashlib.sha256(f"{seed} {key}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64
