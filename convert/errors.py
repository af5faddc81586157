"""
What can go wrong in a conversion, as types.

* ConversionError         an EdgeError: a command line handles both the same way
  + MissingExtra            a package that only this step needs is not installed
  + SizeError               a network cannot run at this input size
  + WeightsError            a file of weights is damaged, unsafe or of another network
  + UnsupportedOperation    an operation that the target cannot express
  + ParityError             the product differs from its origin by more than its limit
"""

from __future__ import annotations

from typing import ClassVar

from edge.errors import EdgeError


class ConversionError(EdgeError):
    """A step from weights to a product failed; nothing was installed."""

    code: ClassVar[str] = "conversion"


class MissingExtra(ConversionError):
    """
    A package that only this step needs is not installed.

    Args:
        package: what Python could not import.
        extra: of this project, that brings it.
    """

    code = "missing_extra"

    def __init__(self, package: str, extra: str) -> None:
        super().__init__(
            f"{package} is not installed, and this step needs it: "
            f"pip install 'edge-matting[{extra}]'"
        )
        self.package, self.extra = package, extra


class SizeError(ConversionError):
    """The network cannot run at this input size."""

    code = "size"


class WeightsError(ConversionError):
    """The file of weights is damaged, unsafe to read or of another network."""

    code = "weights"


class UnsupportedOperation(ConversionError):
    """The network uses an operation that the target format cannot express."""

    code = "unsupported_operation"


class ParityError(ConversionError):
    """
    The product's alpha differs from its origin's by more than is allowed.

    Args:
        what: the measure and what was compared, such as "mean difference of alpha, fp16 to fp32".
        found: the measured value.
        limit: the largest value (of IoU: the smallest) that passes.
    """

    code = "parity"

    def __init__(self, what: str, found: float, limit: float) -> None:
        super().__init__(f"{what}: found {found:.3g}, the limit is {limit:.3g}")
        self.found, self.limit = found, limit
