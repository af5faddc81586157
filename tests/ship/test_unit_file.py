"""What ``./run.edge.sh --install`` writes, as systemd itself reads it."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.start_up.checkout import Checkout


@pytest.fixture
def checkout() -> Iterator[Checkout]:
    # Not pytest's folder: systemd warns of a program behind a folder that is closed to others.
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        made = Checkout(Path(folder))
        for tool in ("stat", "getent"):
            found = shutil.which(tool)
            assert found, f"{tool} belongs to every Debian system"
            (made.bin / tool).symlink_to(found)
        yield made


def unit(checkout: Checkout, *arguments: str, **env: str) -> str:
    done = checkout.run("--install", "--dry-run", *arguments, **env)
    assert done.returncode == 0, done.stderr
    return done.stdout


def values(text: str, name: str) -> list[str]:
    """What a setting of the unit is given, each time."""
    pairs = (line.partition("=") for line in text.splitlines())
    return [value for key, _, value in pairs if key == name]


def complaints(checkout: Checkout, text: str, *scope: str) -> str:
    """What ``systemd-analyze verify`` says of a unit."""
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd-analyze is not installed")
    file = checkout.root / "edge-matting.service"
    file.write_text(text)
    done = subprocess.run(
        [analyze, *scope, "--man=no", "verify", str(file)],
        capture_output=True,
        text=True,
        env={**os.environ, "XDG_RUNTIME_DIR": str(checkout.home)},
    )
    return done.stdout + done.stderr


@pytest.mark.parametrize("scope", ["system", "user"])
def test_systemd_finds_nothing_wrong(checkout: Checkout, scope: str) -> None:
    arguments = ["--user"] if scope == "user" else []
    text = unit(checkout, *arguments, "--source", "camera:/dev/video0?size=1x1&format=50%$HOME")
    assert complaints(checkout, text, f"--{scope}") == ""


def test_the_check_would_find_something(checkout: Checkout) -> None:
    text = unit(checkout).replace("Type=notify", "Type=notifies")
    assert "notifies" in complaints(checkout, text)


def test_root_never_runs_it(checkout: Checkout) -> None:
    owner = checkout.root.owner()
    text = unit(checkout)
    if owner == "root":
        assert values(text, "DynamicUser") == ["yes"]
    else:
        assert values(text, "User") == [owner]
    assert values(text, "CapabilityBoundingSet") == [""]
    assert values(text, "NoNewPrivileges") == ["yes"]


def test_it_comes_at_boot_and_comes_back(checkout: Checkout) -> None:
    assert values(unit(checkout), "WantedBy") == ["multi-user.target"]
    assert values(unit(checkout, "--user"), "WantedBy") == ["default.target"]
    for arguments in ([], ["--user"]):
        text = unit(checkout, *arguments)
        assert values(text, "Restart") == ["on-failure"]
        assert values(text, "StartLimitIntervalSec") == ["0"]
        assert values(text, "Type") == ["notify"]
        assert int(values(text, "WatchdogSec")[0]) > 10


def test_a_fault_that_repeats_itself_does_not_fill_the_journal(checkout: Checkout) -> None:
    text = unit(checkout)
    assert int(values(text, "LogRateLimitIntervalSec")[0]) > 0
    assert int(values(text, "LogRateLimitBurst")[0]) > 0


def test_nothing_hides_cameras_and_gpu(checkout: Checkout) -> None:
    text = unit(checkout)
    for name in ("PrivateDevices", "ProtectClock", "DevicePolicy", "DeviceAllow"):
        assert values(text, name) == [], name
    assert values(text, "MemoryDenyWriteExecute") == [], "OpenVINO compiles for this CPU"


def test_no_group_is_named_that_is_not_there(checkout: Checkout) -> None:
    checkout.add_tool("getent", '#!/bin/sh\n[ "$2" = video ]\n')
    assert values(unit(checkout), "SupplementaryGroups") == ["video"]
    checkout.add_tool("getent", "#!/bin/sh\n")
    assert values(unit(checkout), "SupplementaryGroups") == ["video render"]


def test_arguments_arrive_as_they_were_given(checkout: Checkout) -> None:
    given = ["--source", 'file:/my clips/50% "$HOME" \\n.mp4', "--mirror"]
    (line,) = values(unit(checkout, *given), "ExecStart")
    program, command, *words = shlex.split(line.replace("$$", "$").replace("%%", "%"))
    assert (program, command) == (str(checkout.root / "run.edge.sh"), "serve")
    assert words == [given[0], given[1], given[2]]


def test_where_the_environment_is_stays_known(checkout: Checkout) -> None:
    text = unit(checkout, EDGE_VENV="/opt/my venv")
    assert '"EDGE_VENV=/opt/my venv"' in values(text, "Environment")


def test_the_whole_machine_needs_root_and_one_user_does_not(checkout: Checkout) -> None:
    checkout.add_tool("systemctl", "#!/bin/sh\n")
    checkout.add_tool("id", "#!/bin/sh\ncase $1 in -un) echo sam ;; *) echo 1000 ;; esac\n")
    done = checkout.run("--install")
    assert done.returncode == 1
    assert "without root, for this user:" in done.stderr.splitlines()[-1]


def test_a_checkout_that_only_root_may_read_is_refused(checkout: Checkout) -> None:
    checkout.add_tool("systemctl", "#!/bin/sh\n")
    checkout.add_tool("runuser", "#!/bin/sh\nexit 1\n")
    checkout.add_tool("id", "#!/bin/sh\ncase $1 in -un) echo root ;; *) echo 0 ;; esac\n")
    checkout.add_tool("stat", "#!/bin/sh\necho root\n")
    done = checkout.run("--install")
    assert done.returncode == 1
    assert "is closed to all but root" in done.stderr.splitlines()[-1]


def test_without_systemd_one_line_says_so(checkout: Checkout) -> None:
    for option in ("--install", "--uninstall"):
        done = checkout.run(option, "--user")
        assert (done.returncode, done.stdout) == (1, "")
        assert "no systemd" in done.stderr
