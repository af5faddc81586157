"""
Weights into a network: from a PyTorch state dict, or recovered from an ONNX graph.

A state dict has the keys of the network, for U2NETP and U2NET those of the authors' files. If it
has no batch norms, the network is fused and so is what comes of it. In an ONNX graph names are
lost, but its Conv nodes in graph order are the convolutions in call order.
"""

from __future__ import annotations

import copy
import io
import pickle
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from convert.errors import WeightsError
from convert.networks import Network
from convert.networks.fusing import fuse, fused
from convert.networks.resnet50 import ResNet50
from convert.onnx_weights import convolutions
from edge.errors import StorageError

SHOWN = 6  # keys that a message lists before it only counts
STATISTICS = "running_mean"  # only batch norms have it
COUNTER = "num_batches_tracked"  # nothing depends on it, and old files lack it
NESTED = ("state_dict", "model", "network")  # where training programs put it in a checkpoint


def load(network: Network, path: Path) -> None:
    """
    Load ``path`` into ``network``, which is fused if the weights are.

    Args:
        path: ``.onnx``, or anything that ``torch.save`` wrote: a state dict or a checkpoint with
            one. It is read without running what it holds.

    Raises:
        WeightsError: damaged, unsafe, or of another network; the network is as it was.
        StorageError: the file cannot be read.
    """
    try:
        state = _recover(network, path) if path.suffix.lower() == ".onnx" else _read(path)
    except OSError as error:
        raise StorageError(f"{path}: {error.strerror or error}; wanted weights to read") from error
    candidate = copy.deepcopy(network)
    if not any(key.endswith(STATISTICS) for key in state):
        fuse(candidate)
    own = candidate.state_dict()
    state |= {key: own[key] for key in own if key.endswith(COUNTER) and key not in state}
    _check(own, state, network.name, path)
    if fused(candidate):
        fuse(network)
    network.load_state_dict(state)


def load_encoder(encoder: ResNet50, path: Path) -> None:
    """
    Load a classifier's weights into the encoder that it begins with.

    Args:
        path: torchvision's ResNet50, as ``torch.save`` wrote it. Its classifier, and stages that
            the encoder does not have, are left out.

    Raises:
        WeightsError, StorageError: as for ``load``.
    """
    own = encoder.state_dict()
    try:
        read = _read(path)
    except OSError as error:
        raise StorageError(f"{path}: {error.strerror or error}; wanted weights to read") from error
    lacking = tuple(f"layer{stage}." for stage in range(encoder.stages + 1, 5))
    state = {key: value for key, value in read.items() if not key.startswith(("fc.", *lacking))}
    state |= {key: own[key] for key in own if key.endswith(COUNTER) and key not in state}
    _check(own, state, "resnet50", path)
    encoder.load_state_dict(state)


def _recover(network: Network, path: Path) -> dict[str, Tensor]:
    """The state dict of the fused ``network`` that was exported to ``path``."""
    found = convolutions(path)
    names = [name for name, part in network.named_modules() if isinstance(part, nn.Conv2d)]
    if len(found) != len(names):
        raise WeightsError(
            f"{path}: not {network.name}: {len(found)} convolutions, wanted {len(names)}"
        )
    state = {}
    for name, (weight, bias) in zip(names, found, strict=True):
        state[f"{name}.weight"] = torch.from_numpy(weight)
        state[f"{name}.bias"] = torch.from_numpy(bias)
    return state


def _read(path: Path) -> dict[str, Tensor]:
    file = io.BytesIO(path.read_bytes())  # so that an OSError is about the file, not its content
    try:
        content = torch.load(file, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        found = re.search(r"GLOBAL ([\w.]+)", str(error))
        if found is None:
            raise WeightsError(
                f"{path}: damaged or no PyTorch file; nothing in it was run. Fetch it anew"
            ) from error
        # Torch's own words advise to switch the check off.
        raise WeightsError(
            f"{path}: not a plain state dict: it holds {found[1]}, and reading that may run code, "
            "so it was not read. Save it with torch.save(network.state_dict(), ...)"
        ) from error
    except (RuntimeError, EOFError, OSError, ValueError, LookupError, TypeError) as error:
        reason = str(error).strip().partition(". ")[0] or type(error).__name__
        raise WeightsError(f"{path}: damaged or cut off: {reason}. Fetch it anew") from error
    return _state_dict(content, path)


def _state_dict(content: Any, path: Path) -> dict[str, Tensor]:
    """The state dict that ``content`` is, or that is in it under a usual name."""
    if isinstance(content, Mapping):
        for name in NESTED:
            if isinstance(content.get(name), Mapping):
                content = content[name]
                break
        if content and all(
            isinstance(key, str) and isinstance(value, Tensor) for key, value in content.items()
        ):
            # DataParallel puts its own name in front of every key.
            return {key.removeprefix("module."): value for key, value in content.items()}
    raise WeightsError(
        f"{path}: holds a {type(content).__name__}; wanted a state dict: names and tensors. "
        "Save it with torch.save(network.state_dict(), ...)"
    )


def _check(
    own: Mapping[str, Tensor], state: Mapping[str, Tensor], network: str, path: Path
) -> None:
    """Raise WeightsError unless ``state`` has the keys and shapes of ``own``, and finite values."""
    both = [key for key in own if key in state]
    shapes = [
        f"{key} {tuple(state[key].shape)} for {tuple(own[key].shape)}"
        for key in both
        if state[key].shape != own[key].shape
    ]
    faults = {
        "missing": [key for key in own if key not in state],
        "unknown": [key for key in state if key not in own],
        "of another shape": shapes,
        "with values that are not finite": [k for k in both if not state[k].isfinite().all()],
    }
    told = [f"{what}: {_listed(keys)}" for what, keys in faults.items() if keys]
    if told:
        raise WeightsError(f"{path}: not the weights of {network}. Keys {'; '.join(told)}")


def _listed(keys: Sequence[str]) -> str:
    rest = len(keys) - SHOWN
    return ", ".join(keys[:SHOWN]) + (f" and {rest} more" if rest > 0 else "")
