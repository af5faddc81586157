"""Where the picture goes beside the viewers: servers that answer, devices that take pictures."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable, Mapping, Sequence
from urllib.parse import urlsplit

from edge.doctor.checks import Finding
from edge.doctor.checks.child import Answer, ask

Ask = Callable[..., Answer]
CONNECT_S = 3.0
PORTS = {"http": 80, "https": 443}
MAKE = "sudo modprobe v4l2loopback exclusive_caps=1 video_nr=10 card_label='Edge Matting'"


def examine(specs: Sequence[str], ask: Ask = ask) -> Iterable[Finding]:
    """A row for each publisher of the settings, and one for the devices there are."""
    answer = ask("outputs", timeout_s=10)
    devices = {each["path"]: each["name"] for each in answer.value or ()}
    for spec in specs:
        scheme, _, argument = spec.partition(":")
        if scheme == "whip":
            yield server(argument)
        elif scheme == "v4l2loopback":
            yield _device(argument.partition("?")[0], devices)
        else:
            found = f"--publish {scheme}: is no kind of publisher"
            yield Finding("publish", "problem", found, "the service does not start with it")
    yield _virtual_cameras(devices, answer.error)


def server(url: str) -> Finding:
    """Whether anybody listens at ``url``'s host and port; of the rest nothing is said."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
    except (ValueError, KeyError):
        found, advice = "no address of a WHIP server", "--publish whip:https://HOST/PATH"
        return Finding("publish whip", "problem", found, advice=advice)
    name = f"publish whip {host}:{port}"
    try:
        socket.create_connection((host, port), CONNECT_S).close()
    except OSError as error:
        meaning = "the service tries again until it is there"
        advice = "start the server, or correct the address after --publish whip:"
        return Finding(name, "problem", error.strerror or str(error), meaning, advice)
    return Finding(name, "ok", "somebody listens there")


def _device(target: str, devices: Mapping[str, str]) -> Finding:
    path = f"/dev/video{target}" if target.isdecimal() else target
    name = f"publish {path}"
    if path in devices:
        return Finding(name, "ok", f"{devices[path]} takes pictures")
    meaning = "no device there takes pictures, or this user may not use it"
    return Finding(name, "problem", "nothing to publish to", meaning, MAKE)


def _virtual_cameras(devices: Mapping[str, str], error: str) -> Finding:
    if devices:
        found = ", ".join(f"{name} ({path})" for path, name in devices.items())
        return Finding("virtual camera", "ok", found, "--publish v4l2loopback:PATH")
    meaning = "only --publish v4l2loopback: needs one, for other programs on this machine"
    advice = f"sudo apt-get install v4l2loopback-dkms; {MAKE}"
    return Finding("virtual camera", "missing", error or "none", meaning, advice)
