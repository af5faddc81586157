"""The cameras, and what keeps one from being used."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from edge.doctor.checks import Finding
from edge.doctor.checks.child import Answer, ask
from edge.v4l2.formats import READABLE

Ask = Callable[..., Answer]
SHOWN_MODES = 4


def examine(dev: Path = Path("/dev"), ask: Ask = ask) -> Iterable[Finding]:
    """A row for each camera, or one that says there is none."""
    answer = ask("cameras", timeout_s=10)
    if answer.error:
        advice = "unplug the camera and plug it in again; see the end of dmesg"
        meaning = "a camera's driver does not answer as it should"
        return [Finding("cameras", "problem", answer.error, meaning, advice)]
    findings = [_camera(camera) for camera in answer.value] + _locked(dev)
    return findings or [
        Finding(
            "cameras",
            "missing",
            "none",
            "the demo clip is shown instead",
            "plug in a USB camera; in a container add --device /dev/video0; or use a stream",
        )
    ]


def _camera(camera: Mapping[str, Any]) -> Finding:
    name = f"camera {camera['path']}"
    found = camera["name"]
    if camera["errno"] == errno.EBUSY:
        meaning = "another program has it, and a camera serves one at a time"
        return Finding(name, "problem", found, meaning, f"close it; fuser -v {camera['path']}")
    if camera["errno"] is not None:
        reason = os.strerror(camera["errno"])
        advice = "unplug it and plug it in again; see the end of dmesg"
        return Finding(name, "problem", found, f"it refuses to capture: {reason}", advice)
    modes = [mode for mode in camera["modes"] if mode["pixel_format"] in READABLE]
    if camera["modes"] and not modes:
        formats = ", ".join(sorted({mode["pixel_format"] for mode in camera["modes"]}))
        meaning = f"it gives only the formats {formats}, as a bare sensor does"
        advice = "turn it into a stream with its maker's software, and use --source stream:URL"
        return Finding(name, "problem", found, meaning, advice)
    return Finding(name, "ok", f"{found}: {_summary(modes)}", f"--source camera:{camera['path']}")


def _summary(modes: list[Mapping[str, Any]]) -> str:
    """The largest few modes, in words."""
    if not modes:
        return "it does not list its modes"
    ordered = sorted(
        modes, key=lambda mode: (-mode["width"] * mode["height"], mode["pixel_format"])
    )
    words = [
        f"{mode['width']}x{mode['height']} {mode['pixel_format']}"
        + (f" {max(mode['fps']):g} fps" if mode["fps"] else "")
        for mode in ordered[:SHOWN_MODES]
    ]
    more = len(ordered) - SHOWN_MODES
    return ", ".join(words) + (f" and {more} more" if more > 0 else "")


def _locked(dev: Path) -> list[Finding]:
    """Device nodes that this user may not open: the usual reason for "no camera"."""
    closed = [
        str(node)
        for node in sorted(dev.glob("video*"))
        if node.name[5:].isdigit() and not os.access(node, os.R_OK | os.W_OK)
    ]
    if not closed:
        return []
    meaning = "there, but this user may not use them"
    advice = "sudo usermod -aG video $USER, then log out and in"
    return [Finding("camera permission", "problem", ", ".join(closed), meaning, advice)]
