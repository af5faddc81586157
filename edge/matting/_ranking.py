"""The models that ``auto:`` chooses among, best matte first, and the ways to run each."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from math import inf

from edge.matting._pick import products
from edge.zoo import Zoo
from edge.zoo.card import Card

AS_GOOD = 1.02  # of an error: so much more is none that anybody could see


@dataclass(frozen=True, slots=True)
class Way:
    """
    One way to run a model.

    Attributes:
        spec: without a number of threads.
        precision: whose limits its matte is held to.
    """

    spec: str
    precision: str

    def at(self, threads: int) -> str:
        """The spec with that many threads."""
        return f"{self.spec}{'&' if '?' in self.spec else '?'}threads={threads}"


def ranked(zoo: Zoo) -> list[Card]:
    """
    The models that need no fetching, best matte first; those that nobody measured come last.

    What was measured elsewhere compares with nothing: a model that was fine-tuned and judged on
    pictures of this room is chosen by name.

    What was fetched is not among them: whoever fetched a model chooses it, and its licence, by
    name. Of several precisions of the same weights only the finest is a model of its own here.
    """
    own = [card for card in zoo.cards() if zoo.own(card.id) and zoo.installed(card.id)]
    finest: dict[str, Card] = {}
    for card in sorted(own, key=lambda card: card.precision != "fp32"):
        if not card.recurrent and not card.licence.notice:
            finest.setdefault(card.origin.sha256 or card.id, card)
    errors = {card.id: _errors(card) for card in finest.values()}
    yardstick = max((frozenset(found) for found in errors.values()), key=len, default=frozenset())
    return sorted(finest.values(), key=lambda card: (_mean(errors[card.id], yardstick), card.id))


def _errors(card: Card) -> dict[str, float]:
    """MAD by the data set."""
    return {each.data: each.mad for each in card.quality if each.mad is not None}


def _mean(errors: Mapping[str, float], yardstick: Collection[str]) -> float:
    """Over the data sets of ``yardstick``; infinite where one of them is missing."""
    if not yardstick or not errors.keys() >= set(yardstick):
        return inf
    return sum(errors[name] for name in yardstick) / len(yardstick)


def cheapest(cards: Sequence[Card]) -> Card:
    """By pixels times weights, which is about what a convolutional network computes."""
    return min(cards, key=work)


def work(card: Card) -> int:
    """For comparisons alone."""
    return card.input.width * card.input.height * card.size_bytes


def reference(card: Card) -> Way:
    """Whose matte all other ways of the model are held to."""
    return Way(f"onnx:{card.id}", card.precision)


def ways(zoo: Zoo, card: Card) -> list[Way]:
    """
    The finest matte first; what is not installed refuses when it is loaded.

    Integers come last, unless their card says that they err no more: then they come first, for
    they take half of the time. ONNX Runtime comes before the others, for it is always there and
    takes less memory; where it keeps up, nothing else is loaded.
    """
    found = [reference(card), Way(f"openvino:{card.id}", card.precision)]
    if card.precision == "fp32":
        found.append(Way(f"openvino:{card.id}?precision=bf16", "bf16"))
    for path, made in products(zoo, card.id):
        if made.precision == "int8":
            name = made.id if zoo.own(made.id) else str(path)
            kinds = ["openvino"] if made.runtime == "openvino" else ["onnx", "openvino"]
            integers = [Way(f"{kind}:{name}", "int8") for kind in kinds]
            found = integers + found if _as_good(made, card) else found + integers
    return found


def _as_good(made: Card, card: Card) -> bool:
    """Whether integers were measured to err no more than what they were made of."""
    theirs, ours = _errors(made), _errors(card)
    return bool(ours) and _mean(theirs, ours) <= AS_GOOD * _mean(ours, ours)
