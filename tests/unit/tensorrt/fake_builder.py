"""
A TensorRT that builds nothing, strict about what each version has, takes and refuses.

An absent name raises AttributeError, as it does in the version at hand.
"""

from __future__ import annotations

import enum
import threading
from collections.abc import Callable
from types import ModuleType, SimpleNamespace
from typing import Any

from tests.unit.tensorrt.fake_runtime import VERSIONS, ILogger

FLAGS = {
    "8.6": ["FP16", "INT8", "TF32", "GPU_FALLBACK"],
    "10": ["FP16", "INT8", "BF16", "FP8", "TF32", "GPU_FALLBACK"],
    "11": ["TF32", "GPU_FALLBACK"],
    "rtx": ["TF32", "GPU_FALLBACK"],
}
NETWORK = {
    "8.6": ["EXPLICIT_BATCH"],
    "10": ["EXPLICIT_BATCH", "STRONGLY_TYPED"],
    "11": ["STRONGLY_TYPED"],
    "rtx": ["STRONGLY_TYPED"],
}


class FakeBuilder:
    """
    Makes ``tensorrt`` modules, and remembers how they were configured.

    Attributes:
        flags: names of the builder flags that are set as the build begins.
        strongly_typed: of the network.
        errors: what the parser finds wrong: (code, operator, description).
        says: what its logger hears meanwhile.
        refuses: what ``build_serialized_network`` says as it gives None.
        meanwhile: called between two steps of a build.
        steps: of a build.
        dla_cores: how many there are.
    """

    def __init__(self, version: str) -> None:
        self.version = version
        self.flags: set[str] = set()
        self.strongly_typed = False
        self.errors: list[tuple[str, str, str]] = []
        self.says = ""
        self.refuses = ""
        self.meanwhile: Callable[[int], None] = lambda step: None
        self.steps = 4
        self.dla_cores = 0
        self.shape: tuple[int, ...] = (1, 32, 48, 3)
        self.graph = b""
        self.config: Any = None
        self.profiles: list[dict[str, Any]] = []
        self.no_builder = False

    def module(self) -> ModuleType:
        api = ModuleType("tensorrt")
        api.__dict__.update(
            __version__=VERSIONS[self.version],
            ILogger=ILogger,
            BuilderFlag=enum.Enum("BuilderFlag", FLAGS[self.version]),
            NetworkDefinitionCreationFlag=enum.IntEnum(
                "NetworkDefinitionCreationFlag", NETWORK[self.version], start=0
            ),
            MemoryPoolType=enum.Enum("MemoryPoolType", ["WORKSPACE"]),
            DeviceType=enum.Enum("DeviceType", ["GPU", "DLA"]),
            Builder=self._builder,
            OnnxParser=lambda network, logger: _Parser(self, logger),
        )
        if self.version != "8.6":
            api.__dict__["IProgressMonitor"] = type("IProgressMonitor", (), {})
        return api

    def _builder(self, logger: Any) -> Any:
        if self.no_builder:
            raise TypeError("pybind11::init(): factory function returned nullptr")
        return _Builder(self, logger)


