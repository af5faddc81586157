"""
A copy of the start scripts and locks, and a PATH with the system's small tools and no Python but a
stand-in that downloads nothing (fake_python.sh): so each way a machine can be lacking is played.
"""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
FAKE = Path(__file__).with_name("fake_python.sh")
TOOLS = """
awk basename bash cat cp df dirname env flock grep id ls mkdir mktemp mv readlink rm sha256sum sleep
tail tee timeout touch uname
"""


class Checkout:
    """A copy of the scripts in ``folder``, and a PATH of its own."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "check out"  # a blank in the path: quoting is tested all along
        self.bin = folder / "bin"
        self.calls_file = folder / "calls"
        self.home = folder / "home"
        for made in (self.root / ".ci", self.bin, self.home):
            made.mkdir(parents=True)
        for name in ("run.edge.sh", "run.tests.sh", ".ci/run"):
            shutil.copy2(ROOT / name, self.root / name)
        for name in ("scripts", "locks"):
            shutil.copytree(ROOT / name, self.root / name)
        for tool in TOOLS.split():
            found = shutil.which(tool)
            assert found, f"{tool} belongs to every Debian system"
            (self.bin / tool).symlink_to(found)
        self.add_tool("python3.11", FAKE.read_text())
        self.calls_file.touch()

    @property
    def environment(self) -> Path:
        """The environment that the scripts make."""
        return self.root / ".venv"

    @property
    def site(self) -> Path:
        """Where the packages go."""
        return self.environment / "lib" / "python3.11" / "site-packages"

    def add_tool(self, name: str, script: str) -> None:
        """Put a program on the PATH, in place of one of that name."""
        path = self.bin / name
        path.unlink(missing_ok=True)
        path.write_text(script)
        path.chmod(0o755)

    def calls(self) -> list[str]:
        """What the stand-in was asked to do, since the last time this was asked."""
        calls = self.calls_file.read_text().splitlines()
        self.calls_file.write_text("")
        return calls

    def variables(self, more: Mapping[str, str]) -> dict[str, str]:
        """The whole environment of a start."""
        own = {"PATH": str(self.bin), "HOME": str(self.home), "CALLS": str(self.calls_file)}
        return {**own, **more}

    def start(self, *arguments: str, **env: str) -> subprocess.Popen[str]:
        """``./run.edge.sh`` from another folder."""
        return self.popen(self.root / "run.edge.sh", *arguments, env=env)

    def run(self, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
        """``./run.edge.sh`` from another folder, to its end."""
        return self.call(self.root / "run.edge.sh", *arguments, env=env)

    def call(
        self, script: Path, *arguments: str, env: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """One of the scripts, to its end."""
        with self.popen(script, *arguments, env=env) as process:
            out, err = process.communicate(timeout=60)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    def popen(
        self, script: Path, *arguments: str, env: Mapping[str, str] | None = None
    ) -> subprocess.Popen[str]:
        """One of the scripts, in a process group of its own."""
        return subprocess.Popen(
            [str(script), *arguments],
            cwd=self.home,
            env=self.variables(env or {}),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def refusal(self, **env: str) -> str:
        """The one line that a start ends with which cannot go on."""
        done = self.run(**env)
        assert done.returncode == 1
        assert done.stdout == ""
        *before, last = done.stderr.splitlines()
        assert last.startswith("run.edge.sh: ")
        for line in before:  # what it was doing, and nothing of pip's or the shell's own
            assert line.startswith(("run.edge.sh: making ", "run.edge.sh: installing ", "  one-"))
        return last


def wait_for(condition: Callable[[], bool]) -> None:
    """Poll ``condition``; fails after half a minute."""
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, "did not happen within 30 s"
        time.sleep(0.02)
