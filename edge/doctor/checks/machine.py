"""The processor, the memory and the board."""

from __future__ import annotations

import contextlib
import platform
import re
from collections.abc import Iterable
from pathlib import Path

from edge.cores import usable_cores
from edge.doctor.checks import Finding

# What inference gains from, by the names the kernel gives it.
FEATURES = {
    "avx2": "AVX2",
    "avx512f": "AVX-512",
    "avx512_vnni": "VNNI",
    "avx_vnni": "VNNI",
    "amx_int8": "AMX",
    "avx512_bf16": "BF16",
    "amx_bf16": "BF16",
    "asimd": "NEON",
    "neon": "NEON",
    "asimddp": "dot product",
    "i8mm": "i8mm",
    "bf16": "BF16",
    "sve": "SVE",
}
INT8 = {"VNNI", "AMX", "dot product", "i8mm"}
ENOUGH_MEMORY_BYTES = 1 << 30


def cpu(proc: Path = Path("/proc"), cgroup: Path = Path("/sys/fs/cgroup")) -> Finding:
    """The processor: its model, the cores this process may use, and what speeds up a network."""
    text = _read(proc / "cpuinfo")
    fields = dict(re.findall(r"^(model name|flags|Features|Hardware)\s*:\s*(.*)$", text, re.M))
    present = (fields.get("flags") or fields.get("Features") or "").split()
    features = list(dict.fromkeys(FEATURES[name] for name in FEATURES if name in present))
    model = fields.get("model name") or board(proc) or platform.machine()
    cores = usable_cores(cgroup)
    found = f"{model}, {cores:g} core{'s' * (cores != 1)}"
    if features:
        found += f", {', '.join(features)}"
    if not {"AVX2", "NEON"} & set(features):
        return Finding(
            "CPU",
            "problem",
            found,
            "without AVX2 or NEON the model takes seconds a frame",
            "use another machine; in a virtual machine, pass the host's CPU through",
        )
    meaning = "runs int8 models fast" if INT8 & set(features) else "int8 models gain little here"
    return Finding("CPU", "ok", found, meaning)


def memory(proc: Path = Path("/proc"), cgroup: Path = Path("/sys/fs/cgroup")) -> Finding:
    """The memory that is free for the service."""
    fields = dict(re.findall(r"^(\w+):\s+(\d+) kB$", _read(proc / "meminfo"), re.M))
    total, available = (int(fields.get(name, 0)) << 10 for name in ("MemTotal", "MemAvailable"))
    limit = _read(cgroup / "memory.max").strip()
    if limit.isdigit():
        used = _read(cgroup / "memory.current").strip()
        total = min(total, int(limit))
        available = min(available, int(limit) - int(used or 0))
    if not total:
        return Finding("memory", "missing", "this system does not tell")
    found = f"{available / 1e9:.1f} of {total / 1e9:.1f} GB free"
    if available < ENOUGH_MEMORY_BYTES:
        return Finding(
            "memory",
            "problem",
            found,
            "the service needs up to 1 GB, and may be killed",
            "stop other programs, or raise the container's memory limit",
        )
    return Finding("memory", "ok", found)


def jetson(etc: Path = Path("/etc"), proc: Path = Path("/proc")) -> list[Finding]:
    """The Jetson this is, if it is one."""
    release = re.match(r"# R(\d+) .*?REVISION: ([\d.]+)", _read(etc / "nv_tegra_release"))
    if not release:
        return []
    major, minor = release.groups()
    found = f"{board(proc) or 'Jetson'}, L4T {major}.{minor}"
    if int(major) < 36:
        return [
            Finding(
                "Jetson",
                "problem",
                found,
                "JetPack 5 and older bring Python 3.8",
                "install JetPack 6 or newer",
            )
        ]
    return [Finding("Jetson", "ok", found, f"JetPack {6 if int(major) < 38 else 7}")]


def board(proc: Path = Path("/proc")) -> str:
    """The board's name as its device tree gives it, or ""."""
    return _read(proc / "device-tree" / "model").strip("\0 \n")


def examine() -> Iterable[Finding]:
    """All of them."""
    found = f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    return [Finding("Python", "ok", found), cpu(), memory(), *jetson()]


def _read(path: Path) -> str:
    with contextlib.suppress(OSError):
        return path.read_text(errors="replace")
    return ""
