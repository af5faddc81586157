"""``python -m bench peers``: speed by turns, errors on the same pictures, and who beats whom."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from bench.dataset import find_parts
from bench.peers.contestants import Contestant, contestants
from bench.peers.environment import prepare
from bench.peers.judging import judge
from bench.peers.verdict import summary, verdict
from bench.table import Table, spread
from edge.drawn.presenter import paint
from edge.errors import EdgeError
from edge.zoo import Zoo, default_cache

FRAMES = 8  # in one turn
SIZE = (1280, 720)
Row = dict[str, Any]


def report_peers(
    data: Path, names: Sequence[str], specs: Sequence[str], rounds: int, shown: bool
) -> dict[str, Any]:
    """
    Args:
        data: stills and clips with alpha.
        names: of peers.
        specs: ours; the first is the one that is judged.
        rounds: of turns; one more, before them, is not counted.

    Returns:
        ``rows``, each with ``fps`` and ``ms`` (median of the rounds, [least, most]), ``errors`` by
        part, ``mad`` of the stills and ``dtssd`` of the clips, or ``skipped`` and why; ``verdict``;
        and the peers' ``pinned`` versions.

    Raises:
        InputError: there is no such data.
        EdgeError: one of ours fails. A peer that fails is skipped.
    """
    parts = find_parts(data)
    zoo = Zoo(default_cache())
    environment = prepare(default_cache(), zoo, print if shown else _silent)
    taking_part, skipped = contestants(environment, names, specs)
    rows: list[Row] = [{"name": name, "skipped": why} for name, why in skipped.items()]
    with ExitStack() as running:
        for one in taking_part:
            running.enter_context(one.program)
        rows = [*_timed(taking_part, rounds), *rows]
        judged = list(zip(rows, taking_part, strict=False))
        for row, one in tqdm(judged, "mattes", leave=False, disable=None):
            if "skipped" not in row:
                _judge(row, one, parts, environment.python.parents[2])
    found = {"rows": rows, "verdict": verdict(rows), "pinned": list(environment.versions)}
    if shown:
        _show(found)
    return {"size": list(SIZE), "rounds": rounds, **found}


def _timed(taking_part: list[Contestant], rounds: int) -> list[Row]:
    turns_s: dict[str, list[float]] = {one.name: [] for one in taking_part}
    failed: dict[str, str] = {}
    with tempfile.TemporaryDirectory(prefix="bench-") as room:
        frames = Path(room) / "frames.npy"
        np.save(frames, np.stack([paint(30 * index, SIZE)[0] for index in range(FRAMES)]))
        for _ in tqdm(range(rounds + 1), "turns", leave=False, disable=None):
            for one in taking_part:
                if one.name in failed:
                    continue
                try:
                    seconds = one.program.ask("time", frames=str(frames))["seconds"]
                except EdgeError as error:
                    if one.ours:
                        raise
                    failed[one.name] = str(error)
                    continue
                turns_s[one.name].append(float(np.median(seconds)))
    return [_row(one, turns_s[one.name][1:], failed.get(one.name)) for one in taking_part]


def _row(one: Contestant, turns_s: list[float], failed: str | None) -> Row:
    row: Row = {"name": one.name, "label": one.label, "ours": one.ours}
    if failed is not None:
        return {**row, "skipped": failed}
    if one.remark:
        row["remark"] = one.remark
    row["fps"] = spread([1 / seconds for seconds in turns_s])
    row["ms"] = spread([1e3 * seconds for seconds in turns_s])
    return row


def _judge(row: Row, one: Contestant, parts: list[Any], kept: Path) -> None:
    try:
        row["errors"] = judge(one, parts, kept)
    except EdgeError as error:
        if one.ours:
            raise
        row["skipped"] = str(error)
        return
    row.update(summary(row["errors"]))


def _silent(line: str) -> None:
    """Nobody reads it."""


def _show(found: dict[str, Any]) -> None:
    table = Table(("on the same frames", "fps", "[least,", "most]", "MAD", "dtSSD"), first=44)
    for row in found["rows"]:
        if "skipped" in row:
            print(f"{row['name']}: skipped: {row['skipped']}")
            continue
        fps = row["fps"]
        errors = (f"{row[m]:.2f}" if m in row else "-" for m in ("mad", "dtssd"))
        label = f"{'> ' if row['ours'] else ''}{row['label']}"
        label += f" ({row['remark']})" if "remark" in row else ""
        table.row((label, *(f"{fps[k]:.1f}" for k in ("median", "least", "most")), *errors))
    for line in found["verdict"]["words"]:
        print(line)
