"""``doctor --report`` of a service that runs, with secrets planted wherever there may be some."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.browser.service import ROOT, Service

PLANTED = {
    "of the camera's URL": "camera-pass-4711",
    "of TURN": "turn-credential-4711",
    "of the media server": "stream-key-4711",
    "of the log": "token-of-before-4711",
    "the user": "marysmithers",
    "the machine": "marys-box",
    "the way in": "203.0.113.77",
}
CONFIG = f"""
sources = ["stream:rtsp://cam:{PLANTED["of the camera's URL"]}@10.0.0.9/live"]
publish = ["whip:http://127.0.0.1:9/live/{PLANTED["of the media server"]}/whip"]
[ice]
public_address = "{PLANTED["the way in"]}"
servers = [{{urls = "turn:t.example.org", username = "u", credential = "{PLANTED["of TURN"]}"}}]
"""
JOURNAL = f"""#!/bin/sh
echo "INFO edge.serve: Open https://10.0.0.7:8443/#token={PLANTED["of the log"]}"
echo "WARNING stream rtsp://cam:{PLANTED["of the camera's URL"]}@10.0.0.9/live: no answer"
echo "WARNING /home/{PLANTED["the user"]}/clips/a.mp4 on {PLANTED["the machine"]} is gone"
"""
# Root may be asked for its name only by the environment, and nobody's host is renamed for a test.
REPORT = f"""
import socket, sys
socket.gethostname = lambda: {PLANTED["the machine"]!r}
from edge.__main__ import main
sys.exit(main())
"""


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_report_has_what_is_asked_for_and_no_secret(tmp_path: Path) -> None:
    home = tmp_path / "home" / PLANTED["the user"]
    programs = tmp_path / "bin"
    for folder in (home, programs):
        folder.mkdir(parents=True)
    (programs / "journalctl").write_text(JOURNAL)
    (programs / "journalctl").chmod(0o755)
    config = home / "edge.toml"
    config.write_text(CONFIG)
    state, file = home / "state", tmp_path / "report.zip"
    flags = ("--source", "bars:?size=320x180", "--matting", "constant:0", "--config", str(config))
    service = Service(state, *flags, "--listen", "127.0.0.2:0").start()
    try:
        listen = service.url.removeprefix("https://").rstrip("/")
        where = ("--state-dir", str(state), "--cache-dir", str(home / "cache"), "--listen", listen)
        words = ["doctor", "--report", str(file), *where, "--config", str(config)]
        done = subprocess.run(
            [sys.executable, "-c", REPORT, *words],
            cwd=ROOT,
            env={
                **os.environ,
                "HOME": str(home),
                "LOGNAME": PLANTED["the user"],
                "PATH": f"{programs}:{os.environ['PATH']}",
            },
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        token = (state / "token").read_text().strip()
    finally:
        service.stop()
    assert file.stat().st_mode & 0o777 == 0o600
    with zipfile.ZipFile(file) as archive:
        texts = {name: archive.read(name).decode() for name in archive.namelist()}
    for name, text in texts.items():
        for what, secret in {**PLANTED, "the token": token}.items():
            assert secret not in text, f"{name} has the secret {what}"
    running = json.loads(texts["service.json"])
    assert running["/healthz"]["status"] in ("ok", "degraded")
    assert running["/api/state"]["model"]["id"] == "constant:0"
    assert "edge_uptime_seconds" in running["/metrics"]
    assert running["/api/stats"]["composited"] >= 0
    settings = json.loads(texts["settings.json"])
    assert settings["state_dir"] == "~/state"
    assert settings["sources"] == ["stream:rtsp://cam:***@10.0.0.9/live"]
    assert "Open https://10.0.0.7:8443/#token=***" in texts["log.txt"]
    assert "~/clips/a.mp4" not in texts["log.txt"]  # another's home: it is only the name that goes
    assert "onnxruntime" in json.loads(texts["versions.json"])["packages"]
    assert json.loads(texts["models.json"])
    assert json.loads(texts["doctor.json"])[0]["name"] == "Python"
    assert "state folder" in texts["doctor.txt"]
