"""One graph -> one plan (the bytes of an engine), by whichever TensorRT."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from convert.errors import ConversionError
from convert.tensorrt.network import create_network, fix_size, read_graph
from convert.tensorrt.options import Tuning
from convert.tensorrt.progress import Report, monitor
from edge.tensorrt.key import Precision
from edge.tensorrt.library import Library
from edge.zoo.card import Card

MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Recipe:
    """
    What a plan is made of.

    Attributes:
        graph: an ONNX file's bytes, typed as the plan is to compute.
        card: of the ONNX file: the ends' names and the input's size.
        timings: what TensorRT measured in earlier builds, or nothing.
    """

    graph: bytes
    card: Card
    precision: Precision
    tuning: Tuning
    timings: bytes = b""


def build_plan(
    library: Library, recipe: Recipe, report: Report, stop: threading.Event
) -> tuple[bytes, bytes]:
    """
    Build. Takes seconds to many minutes, most of it inside one call.

    Args:
        stop: ends it early when set, where this TensorRT can be asked to.

    Returns:
        The plan, and the timings for the next build; none where nothing is timed.

    Raises:
        UnsupportedOperation: the graph has operations that this TensorRT does not know.
        ConversionError: it is not valid, or TensorRT cannot build it; says why.
    """
    api = library.api
    try:
        builder = api.Builder(library.logger)
    except TypeError as error:  # what 8.6 raises for a null pointer
        raise ConversionError(f"TensorRT has no builder here: {library.said.why()}") from error
    strongly_typed = hasattr(api.NetworkDefinitionCreationFlag, "STRONGLY_TYPED")
    if recipe.tuning.dla_core is not None and hasattr(api.BuilderFlag, "FP16"):
        strongly_typed = False  # up to TensorRT 10, DLA takes its precision from flags alone
    network = create_network(api, builder, strongly_typed)
    read_graph(library, network, recipe.graph, recipe.card)
    config = builder.create_builder_config()
    _configure(library, builder, config, recipe, strongly_typed)
    fix_size(builder, network, config, recipe.card)
    timings = None if library.portable else _use_timings(config, recipe.timings)
    watch = monitor(api, report, stop)
    if watch is not None:
        config.progress_monitor = watch
    plan = builder.build_serialized_network(network, config)
    if plan is None:
        raise ConversionError(
            f"{library.title} cannot build {recipe.card.id}: {library.said.why()}"
        )
    return bytes(plan), bytes(timings.serialize()) if timings is not None else b""


def _configure(
    library: Library, builder: Any, config: Any, recipe: Recipe, strongly_typed: bool
) -> None:
    api, tuning = library.api, recipe.tuning
    if tuning.workspace_mib is not None:
        config.set_memory_pool_limit(api.MemoryPoolType.WORKSPACE, tuning.workspace_mib * MIB)
    if tuning.level is not None and hasattr(config, "builder_optimization_level"):
        config.builder_optimization_level = tuning.level
    if recipe.precision == "fp32":
        # TF32 has float16's digits: whoever wants that speed asks for fp16.
        config.clear_flag(api.BuilderFlag.TF32)
    if not strongly_typed:
        # A loosely typed network computes in fp32 unless flags allow what its types ask for.
        wanted = {"fp32": (), "fp16": ("FP16",), "int8": ("FP16", "INT8")}[recipe.precision]
        for name in wanted:
            if hasattr(api.BuilderFlag, name):
                config.set_flag(getattr(api.BuilderFlag, name))
    if tuning.dla_core is not None:
        _use_dla(library, builder, config, recipe)


def _use_dla(library: Library, builder: Any, config: Any, recipe: Recipe) -> None:
    api, core = library.api, recipe.tuning.dla_core
    cores = int(builder.num_DLA_cores)
    if core not in range(cores):
        raise ConversionError(
            f"there is no DLA core {core}: this GPU has {cores} for {library.title}. "
            "Build without --dla"
        )
    if recipe.precision == "fp32":
        raise ConversionError("a DLA core computes in fp16 or int8: --precision fp16")
    config.default_device_type = api.DeviceType.DLA
    config.DLA_core = core
    config.set_flag(api.BuilderFlag.GPU_FALLBACK)  # for the layers that it lacks, such as Resize


def _use_timings(config: Any, earlier: bytes) -> Any:
    """An ``ITimingCache`` that the build reads and fills."""
    cache = config.create_timing_cache(earlier)
    if not config.set_timing_cache(cache, False):  # of another GPU, or damaged
        cache = config.create_timing_cache(b"")
        config.set_timing_cache(cache, False)
    return cache


def timing_file(folder: Path, library: Library, target: str) -> Path:
    """Where the timings for one TensorRT and one kind of GPU are kept."""
    return folder / f"timings-{library.module}{library.version}-{target}.cache"
