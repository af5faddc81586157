"""Trying models on live frames, one run at a time, until one is found that keeps up."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from edge.cores import model_threads
from edge.errors import EdgeError
from edge.frame import Alpha, Frame
from edge.matting import MattingModel
from edge.matting._budget import Budget
from edge.matting._ranking import Way
from edge.parity import difference, fault, together

WARM_UP = 2  # runs that are not counted: the first load kernels and touch fresh memory
RUNS = 4  # of which the quickest counts
CPU = "CPUExecutionProvider"
HOPELESS = 2.0  # intervals: a model whose second run takes longer is not run again

Load: TypeAlias = Callable[[str], MattingModel]
Steps: TypeAlias = Generator[None, None, "Trial | None"]


@dataclass(frozen=True, slots=True)
class Trial:
    """
    Attributes:
        spec: what was timed.
        threads: that it used.
        time_s: of one matte, frame fitting included, if it is not disturbed.
        model: as it was loaded.
    """

    spec: str
    threads: int
    time_s: float
    model: MattingModel


def loaded(load: Load, spec: str) -> Generator[None, None, MattingModel]:
    """
    Load a model beside the frames, in a thread of its own.

    Raises:
        EdgeError, Exception: what ``load`` raised.
    """
    result: list[MattingModel | Exception] = []

    def work() -> None:
        try:
            result.append(load(spec))
        except Exception as error:  # noqa: BLE001 - raised where it is waited for
            result.append(error)

    thread = threading.Thread(target=work, name="candidate", daemon=True)
    thread.start()
    while thread.is_alive():
        yield
    (made,) = result
    if isinstance(made, Exception):
        raise made
    return made


@dataclass(slots=True)
class Search:
    """
    Each step, which is what a ``yield`` ends, takes no longer than one run of one model.

    Attributes:
        load: makes a model of a spec.
        samples: the frames that all are tried on.
        budget: what a frame may cost.
        times_s, refused: for the report.
    """

    load: Load
    samples: Sequence[Frame]
    budget: Budget
    times_s: dict[str, float] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    slowest: list[Trial] = field(default_factory=list)

    def best(self, ways: Sequence[Way], reference: Way) -> Steps:
        """
        The first of one model's ``ways`` that fits the budget, with the fewest threads it needs.

        Args:
            reference: the way whose matte all others are held to.

        Returns:
            None if none does; then the quickest of all is in ``quickest``.
        """
        wanted: list[Alpha] | None = None
        for way in ways:
            for threads in model_threads(self.budget.cores):
                try:
                    if wanted is None and way != reference:
                        wanted = yield from self._mattes(reference)
                    trial, alphas = yield from self._tried(way.at(threads), threads)
                    wanted = wanted or alphas
                    self._require_same(alphas, wanted, way.precision)
                except (EdgeError, ValueError) as error:  # ValueError: mattes of another size
                    self.refused.append(f"{way.at(threads)}: {error}")
                    break
                self.times_s[trial.spec] = trial.time_s
                if self.budget.fits(trial.time_s, threads):
                    return trial
                self.slowest = [min([*self.slowest, trial], key=lambda each: each.time_s)]
                if not self.budget.affords(trial.time_s * threads):
                    break
        return None

    @property
    def quickest(self) -> Trial | None:
        """Of those that are too slow."""
        return self.slowest[0] if self.slowest else None

    def _mattes(self, reference: Way) -> Generator[None, None, list[Alpha]]:
        model = yield from loaded(self.load, reference.at(self._fewest))
        alphas = []
        for shown in self.samples:
            alphas.append(model.matte(shown).alpha)
            yield
        return alphas

    @property
    def _fewest(self) -> int:
        return model_threads(self.budget.cores)[0]

    def _tried(self, spec: str, threads: int) -> Generator[None, None, tuple[Trial, list[Alpha]]]:
        model = yield from loaded(self.load, spec)
        clock = _clock(model)
        times: list[float] = []
        alphas: list[Alpha] = []
        for turn in range(WARM_UP + RUNS):
            shown = self.samples[turn % len(self.samples)]
            start = clock()
            alpha = model.matte(shown).alpha
            if turn > 0:
                times.append(clock() - start)
            if turn < len(self.samples):
                alphas.append(alpha)
            if turn and times[-1] > HOPELESS * self.budget.interval_s:
                break
            yield
        return Trial(spec, threads, min(times[WARM_UP - 1 :] or times), model), alphas

    def _require_same(
        self, found: Sequence[Alpha], wanted: Sequence[Alpha], precision: str
    ) -> None:
        """Raise ValueError if a limit of ``precision`` is broken."""
        pairs = zip(found, wanted, strict=False)  # a hopeless one has fewer
        broken = fault(together([difference(one, other) for one, other in pairs]), precision)
        if broken is not None:
            raise ValueError(f"{broken.what} is {broken.found:.3g}, limit {broken.limit:.3g}")


def _clock(model: MattingModel) -> Callable[[], float]:
    """
    That of this thread's CPU time: it does its share of the work, and so takes as long as the
    whole does while every thread has a core. What else runs on this machine at the moment, the
    camera's first frames or another program, does not make the model slower in the long run.

    On a GPU the thread only waits, and real time is all there is.
    """
    return time.thread_time if getattr(model, "provider", CPU) == CPU else time.perf_counter
