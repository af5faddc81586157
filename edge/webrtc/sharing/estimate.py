"""What one viewer's network carries, as far as its reports tell."""

from __future__ import annotations

MUCH, LITTLE = 0.10, 0.02  # lost of what was sent, as in Google congestion control (RFC draft 02)
RECOVERY = 1.08  # a report, about a second, without loss
FREE = 2.0  # so many times what is sent, and losses hold nothing back any more


class Estimate:
    """
    The lower of what the viewer says (REMB) and what its losses say.

    Attributes:
        lost_share: of the packets in the last report, 0 to 1.
    """

    def __init__(self) -> None:
        self.lost_share = 0.0
        self._told_bps: float | None = None
        self._loss_bps: float | None = None

    @property
    def bps(self) -> float | None:
        """Bits a second; None: nothing was heard yet."""
        known = [bps for bps in (self._told_bps, self._loss_bps) if bps is not None]
        return min(known, default=None)

    def told(self, bps: float) -> None:
        """The viewer says that its network carries ``bps``."""
        self._told_bps = max(0.0, bps)

    def lost(self, share: float, sent_bps: float) -> None:
        """
        The viewer reports its losses.

        Args:
            share: of the packets since its last report, 0 to 1.
            sent_bps: what was sent to it meanwhile.
        """
        self.lost_share = share
        if share > MUCH and sent_bps > 0:
            base = sent_bps if self._loss_bps is None else min(self._loss_bps, sent_bps)
            self._loss_bps = base * (1 - 0.5 * share)
        elif share < LITTLE and self._loss_bps is not None:
            self._loss_bps *= RECOVERY
            if self._loss_bps > FREE * sent_bps:
                self._loss_bps = None
