"""Which model ``--matting auto:`` runs here, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.cores import model_threads, usable_cores
from edge.doctor.checks import Finding, Status

if TYPE_CHECKING:
    from edge.zoo import Zoo


def examine(zoo: Zoo) -> list[Finding]:
    """What was chosen last, or what it will be chosen among; and how the cores are divided."""
    from edge.matting._kept import latest
    from edge.matting._ranking import ranked

    choice = latest(zoo.cache)
    if choice is not None:
        found = f"{choice.spec}: {choice.why}"
        advice = "a smaller picture or a slower rate of the camera, or another machine"
        status: Status = "ok" if choice.fits else "problem"
        return [Finding("automatic model", status, found, _division(), advice)]
    own = ", ".join(card.id for card in ranked(zoo))
    if own:
        found = f"chosen on the first frames of the first start, among {own}"
        return [Finding("automatic model", "ok", found, _division())]
    meaning = "the project's own models are missing; u2netp is fetched in their place"
    return [Finding("automatic model", "missing", "none", meaning, "name them: --models-dir")]


def _division() -> str:
    cores = usable_cores()
    threads = " or ".join(str(count) for count in model_threads(cores))
    return (
        f"of {cores:g} cores the model gets {threads} threads, the fewest that keep up; "
        "the rest decode, compose and encode meanwhile"
    )
