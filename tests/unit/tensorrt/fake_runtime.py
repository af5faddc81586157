"""
A TensorRT without a GPU, strict about call order, shapes, types and what each version lacks.

An absent name raises AttributeError, as it does in the version at hand. Engines are JSON; running
one gives the stream of the fake CUDA driver work, which is done when that is synchronised.
"""

from __future__ import annotations

import ctypes
import enum
import json
import weakref
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np

VERSIONS = {"8.6": "8.6.1", "10": "10.3.0", "11": "11.4.1", "rtx": "1.7.1.116"}
WORK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p)


class DataType(enum.Enum):
    """Types of tensors."""

    FLOAT = 0
    HALF = 1
    UINT8 = 5


class TensorIOMode(enum.Enum):
    """Which way a tensor goes."""

    NONE = 0
    INPUT = 1
    OUTPUT = 2


class ILogger:
    """What a logger derives from; TensorRT refuses one that was not initialised."""

    class Severity(enum.Enum):
        """Of a message."""

        INTERNAL_ERROR = 0
        ERROR = 1
        WARNING = 2
        INFO = 3
        VERBOSE = 4

    def __init__(self) -> None:
        self.ready = True


def plan(
    version: str,
    ends: list[tuple[str, str, str, list[int]]] | None = None,
    **more: Any,
) -> bytes:
    """An engine file for the fake of ``version``; ``more`` makes it misbehave."""
    ends = ends or [
        ("rgb", "INPUT", "UINT8", [1, 32, 48, 3]),
        ("alpha", "OUTPUT", "FLOAT", [1, 1, 32, 48]),
    ]
    return json.dumps({"version": VERSIONS[version], "ends": ends} | more).encode()


class FakeRuntime:
    """
    Makes ``tensorrt`` modules, and remembers what they were asked.

    Attributes:
        calls: names of the runtime's calls, in order.
        alive: the objects that were made and not freed yet, the newest last.
    """

    def __init__(self, version: str, driver: Any) -> None:
        self.version, self.driver = version, driver
        self.calls: list[str] = []
        self.alive: list[str] = []

    def module(self) -> ModuleType:
        api = ModuleType("tensorrt_rtx" if self.version == "rtx" else "tensorrt")
        fake = self

        class Runtime(_Owned):
            def __init__(self, logger: Any) -> None:
                if not isinstance(logger, ILogger) or not getattr(logger, "ready", False):
                    raise TypeError("Runtime: not an initialised ILogger")
                if fake.driver.cuInit(0) != 0:
                    raise SystemError("a segmentation fault: Runtime without a GPU")
                super().__init__(fake, "runtime")
                self.logger = logger

            def deserialize_cuda_engine(self, data: bytes) -> Any:
                return fake.deserialise(self, data)

        api.__version__ = VERSIONS[self.version]  # type: ignore[attr-defined]
        api.__dict__.update(
            DataType=DataType, TensorIOMode=TensorIOMode, ILogger=ILogger, Runtime=Runtime
        )
        return api

    def deserialise(self, runtime: Any, data: bytes) -> Any:
        self.calls.append("deserialize_cuda_engine")
        said = ILogger.Severity.ERROR
        try:
            spec = json.loads(data)
        except ValueError:
            runtime.logger.log(said, "Magic tag does not match")
            return None
        if spec["version"] != VERSIONS[self.version]:
            runtime.logger.log(said, "The engine was built by another version")
            return None
        return FakeEngine(self, runtime, spec)


class _Owned:
    """Something that TensorRT makes, and that must go before what made it."""

    def __init__(self, fake: FakeRuntime, kind: str) -> None:
        self._fake, self._kind = fake, kind
        fake.alive.append(kind)

    def __del__(self) -> None:
        if getattr(self, "_kind", None):
            newest = self._fake.alive.pop()
            if newest != self._kind:
                self._fake.calls.append(f"freed {self._kind} before {newest}")


