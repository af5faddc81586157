"""One process or several: what ``torchrun`` started, and what they must agree on."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import distributed, nn
from torch.nn.parallel import DistributedDataParallel

from train.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Processes:
    """
    Attributes:
        rank: of this process; 0 validates, saves and tells.
        count: of all that train together.
        device: this process's own.
    """

    rank: int
    count: int
    device: torch.device

    @property
    def first(self) -> bool:
        """Whether this is the one that validates, saves and tells."""
        return self.rank == 0

    def wrap(self, network: nn.Module) -> nn.Module:
        """``network``, its gradients averaged over all processes in each backward pass."""
        if self.count == 1:
            return network
        ids = [self.device.index] if self.device.type == "cuda" else None
        return DistributedDataParallel(network, device_ids=ids)

    @contextmanager
    def first_alone(self) -> Iterator[None]:
        """What is inside is done by the first process, then by the others: it may write files."""
        if self.count > 1 and not self.first:
            distributed.barrier()
        yield
        if self.count > 1 and self.first:
            distributed.barrier()

    def agree(self, value: float) -> float:
        """The first process's value, in all of them."""
        if self.count == 1:
            return value
        shared = torch.tensor([value], dtype=torch.float64, device=self.device)
        distributed.broadcast(shared, 0)
        return float(shared)


@contextmanager
def processes(device: str) -> Iterator[Processes]:
    """
    Join the others, if there are any.

    Args:
        device: ``cpu``, ``cuda``, or ``auto``: a GPU if there is one.

    Raises:
        ConfigError: a GPU is asked for and there is none.
    """
    if device == "cuda" and not torch.cuda.is_available():
        raise ConfigError("fit.device is cuda, and PyTorch sees no GPU; set it to auto or cpu")
    gpu = device == "cuda" or (device == "auto" and torch.cuda.is_available())
    count = int(os.environ.get("WORLD_SIZE", "1"))
    local = int(os.environ.get("LOCAL_RANK", "0"))
    mine = torch.device("cuda", local) if gpu else torch.device("cpu")
    if gpu:
        torch.cuda.set_device(mine)
    if count == 1:
        yield Processes(0, 1, mine)
        return
    distributed.init_process_group("nccl" if gpu else "gloo")
    try:
        yield Processes(distributed.get_rank(), count, mine)
    finally:
        distributed.destroy_process_group()
