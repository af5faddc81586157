"""The model under evaluation: as the service runs it, or straight from a checkpoint."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch

from convert import weights
from convert.errors import WeightsError
from convert.networks import NETWORKS, Network, make
from edge import plugins
from edge.errors import ModelError, ModelMissing
from edge.fit import fit, place
from edge.frame import Frame, Matte
from edge.matting import MattingModel
from edge.zoo import Zoo, default_cache
from train.evaluate.fitted import read_content

CHECKPOINTS = frozenset({".pt", ".pth", ".ckpt"})
SIZE = (320, 192)  # (width, height) at which a checkpoint is run unless told otherwise


class TorchModel:
    """
    A MattingModel of one network in fp32, frames stretched to its input as on our graphs' cards.

    Args:
        network: is put into evaluation mode; stays on its device.
        size: (width, height) of the input.

    Raises:
        SizeError: the network cannot run at this size.
    """

    def __init__(self, network: Network, size: tuple[int, int] = SIZE) -> None:
        network.check_size(*size)
        self.name = f"{network.name} {size[1]}x{size[0]}, PyTorch"
        self.size = size
        self._network = network.eval()
        self._device = next(network.parameters()).device

    @torch.inference_mode()
    def matte(self, frame: Frame) -> Matte:
        """
        Estimate alpha at the network's input size.

        Raises:
            ModelError: PyTorch failed.
        """
        image = fit(frame.image, place(frame.size, self.size, "stretch"), "linear")
        rgb = torch.from_numpy(image).to(self._device).permute(2, 0, 1)[None].float() / 255
        try:
            logits = self._network(rgb)[0]
        except RuntimeError as error:
            raise ModelError(f"{self.name}: {str(error).splitlines()[0]}") from error
        return Matte(np.asarray(torch.sigmoid(logits)[0, 0].cpu().numpy(), np.float32))

    def reset(self) -> None:
        """Nothing to forget."""


def load_model(given: str, size: tuple[int, int] = SIZE) -> MattingModel:
    """
    The model that ``given`` names: a checkpoint, or whatever ``load`` takes.

    Args:
        size: (width, height) for a checkpoint; graphs have theirs.

    Raises:
        EdgeError: there is no such model, or it cannot be loaded.
    """
    path = Path(given).expanduser()
    return load_checkpoint(path, size) if path.suffix.lower() in CHECKPOINTS else load(given)


def load(given: str) -> MattingModel:
    """
    An ONNX file with its card, or a spec as the service takes it, such as ``onnx:u2netp``.

    Raises:
        EdgeError: there is no such model, or it cannot be loaded.
    """
    path = Path(given).expanduser()
    plain = path.suffix.lower() == ".onnx" and not given.startswith("onnx:")
    spec = f"onnx:{path.resolve()}" if plain else given
    model: MattingModel = plugins.make("edge.matting", spec, zoo=Zoo(default_cache()))
    return model


def load_checkpoint(path: Path, size: tuple[int, int], network: str | None = None) -> TorchModel:
    """
    A network with the weights of ``path``, on the GPU if there is one.

    Raises:
        ModelMissing: no such file.
        UnknownName: no network of that name.
        WeightsError: damaged, or of no network that is known here.
        SizeError: the network cannot run at ``size``, (width, height).
    """
    if not path.is_file():
        raise ModelMissing(f"{path}: no such checkpoint; python -m train fit makes best.pt")
    device = "cuda" if torch.cuda.is_available() else "cpu"
    return TorchModel(_network(path, network).to(device), size)


def _network(path: Path, name: str | None) -> Network:
    content = read_content(path)
    network = make(name or _named_in(content) or _most_alike(content, path))
    weights.load(network, path)
    return network


def _named_in(content: dict[str, Any]) -> str | None:
    """The network's name that ``python -m train fit`` writes into its checkpoints."""
    name = content.get("network")
    return name if isinstance(name, str) and name in NETWORKS else None


def _most_alike(content: dict[str, Any], path: Path) -> str:
    """The network that shares most names and shapes with a state dict."""
    state = content.get("state_dict", content)
    given = {
        (key.removeprefix("module."), value.shape)
        for key, value in state.items()
        if isinstance(value, torch.Tensor)
    }
    if not given:
        return next(iter(NETWORKS))  # loading it says what is wrong
    shared: dict[str, int] = {}
    for name in NETWORKS:
        with torch.device("meta"):  # shapes without numbers
            own = make(name).state_dict()
        shared[name] = len(given & {(key, value.shape) for key, value in own.items()})
    best = max(shared, key=shared.__getitem__)
    if not shared[best]:
        raise WeightsError(
            f"{path}: not the weights of {', '.join(NETWORKS)}. Say which: --network"
        )
    return best
