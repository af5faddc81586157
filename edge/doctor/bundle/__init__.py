"""
``python -m edge doctor --report``: one file to attach to a bug report, without secrets.

A zip of texts: what the doctor found, versions, settings, the last lines of the log, what a running
service says of itself, the models' cards, facts of the system. No picture is in it, and neither
passwords, tokens, nor the names of this machine and its user.
"""

from __future__ import annotations

import getpass
import io
import json
import socket
import time
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edge.doctor.bundle import facts, running
from edge.doctor.bundle.scrub import Scrubber, secrets_of
from edge.doctor.checks import Finding
from edge.doctor.checks.child import ask
from edge.errors import StorageError
from edge.files import PRIVATE, write_atomically

if TYPE_CHECKING:
    from edge.settings import Settings
    from edge.zoo import Zoo

README = """\
A report of Edge Matting, made by `python -m edge doctor --report` to be attached to a bug report.

Taken out: access tokens, passwords of URLs, keys of media servers, TURN credentials, the addresses
by which the device is reached from outside, and the names of the machine, its user and home folder.
It holds no picture. Please look through it all the same before you give it to anyone.
"""

Contents = Mapping[str, Any]  # file's name -> text, or a value for JSON


def default_name() -> Path:
    """Such as edge-report-20260115-093000.zip, in the current folder."""
    return Path(time.strftime("edge-report-%Y%m%d-%H%M%S.zip"))


def contents(settings: Settings, zoo: Zoo, findings: Sequence[Finding], text: str) -> Contents:
    """
    All that goes into a report, as it is found: secrets are still in it.

    Args:
        findings: the doctor's.
        text: the same, for people.
    """
    return {
        "doctor.txt": text + "\n",
        "doctor.json": [asdict(finding) for finding in findings],
        "versions.json": facts.versions(),
        "settings.json": settings.model_dump(mode="json"),
        "service.json": running.answers(settings.address, _token(settings))
        or f"nothing answers at {settings.listen}; where it listens elsewhere, add --listen",
        "log.txt": facts.log(),
        "models.json": [card.model_dump(mode="json") for card in zoo.cards()],
        "cameras.json": asdict(ask("cameras", timeout_s=10)),
        "state.json": facts.kept(settings.state_dir),
        "system.txt": facts.system(),
    }


def scrubber(settings: Settings) -> Scrubber:
    """Knows the secrets of ``settings`` and of this machine."""
    specs = [settings.source, *settings.sources, *settings.publish]
    secrets = [secret for spec in specs for secret in secrets_of(spec)]
    secrets += [_token(settings) or ""]
    for server in settings.ice.servers:
        secrets += [server.credential.get_secret_value() if server.credential else ""]
    host = socket.gethostname()
    names = {
        str(Path.home()): "~",
        _user(): "USER",
        host: "HOST",
        host.partition(".")[0]: "HOST",
        settings.ice.public_address or "": "PUBLIC-ADDRESS",
        **dict.fromkeys(settings.allowed_hosts, "ALLOWED-HOST"),
    }
    return Scrubber(secrets, names)


def write(path: Path, contents: Contents, scrub: Scrubber) -> None:
    """
    Put the report at ``path``, readable for its owner alone. Nothing reaches it but through
    ``scrub``.

    Raises:
        StorageError: it cannot be written.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", README)
        for name, content in contents.items():
            if isinstance(content, str):
                archive.writestr(name, scrub.text(content))
            else:
                archive.writestr(name, json.dumps(scrub.value(content), indent=1) + "\n")
    try:
        write_atomically(path, buffer.getvalue(), PRIVATE)
    except OSError as error:
        raise StorageError(
            f"the report cannot be written to {path}: {error.strerror or error}; name another "
            "file: --report FILE"
        ) from error


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container may run as somebody who has no name
        return ""


def _token(settings: Settings) -> str | None:
    if settings.token is not None:
        return settings.token.get_secret_value()
    try:
        return (settings.state_dir / "token").read_text(errors="replace").strip() or None
    except OSError:
        return None
