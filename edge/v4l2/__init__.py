"""Which cameras this machine has, and what they can do: asked of Video4Linux itself."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from collections.abc import Iterator
from ctypes import Structure
from dataclasses import dataclass
from pathlib import Path

from edge.v4l2 import structs as v4l2
from edge.v4l2.formats import Ioctl, Mode, enumerate_modes


@dataclass(frozen=True, slots=True)
class Camera:
    """
    A device that captures pictures.

    Attributes:
        path: the node, such as "/dev/video0"; another one after a re-plug, perhaps.
        by_id: a name that stays with this very camera ("/dev/v4l/by-id/..."), or None.
        loopback: it shows what some program here publishes, perhaps this one.
    """

    path: str
    by_id: str | None
    name: str
    modes: tuple[Mode, ...]
    loopback: bool = False


LOOPBACK = b"v4l2 loopback"  # the driver's name for itself


def system_ioctl(fd: int, request: int, argument: Structure) -> object:
    """``fcntl.ioctl``, which is not on every system."""
    import fcntl

    return fcntl.ioctl(fd, request, argument)


def cameras(dev: Path = Path("/dev"), ioctl: Ioctl = system_ioctl) -> list[Camera]:
    """
    The capture devices there are, in the order of their numbers; none on other systems.

    What cannot be opened or asked (no permission, a codec, a metadata node) is left out:
    ``trouble`` tells why a certain one is. Blocks for milliseconds: not for the event loop.
    """
    if sys.platform != "linux":
        return []
    nodes = [node for node in dev.glob("video*") if node.name[5:].isdigit()]
    by_id = {link.resolve(): str(link) for link in sorted(dev.glob("v4l/by-id/*"), reverse=True)}
    found = []
    for node in sorted(nodes, key=lambda node: int(node.name[5:])):
        with contextlib.suppress(OSError), _opened(node) as fd:
            camera = _camera(fd, node, by_id.get(node.resolve()), ioctl)
            found += [camera] if camera else []
    return found


def modes(node: Path, ioctl: Ioctl = system_ioctl) -> tuple[Mode, ...]:
    """What the camera at ``node`` offers; nothing where it does not tell."""
    with contextlib.suppress(OSError), _opened(node) as fd:
        camera = _camera(fd, node, None, ioctl)
        return camera.modes if camera else ()
    return ()


def trouble(node: Path, ioctl: Ioctl = system_ioctl) -> int | None:
    """
    The errno that keeps ``node`` from capturing now (EBUSY: another program has it), or None.

    Asks for buffers and gives them back, as a program that captures would.
    """
    try:
        with _opened(node) as fd:
            kind = _buffer_type(_capability(fd, ioctl))
            if kind is None:
                return errno.ENOTTY
            request = v4l2.RequestBuffers(count=1, type=kind, memory=v4l2.MEMORY_MMAP)
            ioctl(fd, v4l2.REQBUFS, request)
            request.count = 0
            ioctl(fd, v4l2.REQBUFS, request)
    except OSError as error:
        return error.errno
    return None


@contextlib.contextmanager
def _opened(node: Path) -> Iterator[int]:
    fd = os.open(node, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        yield fd
    finally:
        os.close(fd)


def _capability(fd: int, ioctl: Ioctl) -> v4l2.Capability:
    capability = v4l2.Capability()
    ioctl(fd, v4l2.QUERYCAP, capability)
    return capability


def _buffer_type(capability: v4l2.Capability) -> int | None:
    """How to ask this node for pictures, or None if it gives none (output, metadata, codec)."""
    caps: int = capability.capabilities
    if caps & v4l2.CAP_DEVICE_CAPS:
        caps = capability.device_caps  # of this node; `capabilities` is of the whole device
    if not caps & v4l2.CAP_STREAMING or caps & v4l2.CAP_M2M:
        return None
    if caps & v4l2.CAP_CAPTURE:
        return v4l2.CAPTURE
    return v4l2.CAPTURE_MPLANE if caps & v4l2.CAP_CAPTURE_MPLANE else None


def _camera(fd: int, node: Path, by_id: str | None, ioctl: Ioctl) -> Camera | None:
    capability = _capability(fd, ioctl)
    kind = _buffer_type(capability)
    if kind is None:
        return None
    name: bytes = capability.card
    modes = enumerate_modes(fd, kind, ioctl)
    loopback = capability.driver == LOOPBACK
    return Camera(str(node), by_id, name.decode("utf-8", "replace"), modes, loopback)
