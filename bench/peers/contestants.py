"""Who takes part: the peers that could be had, and models of ours."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.live.program import Program
from bench.peers import driver
from bench.peers.environment import PACKAGES, SELFIE, Environment

DRIVER = Path(driver.__file__)


@dataclass(frozen=True, slots=True)
class Peer:
    """
    Attributes:
        name: as ``bench.peers.driver`` has it.
        label: for people.
        file: the network's name in the environment.
        needs: groups of packages.
        remark: what is timed, where it is not from frame to picture.
    """

    name: str
    label: str
    file: str
    needs: tuple[str, ...] = ("base",)
    remark: str = ""


PEERS = (
    Peer("rembg", "rembg (u2netp)", "u2netp", ("base", "rembg")),
    Peer("rvm", "RVM, ratio 0.375", "rvm_mobilenetv3"),
    Peer("rvm-quick", "RVM, ratio 0.25", "rvm_mobilenetv3"),
    Peer("modnet", "MODNet 512", "modnet"),
    Peer("mediapipe", "MediaPipe selfie", "selfie", ("base", "mediapipe")),
    Peer("aiortc", "aiortc example, U2NETP", "u2netp", ("base", "aiortc"), "with one VP8 encoder"),
)


@dataclass(frozen=True, slots=True)
class Contestant:
    """
    Attributes:
        program: answers ``time`` and ``mattes``.
        key: what its mattes depend on; None if they are to be made anew each time.
    """

    name: str
    label: str
    ours: bool
    program: Program
    key: str | None
    remark: str = ""


def contestants(
    environment: Environment, names: Sequence[str], specs: Sequence[str]
) -> tuple[list[Contestant], dict[str, str]]:
    """
    Args:
        names: of the peers wanted.
        specs: ours, as ``--matting`` has them.

    Returns:
        Ours and those peers that are all there; and the others' names with why not.
    """
    found = [
        Contestant(spec, _label(spec), True, Program.of_bench("bench.peers.ours", spec), None)
        for spec in specs
    ]
    skipped = {}
    for peer in PEERS:
        if peer.name not in names:
            continue
        lacks = [what for what in (*peer.needs, peer.file) if what in environment.missing]
        if lacks:
            skipped[peer.name] = "; ".join(f"{w}: {environment.missing[w]}" for w in lacks)
            continue
        file = environment.files[peer.file]
        command = [str(environment.python), str(DRIVER), peer.name, str(file)]
        program = Program(command, variables={"U2NET_HOME": str(file.parent)})
        found.append(Contestant(peer.name, peer.label, False, program, _key(peer), peer.remark))
    return found, skipped


def _label(spec: str) -> str:
    """Such as "ours: u2netp, onnx, threads=1" of "onnx:u2netp?threads=1"."""
    scheme, _, rest = spec.partition(":")
    model, _, options = rest.partition("?")
    return ", ".join(filter(None, (f"ours: {model.rpartition('/')[2]}", scheme, options)))


def _key(peer: Peer) -> str:
    pinned = [SELFIE, *(package for group in peer.needs for package in PACKAGES[group])]
    classes = [kind for kind in driver.PEERS[peer.name].__mro__ if kind is not object]
    parts: list[Any] = [*classes, driver.write_mattes]
    sources = [inspect.getsource(part) for part in parts]
    text = f"{peer.name} {peer.file} {pinned} {sources}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]
