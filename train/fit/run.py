"""The loop: steps, validations, checkpoints, and an end."""

from __future__ import annotations

import math
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from tqdm import tqdm

from train.data.batches import Batches, loader
from train.fit import checkpoint
from train.fit.config import Config
from train.fit.learner import Learner
from train.fit.processes import Processes
from train.fit.progress import Log
from train.fit.schedule import Schedule
from train.fit.validation import Score, Validation

LAST, BEST = "last.pt", "best.pt"


@dataclass(slots=True)
class State:
    """
    Where a run is.

    Attributes:
        step: done.
        spent_s: in this run, with those that were killed up to their last checkpoint.
        best, best_step: the lowest score, and the step it came after.
        waited: validations since then.
    """

    step: int = 0
    spent_s: float = 0.0
    best: float = float("inf")
    best_step: int = 0
    waited: int = 0


class Run:
    """
    One fit, from where its folder says it is to its end.

    Args:
        learner: with the weights that the run starts from.
        batches: of this process.
        validation: None in all processes but the first.
        folder: last.pt, best.pt, the logs and the sheets go there.
    """

    def __init__(
        self,
        config: Config,
        learner: Learner,
        batches: Batches,
        validation: Validation | None,
        folder: Path,
        processes: Processes,
    ) -> None:
        self._config, self._learner, self._batches = config, learner, batches
        self._validation, self._folder, self._processes = validation, folder, processes
        fit = config.fit
        self._schedule = Schedule(fit.schedule, fit.warm_up, fit.patience)
        self._digest = config.digest()
        self.state = State()
        found = checkpoint.load(folder / LAST, self._digest)
        if found is not None:
            learner.restore(found)
            self.state = State(**found["state"])
            self._schedule = Schedule(**found["schedule"])
        self._since = time.monotonic() - self.state.spent_s
        self._asked_to_stop = False

    def go(self) -> str:
        """
        Fit to the end, or to a signal; returns why it ended.

        Raises:
            Diverged, OutOfMemory, CheckpointError: last.pt is the last good one.
        """
        fit, state = self._config.fit, self.state
        steps = loader(self._batches, state.step, fit.steps, fit.workers)
        with self._signals(), self._log("steps") as log, self._log("validations") as scores:
            bar = tqdm(
                steps,
                initial=state.step,
                total=math.inf if fit.minutes else fit.steps,  # no end known: no wrong ETA
                unit="step",
                disable=not self._processes.first,
            )
            ended = self._ended()
            if state.step == 0 and ended is None:
                self._validate(scores)  # what it starts from is a result, too: none is worse
            for batch in bar if ended is None else ():
                rate = fit.learning_rate * self._schedule.rate(state.step, self._progress())
                values = self._learner.step(state.step, batch, rate)
                state.step += 1
                state.spent_s = time.monotonic() - self._since
                bar.set_postfix(self._shown(values["loss"]))
                if state.step % 20 == 0:
                    log.write(state.step, {"rate": rate, **values})
                ended = self._ended()
                if state.step % fit.epoch == 0 or (ended and ended != "stopped"):
                    self._validate(scores)
                    ended = ended or self._ended()
                if state.step % fit.checkpoint == 0 or state.step % fit.epoch == 0 or ended:
                    self._save(LAST)
                if ended:
                    break
        return ended or "done"

    def _shown(self, loss: float) -> dict[str, str]:
        """Beside the bar."""
        shown = {"loss": f"{loss:.3f}", "best": f"{self.state.best:.2f}"}
        if self._config.fit.minutes is not None:
            left = max(0.0, self._config.fit.minutes - self.state.spent_s / 60)
            shown["left"] = f"{left:.1f} min"
        return shown

    def _progress(self) -> float:
        """Of the run, in [0, 1]: by time if it has a time, else by steps."""
        fit, state = self._config.fit, self.state
        if fit.minutes is not None:
            return min(1.0, self._processes.agree(state.spent_s) / (60 * fit.minutes))
        return state.step / fit.steps

    def _ended(self) -> str | None:
        fit, state = self._config.fit, self.state
        if state.step >= fit.steps or (fit.minutes is not None and self._progress() >= 1):
            return "done"
        if fit.stop_after and self._processes.agree(state.waited) >= fit.stop_after:
            return "no better for long"
        return "stopped" if self._processes.agree(float(self._asked_to_stop)) else None

    def _validate(self, log: Log) -> None:
        state = self.state
        value = float("nan")
        if self._validation is not None:
            sheets = self._folder / "sheets" / f"{state.step:06d}"
            network = self._learner.ema.network
            score = self._validation.score(network, self._processes.device, sheets)
            value = score.value
            log.write(state.step, {"score": value, **score.kinds})
            best = f", best {state.best:.2f}" if state.step else ", before the first step"
            tqdm.write(f"step {state.step}: score {value:.2f} ({_told(score)}){best}")
        value = self._processes.agree(value)
        better = value < state.best
        state.waited = 0 if better else state.waited + 1
        self._schedule.validated(better)
        if better:
            state.best, state.best_step = value, state.step
            self._save(BEST)

    def _save(self, name: str) -> None:
        if not self._processes.first:
            return
        saved: dict[str, Any] = {
            **self._learner.state(),
            "network": self._config.network.name,
            "digest": self._digest,
            "config": self._config.model_dump_json(),
            "state": asdict(self.state),
            "schedule": asdict(self._schedule),
        }
        checkpoint.save(self._folder / name, saved)

    def _log(self, name: str) -> Log:
        folder = (
            self._folder if self._processes.first else self._folder / f"rank-{self._processes.rank}"
        )
        folder.mkdir(parents=True, exist_ok=True)
        return Log(folder, name, self.state.step)

    @contextmanager
    def _signals(self) -> Iterator[None]:
        """SIGINT and SIGTERM end the run after the step, with a checkpoint."""

        def stop(number: int, frame: FrameType | None) -> None:
            self._asked_to_stop = True

        before = {s: signal.signal(s, stop) for s in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _told(score: Score) -> str:
    return ", ".join(f"{kind} {mad:.1f}" for kind, mad in score.kinds.items())
