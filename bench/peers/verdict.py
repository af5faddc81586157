"""Who is both faster and better, and how far it is to beating everyone in both."""

from __future__ import annotations

from typing import Any

import numpy as np

Row = dict[str, Any]
MEASURES = {"mad": "MAD", "dtssd": "dtSSD"}


def summary(errors: dict[str, dict[str, float]]) -> dict[str, float]:
    """``mad`` of the stills and ``dtssd`` of the clips, mean over parts; what there is of them."""
    stills = [e["mad"] for e in errors.values() if "dtssd" not in e]
    clips = [e["dtssd"] for e in errors.values() if "dtssd" in e]
    found = {}
    if stills:
        found["mad"] = round(float(np.mean(stills)), 3)
    if clips:
        found["dtssd"] = round(float(np.mean(clips)), 3)
    return found


def verdict(rows: list[Row]) -> dict[str, Any]:
    """
    Compare the first of ours with every peer.

    Returns:
        ``ratios``, peer -> times as fast as it, and its error over ours; ``beaten_by``, measure ->
        peers both faster and better; ``to_beat_all``, measure -> how many times faster, and how
        many times smaller in error, ours would have to be; ``words``, the same for people.
    """
    ran = [row for row in rows if "skipped" not in row]
    ours = next((row for row in ran if row["ours"]), None)
    peers = [row for row in ran if not row["ours"]]
    if ours is None or not peers:
        return {"ratios": {}, "beaten_by": {}, "to_beat_all": {}, "words": ["Nobody to compare."]}
    beaten, missing = {}, {}
    for measure in MEASURES:
        both = [row for row in peers if measure in row and measure in ours]
        if not both:
            continue
        beaten[measure] = [row["name"] for row in both if _beats(row, ours, measure)]
        missing[measure] = {
            "faster": _round(max(_fps(row) for row in both) / _fps(ours)),
            "better": _round(ours[measure] / max(1e-9, min(row[measure] for row in both))),
        }
    ratios = {row["name"]: _ratios(ours, row) for row in peers}
    return {
        "ours": ours["name"],
        "ratios": ratios,
        "beaten_by": beaten,
        "to_beat_all": missing,
        "words": _words(ours, ratios, beaten, missing),
    }


def _fps(row: Row) -> float:
    return float(row["fps"]["median"])


def _beats(row: Row, other: Row, measure: str) -> bool:
    return _fps(row) > _fps(other) and row[measure] < other[measure]


def _ratios(ours: Row, peer: Row) -> dict[str, float]:
    found = {"times_as_fast": _round(_fps(ours) / _fps(peer))}
    for measure in MEASURES:
        if measure in ours and measure in peer:
            found[f"its_{measure}_over_ours"] = _round(peer[measure] / max(1e-9, ours[measure]))
    return found


def _words(
    ours: Row,
    ratios: dict[str, dict[str, float]],
    beaten: dict[str, list[str]],
    missing: dict[str, dict[str, float]],
) -> list[str]:
    lines = [
        f"{ours['label']} is {found['times_as_fast']:g} times as fast as {name}"
        + "".join(
            f", whose {word} is {found[f'its_{measure}_over_ours']:g} times ours"
            for measure, word in MEASURES.items()
            if f"its_{measure}_over_ours" in found
        )
        for name, found in ratios.items()
    ]
    for measure, names in beaten.items():
        word = MEASURES[measure]
        lines.append(f"Both faster and better in {word}: {', '.join(names) or 'nobody'}")
        gaps = missing[measure]
        needs = [f"{gaps['faster']:g} times as fast"] if gaps["faster"] > 1 else []
        needs += [f"{word} smaller by {gaps['better']:g}"] if gaps["better"] > 1 else []
        lines.append(f"To beat every peer in both: {' and '.join(needs) or 'it does'}")
    return lines


def _round(value: float) -> float:
    return float(f"{value:.3g}")