class _Builder:
    def __init__(self, fake: FakeBuilder, logger: Any) -> None:
        self._fake, self._logger = fake, logger
        self.num_DLA_cores = fake.dla_cores

    def create_network(self, flags: int) -> Any:
        fake = self._fake
        known = NETWORK[fake.version]
        if flags >= 1 << len(known):
            raise AssertionError("create_network: an unknown flag")
        if fake.version == "8.6" and not flags & 1:
            raise AssertionError("create_network: 8.6 parses ONNX with an explicit batch alone")
        typed = "STRONGLY_TYPED" in known and flags >> known.index("STRONGLY_TYPED") & 1
        fake.strongly_typed = bool(typed) or fake.version in ("11", "rtx")
        rgb = SimpleNamespace(name="rgb", shape=fake.shape)
        alpha = SimpleNamespace(name="alpha")
        return SimpleNamespace(
            num_inputs=1, num_outputs=1, get_input=lambda i: rgb, get_output=lambda i: alpha
        )

    def create_builder_config(self) -> Any:
        self._fake.config = _Config(self._fake)
        return self._fake.config

    def create_optimization_profile(self) -> Any:
        shapes: dict[str, Any] = {}
        return SimpleNamespace(
            shapes=shapes, set_shape=lambda name, *three: shapes.update({name: three})
        )

    def build_serialized_network(self, network: Any, config: Any) -> bytes | None:
        fake = self._fake
        fake.flags = {flag.name for flag in config.flags}
        if fake.strongly_typed and fake.flags & {"FP16", "INT8", "BF16", "FP8"}:
            self._logger.log(ILogger.Severity.ERROR, "a strongly typed network takes no such flag")
            return None
        if -1 in fake.shape and not fake.profiles:
            self._logger.log(ILogger.Severity.ERROR, "no optimization profile")
            return None
        if fake.refuses:
            self._logger.log(ILogger.Severity.ERROR, fake.refuses)
            return None
        return self._run(config)

    def _run(self, config: Any) -> bytes | None:
        monitor = getattr(config, "progress_monitor", None)
        for step in range(self._fake.steps):
            self._fake.meanwhile(step)
            if monitor is not None:
                if step == 0:
                    monitor.phase_start("Building", None, self._fake.steps)
                if not monitor.step_complete("Building", step):
                    return None
        if monitor is not None:
            monitor.phase_finish("Building")
        return b"plan of " + self._fake.graph


class _Config:
    """Setting what this version does not have is an error."""

    def __init__(self, fake: FakeBuilder) -> None:
        allowed = {"default_device_type", "DLA_core", "builder_optimization_level"}
        if fake.version != "8.6":
            allowed.add("progress_monitor")
        object.__setattr__(self, "allowed", allowed)
        object.__setattr__(self, "builder_optimization_level", 3)
        object.__setattr__(self, "flags", {fake.module().BuilderFlag["TF32"]})
        object.__setattr__(self, "pools", {})
        object.__setattr__(self, "timings", None)
        object.__setattr__(self, "_fake", fake)

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in self.allowed:  # type: ignore[attr-defined]
            raise AttributeError(name)
        object.__setattr__(self, name, value)

    def set_flag(self, flag: Any) -> None:
        self.flags.add(flag)  # type: ignore[attr-defined]

    def clear_flag(self, flag: Any) -> None:
        kept = {each for each in self.flags if each.name != flag.name}  # type: ignore[attr-defined]
        object.__setattr__(self, "flags", kept)

    def set_memory_pool_limit(self, pool: Any, size: int) -> None:
        self.pools[pool.name] = size  # type: ignore[attr-defined]

    def add_optimization_profile(self, profile: Any) -> None:
        self._fake.profiles.append(profile.shapes)  # type: ignore[attr-defined]

    def create_timing_cache(self, data: bytes) -> Any:
        return SimpleNamespace(data=data, serialize=lambda: b"measured")

    def set_timing_cache(self, cache: Any, ignore_mismatch: bool) -> bool:
        if cache.data == b"of another GPU" and not ignore_mismatch:
            return False
        object.__setattr__(self, "timings", cache.data)
        return True


class _Parser:
    def __init__(self, fake: FakeBuilder, logger: Any) -> None:
        self._fake, self._logger = fake, logger
        self.num_errors = len(fake.errors)

    def parse(self, graph: bytes) -> bool:
        self._fake.graph = graph
        if self._fake.says:
            self._logger.log(ILogger.Severity.ERROR, self._fake.says)
        return not self._fake.errors

    def get_error(self, index: int) -> Any:
        code, operator, words = self._fake.errors[index]
        error = SimpleNamespace(code=lambda: f"ErrorCode.{code}", desc=lambda: words)
        if self._fake.version != "8.6":
            error.node_operator = lambda: operator
        return error


def stopped_at(step: int, stop: threading.Event) -> Callable[[int], None]:
    """For ``meanwhile``: the build is asked to stop before this step is told."""

    def meanwhile(now: int) -> None:
        if now == step:
            stop.set()

    return meanwhile
