"""The model of ``auto:``: serves at once, and finds out on live frames which one serves best."""

from __future__ import annotations

import logging
from collections.abc import Generator, Iterator

from edge.cores import usable_cores
from edge.errors import EdgeError
from edge.frame import Frame, Matte
from edge.matting import MattingModel
from edge.matting._budget import Budget, rest_s
from edge.matting._kept import Choice, Situation, keep, latest, recall, signature
from edge.matting._pick import products
from edge.matting._ranking import cheapest, ranked, reference, ways, work
from edge.matting._rate import Rate
from edge.matting._search import Load, Search, Trial, loaded
from edge.memory import give_back_free_memory
from edge.zoo import Zoo

logger = logging.getLogger(__name__)

LOOKED = 300  # frames between two looks at the source's rate
SAMPLES = 3  # frames that models are tried on


class Choosing:
    """
    A MattingModel that changes its network once it knows better; no frame waits for that.

    It begins with what was chosen last, or with the cheapest. Then each frame is followed by one
    run of a candidate, so that all are timed where they will work: beside the encoder and the
    camera, on the source's own frames. After some seconds the best matte that keeps up serves; the
    choice is kept, so that later starts need no search.

    Args:
        zoo: whose own models are chosen among; there is at least one.
        load: makes a model of a spec.

    Attributes:
        label: for people.
        spec: what serves.
    """

    label = "Automatic"

    def __init__(self, zoo: Zoo, load: Load) -> None:
        self._zoo, self._load = zoo, load
        self._cards = ranked(zoo)
        self.spec, self._serving = self._first()
        self._why = "to begin with"
        self._seen: tuple[Frame, Matte]  # from the first frame on, which all else here follows
        self._rate = Rate()
        self._size: tuple[int, int] | None = None
        self._searched: set[str] = set()  # what fits nothing is sought once in each process
        self._work: Iterator[None] = iter(())

    @property
    def note(self) -> str:
        """What runs, and why."""
        scheme, _, name = self.spec.partition(":")
        return f"{scheme}:{name.rpartition('/')[2]}: {self._why}"  # viewers read it: no paths

    def matte(self, frame: Frame) -> Matte:
        """As the serving model does."""
        matte = self._serving.matte(frame)
        if frame.size != self._size:
            self._begin(frame.size)
        self._seen = frame, matte
        self._rate.see(frame)
        try:
            next(self._work, None)
        except Exception as error:  # noqa: BLE001 - whatever breaks here, frames go on
            self._why = f"no better one can be chosen: {error}"
            logger.warning("auto stays with %s", self.note)
        return matte

    def reset(self) -> None:
        """Forget earlier frames. The source may be another one, with another rate."""
        self._serving.reset()
        self._size = None

    def _begin(self, size: tuple[int, int]) -> None:
        self._size = size
        self._rate = Rate()
        self._work = self._keep_choosing(size)

    def _first(self) -> tuple[str, MattingModel]:
        before = latest(self._zoo.cache)
        if before is not None:
            try:
                return before.spec, self._load(before.spec)
            except EdgeError as fault:
                logger.warning("%s was chosen before, but fails now: %s", before.spec, fault)
        spec = f"onnx:{cheapest(self._cards).id}"
        return spec, self._load(spec)

    def _keep_choosing(self, size: tuple[int, int]) -> Iterator[None]:
        """For the source's rate, and anew once that has changed, as a camera's does at dusk."""
        while not self._rate.known:
            yield
        while True:
            situation = Situation(size, self._rate.fps)
            yield from self._choose(situation)
            give_back_free_memory()  # of the models that were tried: some 50 MB
            while self._rate.fps == situation.fps:
                for _ in range(LOOKED):
                    yield

    def _choose(self, situation: Situation) -> Iterator[None]:
        made = [card for each in self._cards for _, card in products(self._zoo, each.id)]
        key = signature([*self._cards, *made], situation)
        choice, model = recall(self._zoo.cache, key), None
        if choice is None or not (choice.fits or key in self._searched):
            self._searched.add(key)
            self._why = "trying what else this machine can run"
            choice, model = yield from self._search(situation)
            logger.info("auto chose %s: %s", choice.spec, choice.why)
        if choice.spec != self.spec:
            if model is None:
                model = yield from loaded(self._load, choice.spec)
            self.spec, self._serving = choice.spec, model
        self._why = choice.why
        keep(self._zoo.cache, key, choice)  # also what was recalled: it is the latest now

    def _search(self, situation: Situation) -> Generator[None, None, tuple[Choice, MattingModel]]:
        samples: list[Frame] = []
        while len(samples) < SAMPLES:
            samples.append(self._seen[0])
            yield
        rest = rest_s(*self._seen)
        yield
        budget = Budget(1 / situation.fps, usable_cores(), rest)
        search = Search(self._load, samples, budget)
        found, least = None, None
        for card in self._cards:
            if least is not None and work(card) >= least:
                continue  # neither better than what was too slow, nor cheaper
            found = yield from search.best(ways(self._zoo, card), reference(card))
            if found is not None:
                break
            least = min(work(card), least or work(card))
        trial = found or search.quickest
        for reason in search.refused:
            logger.info("auto leaves out %s", reason)
        if trial is None:
            raise RuntimeError("; ".join(search.refused))
        why = _why(trial, budget, situation, found is not None)
        choice = Choice(
            spec=trial.spec,
            fits=found is not None,
            why=why,
            times_s=search.times_s,
            refused=search.refused,
        )
        return choice, trial.model


def _why(trial: Trial, budget: Budget, situation: Situation, fits: bool) -> str:
    head = "the best matte that keeps up with" if fits else "the quickest, but too slow for"
    cores = f"{budget.cores:g} core{'s' * (budget.cores != 1)}"
    return (
        f"{head} {situation} on {cores}: {trial.time_s * 1e3:.0f} ms a matte in {trial.threads} "
        f"thread{'s' * (trial.threads != 1)}, {budget.rest_s * 1e3:.0f} ms for all else"
    )
