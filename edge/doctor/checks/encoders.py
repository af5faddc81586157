"""The video encoders: each is really opened and given frames."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from edge.doctor.checks import Finding
from edge.doctor.checks.child import Answer, ask

Ask = Callable[..., Answer]
TEGRA = Path("/etc/nv_tegra_release")
ON_CPU = ("libx264:", "libvpx:")
WORDS = {
    "libx264:": "H.264 on the CPU",
    "libvpx:": "VP8 on the CPU",
    "h264_nvenc:": "H.264 on an NVIDIA GPU",
    "gstreamer:nvv4l2h264enc": "H.264 on the Jetson's own encoder",
}


def examine(ask: Ask = ask) -> Iterable[Finding]:
    """A row for each encoder in the order they are tried, what is used, and GStreamer."""
    specs = order()
    with ThreadPoolExecutor(2) as pool:  # each child loads FFmpeg: two at a time
        answers = dict(zip(specs, pool.map(lambda spec: ask("encoder", spec), specs), strict=True))
    rows = [_encoder(spec, answer) for spec, answer in answers.items()]
    return [*rows, *_used(answers), gstreamer(ask)]


def order() -> tuple[str, ...]:
    """As ``edge.encoders`` has it, which is not imported here: it needs numpy."""
    return ("gstreamer:nvv4l2h264enc" if TEGRA.exists() else "h264_nvenc:", *ON_CPU)


def _encoder(spec: str, answer: Answer) -> Finding:
    row = f"encoder {spec.removesuffix(':')}"
    if not answer.error:
        found = f"encodes, in {answer.value:g} ms of CPU for a picture of 640x360"
        return Finding(row, "ok", found, WORDS[spec])
    if spec in ON_CPU:
        codec = WORDS[spec].partition(" ")[0]
        meaning = f"viewers that want {codec} cannot be served, unless by another encoder"
        advice = "delete .venv and start ./run.edge.sh again"
        return Finding(row, "problem", answer.error, meaning, advice)
    return Finding(row, "missing", answer.error, "the CPU encodes instead")


def _used(answers: dict[str, Answer]) -> Iterable[Finding]:
    """The first that works, for each codec."""
    works = [spec for spec, answer in answers.items() if not answer.error]
    first = {WORDS[spec].partition(" ")[0]: spec.removesuffix(":") for spec in reversed(works)}
    if first:
        found = ", ".join(f"{codec} by {spec}" for codec, spec in sorted(first.items()))
        meaning = "once for all viewers who see the same; --encoding.encoders sets another order"
        yield Finding("encoders used", "ok", found, meaning)


def gstreamer(ask: Ask = ask) -> Finding:
    """GStreamer for Python, through which a Jetson's encoder is reached."""
    answer = ask("gstreamer")
    if answer.error:
        return Finding(
            "GStreamer",
            "missing",
            answer.error,
            "only --encoding.encoders gstreamer:ELEMENT and --source gstreamer:PIPELINE need it, "
            "and so a Jetson's own encoder and CSI cameras",
            "sudo apt-get install python3-gi gir1.2-gst-plugins-base-1.0 "
            "gstreamer1.0-plugins-bad, and an environment of the distribution's own Python",
        )
    encoders = ", ".join(answer.value["encoders"]) or "no H.264 encoder"
    return Finding("GStreamer", "ok", f"{answer.value['version']}: {encoders}")
