"""The TensorRT that is installed: its module, its version, and what it says while it works."""

from __future__ import annotations

import importlib
import logging
from collections import deque
from dataclasses import dataclass
from typing import Any

from edge.cuda.driver import Gpu, require_gpu
from edge.errors import ModelError

logger = logging.getLogger(__name__)

MODULES = {"tensorrt": "TensorRT", "tensorrt_rtx": "TensorRT RTX"}
OLDEST = (8, 6)  # the first whose name-based API is whole
INSTALL = (
    "On Jetson: sudo apt-get install nvidia-jetpack, and an environment with "
    "--system-site-packages. On a PC with an RTX card: pip install tensorrt-rtx"
)


class Said:
    """The last errors that TensorRT told its logger: the reasons behind a None or False."""

    def __init__(self) -> None:
        self._errors: deque[str] = deque(maxlen=4)

    def add(self, severity: str, message: str) -> None:
        """One message, in whichever thread."""
        if severity in ("ERROR", "INTERNAL_ERROR"):
            self._errors.append(message.strip())
        if severity != "VERBOSE":  # a thousand lines for each build
            logger.debug("%s: %s", severity, message)

    def why(self) -> str:
        """The errors since the last time it was asked, or words for none."""
        errors = [self._errors.popleft() for _ in range(len(self._errors))]
        return "; ".join(errors) or "it gave no reason"


@dataclass(frozen=True, slots=True)
class Library:
    """
    One TensorRT.

    Attributes:
        api: its module.
        module: the module's name.
        version: such as "10.3.0".
        said: what its logger was told.
        logger: an ``ILogger`` of it; TensorRT keeps the first that it is given.
    """

    api: Any
    module: str
    version: str
    said: Said
    logger: Any

    @property
    def title(self) -> str:
        """As on a card: "TensorRT 10.3.0"."""
        return f"{MODULES[self.module]} {self.version}"

    @property
    def portable(self) -> bool:
        """Its engines are finished on the GPU that loads them: built without one, for any."""
        return self.module == "tensorrt_rtx"

    def gpu(self) -> Gpu | None:
        """
        The GPU that an engine is built for; None where it is for any.

        To be called before anything of ``api`` is made: without a GPU, 8.6 ends the process.

        Raises:
            ModelError: there is no GPU, and it is needed.
        """
        return None if self.portable else require_gpu()


def load_library(module: str = "") -> Library:
    """
    Import TensorRT. Nothing of it is made.

    Args:
        module: one of ``MODULES``; the first that is installed if empty.

    Raises:
        ModelError: none is installed, it does not load, or is too old.
    """
    reasons = []
    for name in [module] if module else MODULES:
        try:
            api = importlib.import_module(name)
        except ImportError as error:
            reasons.append(str(error))
            continue
        return wrap_library(api, name)
    raise ModelError(f"TensorRT cannot be imported ({'; '.join(reasons)}). {INSTALL}")


def wrap_library(api: Any, module: str) -> Library:
    """
    A Library of an imported module.

    Raises:
        ModelError: it is too old.
    """
    version = str(api.__version__)
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdecimal())
    if module == "tensorrt" and numbers < OLDEST:
        raise ModelError(f"TensorRT {version} is too old; 8.6 or newer is needed. {INSTALL}")
    said = Said()
    return Library(api, module, version, said, _logger(api, said))


def _logger(api: Any, said: Said) -> Any:
    class Logger(api.ILogger):  # type: ignore[misc]  # a class of the module at hand
        def __init__(self) -> None:
            api.ILogger.__init__(self)

        def log(self, severity: Any, message: str) -> None:
            said.add(str(severity).rpartition(".")[2], message)

    return Logger()
