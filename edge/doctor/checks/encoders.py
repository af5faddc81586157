"""The video encoders: each is really opened and given frames."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

from edge.doctor.checks import Finding
from edge.doctor.checks.child import Answer, ask

Ask = Callable[..., Answer]
SOFTWARE = {"libx264": "H.264", "libvpx": "VP8"}
HARDWARE = {
    "h264_nvenc": "H.264 on an NVIDIA GPU",
    "h264_v4l2m2m": "H.264 on the board's own encoder",
}


def examine(ask: Ask = ask) -> Iterable[Finding]:
    """A row for each encoder that PyAV may have, and one for GStreamer's."""
    names = [*SOFTWARE, *HARDWARE]
    with ThreadPoolExecutor(2) as pool:  # each child loads FFmpeg: two at a time
        answers = list(pool.map(lambda name: ask("encoder", name), names))
    return [*map(_encoder, names, answers), gstreamer(ask)]


def _encoder(name: str, answer: Answer) -> Finding:
    row = f"encoder {name}"
    if not answer.error:
        words = {**SOFTWARE, **HARDWARE}[name]
        return Finding(row, "ok", "encodes", words + ("" if name in HARDWARE else " on the CPU"))
    if name in SOFTWARE:
        meaning = f"viewers that want {SOFTWARE[name]} cannot be served"
        advice = "delete .venv and start ./run.edge.sh again"
        return Finding(row, "problem", answer.error, meaning, advice)
    found = f"cannot be opened here: {answer.error}"
    return Finding(row, "missing", found, "the CPU encodes instead")


def gstreamer(ask: Ask = ask) -> Finding:
    """GStreamer for Python, through which a Jetson's encoder is reached."""
    answer = ask("gstreamer")
    if answer.error:
        return Finding(
            "GStreamer",
            "missing",
            answer.error,
            "only a Jetson's hardware encoder needs it",
            "sudo apt-get install python3-gi gir1.2-gst-plugins-base-1.0, and an environment made "
            "with --system-site-packages (as run.edge.sh does on a Jetson)",
        )
    encoders = ", ".join(answer.value["encoders"]) or "no H.264 encoder"
    return Finding("GStreamer", "ok", f"{answer.value['version']}: {encoders}")
