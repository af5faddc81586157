"""A network, its optimizer and their state: one step at a time."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn

from train.data.batches import Batch
from train.errors import Diverged
from train.fit.config import Config
from train.fit.ema import Ema
from train.fit.memory import explain
from train.fit.processes import Processes
from train.losses import total

TYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}


class Learner:
    """
    Attributes:
        network: being fitted, channels last, on the device.
        ema: its average, which is validated and shipped.
    """

    def __init__(self, network: nn.Module, config: Config, processes: Processes) -> None:
        self._config, self._processes = config, processes
        device = processes.device
        self.network = _channels_last(network).to(device).train()
        self._wrapped = processes.wrap(self.network)
        self.ema = Ema(self.network, config.fit.ema)
        decayed = [p for p in network.parameters() if p.ndim > 1]
        others = [p for p in network.parameters() if p.ndim <= 1]  # norms and biases: no decay
        groups = [
            {"params": decayed, "weight_decay": config.fit.weight_decay},
            {"params": others, "weight_decay": 0.0},
        ]
        self._optimizer = torch.optim.AdamW(groups, lr=config.fit.learning_rate, fused=True)
        half = config.fit.precision == "fp16"
        self._scaler = torch.amp.GradScaler(device.type, enabled=half)

    def step(self, step: int, batch: Batch, rate: float) -> dict[str, float]:
        """
        Learn from one batch.

        Args:
            rate: the learning rate.

        Returns:
            The loss, its terms and the gradient's norm.

        Raises:
            Diverged: loss or gradient is not finite; the weights are as they were.
            OutOfMemory: says which batch fits.
        """
        for group in self._optimizer.param_groups:
            group["lr"] = rate
        self._optimizer.zero_grad(set_to_none=True)
        with explain(len(batch.image), self._trial(batch)):
            loss, terms = self._loss(batch)
            torch.autograd.backward(self._scaler.scale(loss))
        self._scaler.unscale_(self._optimizer)
        norm = float(nn.utils.clip_grad_norm_(self.network.parameters(), self._config.fit.clip))
        values = {name: float(term.detach()) for name, term in {"loss": loss, **terms}.items()}
        values["gradient"] = norm
        # In fp16 an infinite gradient only means that the scaler must go down, which it does.
        watched = [values["loss"]] if self._scaler.is_enabled() else [values["loss"], norm]
        if not all(map(math.isfinite, watched)):
            raise Diverged(
                f"step {step}: loss {values['loss']}, gradient {norm}. Lower fit.learning_rate, "
                "raise fit.warm_up, or set fit.precision to fp32"
            )
        with explain(len(batch.image), self._trial(batch)):  # its moments come with the first step
            self._scaler.step(self._optimizer)
        self._scaler.update()
        self.ema.update(self.network, step)
        return values

    def state(self) -> dict[str, Any]:
        """All that changes; ``state_dict`` is the average, as ``convert`` loads it."""
        return {
            "state_dict": self.ema.network.state_dict(),
            "fitted": self.network.state_dict(),
            "optimizer": self._optimizer.state_dict(),
            "scaler": self._scaler.state_dict(),
            "random": torch.get_rng_state(),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go back to ``state``."""
        self.ema.network.load_state_dict(state["state_dict"])
        self.network.load_state_dict(state["fitted"])
        self._optimizer.load_state_dict(state["optimizer"])
        self._scaler.load_state_dict(state["scaler"])
        torch.set_rng_state(state["random"])

    def _loss(self, batch: Batch) -> tuple[Tensor, dict[str, Tensor]]:
        device = self._processes.device
        image, alpha, contrast = (
            x.to(device, non_blocking=True).contiguous(memory_format=torch.channels_last)
            for x in (batch.image, batch.alpha, batch.contrast)
        )
        dtype = TYPES[self._config.fit.precision]
        with torch.autocast(device.type, dtype, enabled=dtype != torch.float32):
            logits = self._wrapped(image.float() / 255)
        weights = self._config.loss
        return total(logits, alpha.float() / 255, contrast.float() / 255, batch.pairs, weights)

    def _trial(self, batch: Batch) -> Any:
        """Whether a step with the first ``count`` pictures would fit; for a message, at the end."""

        def trial(count: int) -> None:
            part = Batch(batch.image[:count], batch.alpha[:count], batch.contrast[:count], False)
            self._optimizer.zero_grad(set_to_none=True)
            torch.autograd.backward(self._loss(part)[0])
            self._optimizer.step()

        return trial


def _channels_last(network: nn.Module) -> nn.Module:
    """In place: convolutions' weights as bf16 and tensor cores like them."""
    for parameter in network.parameters():
        if parameter.ndim == 4:
            parameter.data = parameter.data.contiguous(memory_format=torch.channels_last)
    return network
