"""
A virtual machine with a camera: Debian's kernel and its ``vivid`` driver, under qemu.

The machine's disk is this machine's own, read-only over 9p: the Python environment and the checkout
are those that run the tests. Only a small first program is made here.
"""

from __future__ import annotations

import gzip
import json
import lzma
import os
import re
import shutil
import stat
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

Results = dict[str, dict[str, Any]]

PACKAGES = "qemu-system-x86 linux-image-amd64 busybox-static"
DRIVERS = ("virtio_pci", "9pnet_virtio", "9p", "vivid")
CAMERA = "n_devs=1 node_types=0x1"  # of vivid: no tuner, radio, output or overlay
CAMERA_AND_OUTPUT = "n_devs=1 node_types=0x101"

INIT = """#!/bin/sh
/bin/busybox mkdir -p /proc /sys /host
/bin/busybox mount -t proc proc /proc
/bin/busybox ifconfig lo up
for module in {modules}; do
    options=
    [ $module = vivid ] && options="{devices}"
    /bin/busybox insmod /modules/$module.ko $options || echo "FAULT insmod $module"
done
/bin/busybox mount -t 9p -o ro,trans=virtio,version=9p2000.L,msize=1048576,cache=loose host /host
/bin/busybox mount -t proc proc /host/proc
/bin/busybox mount -t sysfs sys /host/sys
/bin/busybox mount -t devtmpfs dev /host/dev
/bin/busybox mkdir -p /host/dev/shm
/bin/busybox mount -t tmpfs shm /host/dev/shm
/bin/busybox chroot /host /usr/bin/env -i PATH=/usr/bin:/bin HOME=/ PYTHONDONTWRITEBYTECODE=1 \
    PYTHONPATH={checkout} {python} {script} {arguments} 2>&1
echo "END $?"
/bin/busybox poweroff -f
"""


@dataclass(frozen=True, slots=True)
class Parts:
    """What a machine is made of."""

    qemu: Path
    kernel: Path
    modules: Path
    busybox: Path


@dataclass(frozen=True, slots=True)
class Job:
    """
    What a machine is started for.

    Attributes:
        script: run in Python inside; it is part of this checkout.
        arguments: plain words for it.
        devices: options of vivid.
        timeout_s: for all of it, from the machine's start to its end.
    """

    script: Path
    arguments: tuple[str, ...] = ()
    devices: str = CAMERA
    timeout_s: float = 550


def find() -> Parts | str:
    """
    The parts on this machine, or what is missing.

    ``EDGE_VM_ROOT`` may name a folder that the packages were unpacked into (``dpkg -x``).
    """
    roots = [Path(root) for root in (os.environ.get("EDGE_VM_ROOT"), "/") if root]
    qemu = shutil.which("qemu-system-x86_64")
    if qemu is None:
        return f"no qemu-system-x86_64: apt-get install {PACKAGES}"
    for root in roots:
        for kernel in sorted(root.glob("boot/vmlinuz-*"), reverse=True):
            modules = root / "lib/modules" / kernel.name.removeprefix("vmlinuz-")
            if not list(modules.rglob("vivid.ko*")):
                continue
            for busybox in (other / "bin/busybox" for other in roots):
                if busybox.is_file():
                    return Parts(Path(qemu), kernel, modules, busybox)
            return f"no busybox: apt-get install {PACKAGES}"
    return f"no Debian kernel with the vivid driver: apt-get install {PACKAGES}"


def results(job: Job, folder: Path) -> Results:
    """What the program inside found, by the name of each check; skips where a part is missing."""
    parts = find()
    if isinstance(parts, str):
        pytest.skip(parts)
    lines = run(parts, job, folder)
    assert "END 0" in lines, "\n".join(lines)
    found = [json.loads(line.removeprefix("RESULT ")) for line in lines if "RESULT" in line]
    return {result["check"]: result for result in found}


def run(parts: Parts, job: Job, folder: Path) -> list[str]:
    """Boot, do the job, and give the lines its script printed."""
    initrd = folder / "initrd"
    initrd.write_bytes(_initrd(parts, job))
    serial = folder / "serial.log"
    command = [str(parts.qemu), "-accel", "tcg,thread=multi", "-cpu", "max", "-smp", "2"]
    command += ["-m", "1536", "-nodefaults", "-display", "none", "-no-reboot"]
    command += ["-kernel", str(parts.kernel), "-initrd", str(initrd)]
    command += ["-append", "console=ttyS0 quiet loglevel=3 panic=-1", "-serial", f"file:{serial}"]
    command += ["-fsdev", "local,id=host,path=/,security_model=none,readonly=on,multidevs=remap"]
    command += ["-device", "virtio-9p-pci,fsdev=host,mount_tag=host"]
    subprocess.run(command, timeout=job.timeout_s, check=True, stdin=subprocess.DEVNULL)
    return serial.read_text(errors="replace").splitlines()


def _initrd(parts: Parts, job: Job) -> bytes:
    """The first file system: busybox, the modules in their order, and a program that starts all."""
    modules = _with_dependencies(parts.modules)
    init = INIT.format(
        modules=" ".join(modules),
        devices=job.devices,
        checkout=job.script.parents[2],
        python=sys.executable,
        script=job.script,
        arguments=" ".join(job.arguments),
    )
    files = {
        "init": init.encode(),
        "bin/busybox": parts.busybox.read_bytes(),
        **{f"modules/{name}.ko": content for name, content in modules.items()},
    }
    archive = b"".join(_entry(name, b"", stat.S_IFDIR) for name in ("bin", "modules"))
    archive += b"".join(_entry(name, data, stat.S_IFREG) for name, data in files.items())
    archive += _entry("bin/sh", b"busybox", stat.S_IFLNK) + _entry("TRAILER!!!", b"", 0)
    return gzip.compress(archive, 1)


def _with_dependencies(root: Path) -> dict[str, bytes]:
    """Modules by name, each after those it needs."""
    paths = {
        re.split(r"\.ko", path.name)[0].replace("-", "_"): path for path in root.rglob("*.ko*")
    }
    ordered: dict[str, bytes] = {}

    def add(name: str) -> None:
        if name in ordered or name not in paths:  # not there: built into the kernel
            return
        content = paths[name].read_bytes()
        if paths[name].suffix == ".xz":
            content = lzma.decompress(content)
        needs = re.search(rb"\0depends=([^\0]*)\0", content)
        for needed in (needs[1].decode() if needs else "").split(","):
            add(needed.replace("-", "_"))
        ordered[name] = content

    for driver in DRIVERS:
        add(driver)
    return ordered


def _entry(name: str, data: bytes, kind: int) -> bytes:
    """One file of a cpio archive, the "newc" format that the kernel unpacks."""
    mode = kind | 0o755
    fields = [0, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0]
    head = b"070701" + b"".join(b"%08x" % field for field in fields) + name.encode() + b"\0"
    return head + b"\0" * (-len(head) % 4) + data + b"\0" * (-len(data) % 4)
