"""The matting models that may be chosen: those of the zoo, and what the operator configured."""

from __future__ import annotations

from edge import plugins
from edge.catalog import public_id
from edge.errors import InputError, UnknownName
from edge.matting import MattingModel
from edge.matting._healing import HealingModel
from edge.matting._ranking import ranked
from edge.state import ModelChoice
from edge.zoo import Zoo

AUTOMATIC = "auto:"
LABEL = "Automatic: the best matte that this machine keeps up with"


class ModelCatalog:
    """
    Args:
        configured: the operator's spec, such as "onnx:u2netp" or "onnx:/path/to/model.onnx".
        zoo: where models come from.

    Raises:
        UnknownName: ``configured`` is of no kind there is, or a model that nobody knows. That it
            cannot be loaded is told once it is tried, for its file may come later.
        InputError: it is malformed.
    """

    def __init__(self, configured: str, zoo: Zoo) -> None:
        plugins.check("edge.matting", configured, zoo=zoo)
        self._configured = configured
        self._zoo = zoo
        self.configured_id = _id(configured)

    def choices(self) -> list[ModelChoice]:
        """The automatic choice, those of the zoo, installed or not, and the configured one."""
        listed = [ModelChoice(id=AUTOMATIC, label=LABEL, installed=True, card={})]
        listed += [
            ModelChoice(
                id=f"onnx:{card.id}",
                label=card.label,
                installed=self._zoo.installed(card.id),
                card=card.model_dump(mode="json"),
            )
            for card in self._zoo.cards()
        ]
        if self.configured_id not in {choice.id for choice in listed}:
            scheme, _, name = self.configured_id.partition(":")
            name = name if "." in name else f"{scheme} {name}".strip()
            listed.append(ModelChoice(id=self.configured_id, label=name, installed=True, card={}))
        return listed

    def finest(self) -> str:
        """
        The id of the best matte that needs no fetching, however slow: for stills.

        The configured one where no model was measured.
        """
        cards = ranked(self._zoo)
        return f"onnx:{cards[0].id}" if cards else self.configured_id

    def make(self, id: str) -> HealingModel:
        """
        The model of an id, not loaded yet.

        Raises:
            UnknownName: no such model here.
            InputError: it is known, but not installed.
        """
        choice = next((choice for choice in self.choices() if choice.id == id), None)
        if choice is None:
            known = ", ".join(choice.id for choice in self.choices())
            raise UnknownName(f"model {id!r}: there is {known}")
        spec = self._configured if id == self.configured_id else id
        if spec is not self._configured and not choice.installed:
            name = id.partition(":")[2]
            raise InputError(
                f"model {id!r} is not installed; run: python -m edge models fetch {name}"
            )

        def load() -> MattingModel:
            model: MattingModel = plugins.make("edge.matting", spec, zoo=self._zoo)
            return model

        return HealingModel(choice.label, load)


def _id(spec: str) -> str:
    """A model given by its file goes by the file's name."""
    scheme, _, argument = spec.partition(":")
    return f"{scheme}:{argument.rpartition('/')[2]}" if "/" in argument else public_id(spec)