class FakeEngine(_Owned):
    """An ``ICudaEngine``: by names, as all versions from 8.6 on have it."""

    def __init__(self, fake: FakeRuntime, runtime: Any, spec: dict[str, Any]) -> None:
        super().__init__(fake, "engine")
        self._runtime, self._spec = runtime, spec
        self._ends = {name: (mode, dtype, shape) for name, mode, dtype, shape in spec["ends"]}
        self.num_io_tensors = len(self._ends)

    def get_tensor_name(self, index: int) -> str:
        return str(list(self._ends)[index])

    def get_tensor_mode(self, name: str) -> TensorIOMode:
        return TensorIOMode[self._ends[name][0]]

    def get_tensor_dtype(self, name: str) -> DataType:
        return DataType[self._ends[name][1]]

    def get_tensor_shape(self, name: str) -> Any:
        return tuple(self._ends[name][2])

    def create_execution_context(self) -> Any:
        self._fake.calls.append("create_execution_context")
        if self._spec.get("no_context"):
            self._runtime.logger.log(ILogger.Severity.ERROR, "out of memory")
            return None
        return FakeContext(self._fake, self, self._runtime.logger)


class FakeContext(_Owned):
    """An ``IExecutionContext`` whose network gives the mean of each pixel's levels."""

    def __init__(self, fake: FakeRuntime, engine: FakeEngine, logger: Any) -> None:
        super().__init__(fake, "context")
        self._engine, self._logger = engine, logger
        self._shapes: dict[str, tuple[int, ...]] = {}
        self._addresses: dict[str, int] = {}
        self._work: list[Callable[..., int]] = []  # ctypes callbacks must outlive the stream's work

    def set_input_shape(self, name: str, shape: tuple[int, ...]) -> bool:
        self._fake.calls.append(f"set_input_shape {name}")
        mode, _, wanted = self._engine._ends[name]
        fits = len(wanted) == len(shape) and all(
            w in (-1, s) for w, s in zip(wanted, shape, strict=True)
        )
        if mode != "INPUT" or not fits or self._engine._spec.get("no_shape"):
            self._logger.log(ILogger.Severity.ERROR, f"{shape} is outside of the profile")
            return False
        self._shapes[name] = shape
        return True

    def set_tensor_address(self, name: str, address: int) -> bool:
        self._fake.calls.append(f"set_tensor_address {name}")
        if type(address) is not int:
            raise TypeError("set_tensor_address: an address is an int")
        self._addresses[name] = address
        return name in self._engine._ends

    def execute_async_v3(self, stream_handle: int) -> bool:
        self._fake.calls.append("execute_async_v3")
        if self._engine._spec.get("fails_at") == self._fake.calls.count("execute_async_v3"):
            self._logger.log(ILogger.Severity.ERROR, "CUDA error 700")
            return False
        ends = self._engine._ends
        if set(self._addresses) != set(ends):
            raise AssertionError("execute_async_v3: an address is missing")
        if "INPUT" in {ends[name][0] for name in set(ends) - set(self._shapes)}:
            raise AssertionError("execute_async_v3: an input's shape is missing")
        context = weakref.proxy(self)  # else they would keep each other alive
        work = WORK(lambda _: context._compute())
        self._work.append(work)
        driver = self._fake.driver
        return bool(driver.fake_enqueue(ctypes.c_void_p(stream_handle), work, None) == 0)

    def _compute(self) -> int:
        rgb, alpha = self._array("rgb", np.uint8), self._array("alpha", np.float32)
        alpha[0, 0] = rgb[0].mean(axis=2, dtype=np.float32) / 255
        if self._engine._spec.get("nan"):
            alpha[0, 0, 0, 0] = np.nan
        return 0

    def _array(self, name: str, dtype: Any) -> Any:
        _, height, width, _ = self._shapes["rgb"]
        shape = (1, height, width, 3) if name == "rgb" else (1, 1, height, width)
        size = int(np.prod(shape)) * np.dtype(dtype).itemsize
        lookup = self._fake.driver.fake_on_cpu
        lookup.restype = ctypes.c_void_p
        address = lookup(ctypes.c_ulonglong(self._addresses[name]), ctypes.c_size_t(size))
        if not address:
            raise AssertionError(f"{name}: {size} bytes at its address are not device memory")
        return np.ndarray(shape, dtype, (ctypes.c_byte * size).from_address(address))
