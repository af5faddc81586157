"""The steps from weights to products, each tried before it is installed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from convert import origins, runners, weights
from convert.export import export
from convert.graph import serialise
from convert.networks import make
from convert.openvino import to_ir
from convert.parity import Compared
from convert.pictures import Pictures
from convert.precision import to_fp16
from convert.product import describe, install
from convert.quantise import CPU, TENSORRT, Scheme
from convert.quantise.product import to_int8
from convert.staging import promote, staged, tried
from edge.cuda.driver import require_gpu
from edge.errors import UnknownName
from edge.zoo import Zoo
from edge.zoo.card import ModelInput
from edge.zoo.card_file import read_card


@dataclass(frozen=True, slots=True)
class Order:
    """
    What is wanted.

    Attributes:
        size: (width, height) of the input.
        weights: a file of the user's, or None for the project's own or the published ones.
        calibrating, judging: pictures for int8, and for parity.
        output: the folder of the products.
    """

    model: str
    size: tuple[int, int]
    weights: Path | None
    calibrating: Pictures
    judging: Pictures
    output: Path
    zoo: Zoo


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """
    One product.

    Attributes:
        spec: that runs it, or None if there is none.
        compared: with what it was made of.
        refused: why it is not there.
    """

    name: str
    spec: str | None = None
    compared: Compared | None = None
    refused: str | None = None


class Work:
    """
    What the steps share: the graph, and the runner that the next product is held to.

    Raises:
        EdgeError: the weights cannot be had, or cannot be exported.
    """

    def __init__(self, order: Order) -> None:
        self._order = order
        network = make(order.model)
        network.check_size(*order.size)  # before anything is fetched
        found = origins.find(order.model, order.weights, order.zoo)
        weights.load(network, found.path)
        self._provenance = found.provenance
        self._graph = export(network, order.size)
        self._reference = runners.load(_torch(order), order.zoo)
        self._paths: dict[str, Path] = {}

    def steps(self) -> Iterator[tuple[str, Callable[[], Step]]]:
        """Their names, and what does them and raises EdgeErrors; all others need the first."""
        yield "ONNX fp32", self._onnx_fp32
        yield "ONNX int8", lambda: self._onnx_int8("ONNX int8", CPU)
        yield "OpenVINO bf16", lambda: self._openvino("OpenVINO bf16", "fp32", "bf16")
        yield "OpenVINO int8", lambda: self._openvino("OpenVINO int8", "int8", "int8")
        yield "TensorRT fp16", self._tensorrt_fp16
        yield "TensorRT int8", self._tensorrt_int8

    def _input(self) -> ModelInput:
        """As the zoo's card has it, so that the product stands in for the published model."""
        width, height = self._order.size
        try:
            known = self._order.zoo.card(self._order.model).input
            if self._order.size in known.choices:
                return known.at(self._order.size)
        except UnknownName:
            pass  # the project's own
        return ModelInput(width=width, height=height, fit="stretch", interpolation="linear")

    def _onnx_fp32(self) -> Step:
        order = self._order
        made = serialise(self._graph)
        card = describe(order.model, self._input(), "fp32", self._provenance, made)
        with staged(order.output) as folder:
            step = self._settle("ONNX fp32", install(card, made, folder), "onnx")
        self._reference = runners.load(f"onnx:{self._paths['fp32']}", order.zoo)
        return step

    def _onnx_int8(self, name: str, scheme: Scheme) -> Step:
        order = self._order
        made, card = to_int8(
            order.model,
            self._graph,
            self._input(),
            self._provenance,
            order.calibrating,
            scheme,
        )
        with staged(order.output) as folder:
            return self._settle(name, install(card, made, folder), "onnx")

    def _openvino(self, name: str, source: str, precision: str) -> Step:
        if source not in self._paths:
            return Step(name, refused=f"there is no {source} graph to make it of")
        path = self._paths[source]
        with staged(self._order.output) as folder:
            made = to_ir(path, read_card(path, ""), precision, folder)
            return self._settle(name, made, "openvino")

    def _tensorrt_fp16(self) -> Step:
        require_gpu()
        order = self._order
        made = serialise(to_fp16(self._graph))
        card = describe(order.model, self._input(), "fp16", self._provenance, made)
        with staged(order.output) as folder:
            self._settle("", install(card, made, folder), "onnx")
        return self._engine("TensorRT fp16", self._paths["fp16"])

    def _tensorrt_int8(self) -> Step:
        require_gpu()
        self._onnx_int8("", TENSORRT)
        return self._engine("TensorRT int8", self._paths["int8-tensorrt"])

    def _engine(self, name: str, source: Path) -> Step:
        from convert.tensorrt.install import build_and_install
        from convert.tensorrt.options import Order as EngineOrder

        order = self._order
        engine = build_and_install(
            EngineOrder(model=None, onnx=source, cache=order.zoo.cache), _unheard
        )
        spec = f"tensorrt:{engine}"
        return Step(name, spec, tried(spec, self._reference, order.judging, order.zoo))

    def _settle(self, name: str, made: Path, kind: str) -> Step:
        """Try a staged product, install it if it passes, and keep its path for the next steps."""
        order = self._order
        found = tried(f"{kind}:{made}", self._reference, order.judging, order.zoo)
        path = promote(made, order.output, found, order.judging)
        if kind == "onnx":
            card = read_card(path, "")
            suffix = "-tensorrt" if card.quantised and card.quantised.scheme != "cpu" else ""
            self._paths[card.precision + suffix] = path
        spec = f"{kind}:{path}"
        return Step(name, spec, replace(found, spec=spec))


def _torch(order: Order) -> str:
    width, height = order.size
    given = f"&weights={order.weights}" if order.weights else ""
    return f"torch:{order.model}?size={height}x{width}{given}"


def _unheard(_part: float) -> None:
    """The build's progress; each step has a line of its own already."""
