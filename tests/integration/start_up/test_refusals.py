"""Where a start cannot go on, it ends with one line that says what to do."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

import pytest

from tests.integration.start_up.checkout import FAKE, Checkout

NOBODY = 65534


@pytest.mark.parametrize(
    ("probe", "said"),
    [
        ("refuses", "found: none. Debian 12, Ubuntu 22.04 and newer: sudo apt-get install python3"),
        ("3.9 True glibc True", "Python 3.10 to 3.13 is needed, found: 3.9"),
        ("3.14 True glibc True", "Python 3.10 to 3.13 is needed, found: 3.14"),
        ("3.11 True glibc False", "sudo apt-get install python3-venv (or python3.11-venv)"),
        ("3.11 False glibc True", "a 64-bit system is needed"),
        ("3.11 True other True", "built without glibc"),
    ],
)
def test_says_what_python_lacks(checkout: Checkout, probe: str, said: str) -> None:
    assert said in checkout.refusal(FAKE_PROBE=probe)
    assert not checkout.environment.exists()


def test_says_that_there_is_no_python(checkout: Checkout) -> None:
    (checkout.bin / "python3.11").unlink()
    assert "found: none." in checkout.refusal()


def test_the_newest_fitting_python_is_taken(checkout: Checkout) -> None:
    for version in ("3.9", "3.10", "3.12", "3.14"):
        fake = FAKE.read_text().replace("${FAKE_PROBE:-3.11 ", f"${{FAKE_PROBE:-{version} ")
        checkout.add_tool(f"python{version}", fake)
    assert checkout.run().returncode == 0
    assert checkout.calls()[-1].endswith("cpu-py312.txt")


@pytest.mark.parametrize(("system", "machine"), [("Linux", "armv7l"), ("Darwin", "arm64")])
def test_says_which_machines_it_is_for(checkout: Checkout, system: str, machine: str) -> None:
    answers = f'#!/bin/sh\n[ "$1" = -m ] && echo {machine} || echo {system}\n'
    checkout.add_tool("uname", answers)
    assert "is needed" in checkout.refusal()


def test_says_that_the_disk_is_too_full_before_it_downloads(checkout: Checkout) -> None:
    checkout.add_tool(
        "df", "#!/bin/sh\necho Filesystem\necho /dev/sda 9000000 8700000 300000 97% /\n"
    )
    line = checkout.refusal()
    assert "292 MB free" in line
    assert "EDGE_VENV=FOLDER" in line
    assert checkout.calls() == []


@pytest.mark.parametrize(
    ("pip_says", "said"),
    [
        (
            "ERROR: Could not install packages due to an OSError: [Errno 28] No space "
            "left on device",
            "the disk is full: free ",
        ),
        (
            "WARNING: Retrying after connection broken by 'NewConnectionError: Failed to establish "
            "a new connection: [Errno -3] Temporary failure in name resolution'\n"
            "ERROR: Could not find a version that satisfies the requirement aiohttp==1\n"
            "ERROR: No matching distribution found for aiohttp==1",
            "the package index cannot be reached: connect this machine to the network",
        ),
        (
            "WARNING: Retrying after connection broken by 'ProxyError('Cannot connect to proxy.', "
            "OSError('Tunnel connection failed: 403 Forbidden'))'\n"
            "ERROR: No matching distribution found for aiohttp==1",
            "the download was refused: check the proxy",
        ),
        (
            "ERROR: HTTP error 403 while getting https://somewhere/one.whl\n"
            "ERROR: Could not install requirement one because of HTTP error 403 Client Error",
            "the download was refused: check the proxy",
        ),
        (
            "SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] no'))\n"
            "ERROR: No matching distribution found for aiohttp==1",
            "check this machine's clock",
        ),
        (
            "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.\n one:\n"
            "    Expected sha256 a\n         Got        b",
            "a download is not what was pinned",
        ),
        (
            "ERROR: No matching distribution found for aiohttp==1",
            "the package index has no fitting package",
        ),
        ("ERROR: something new", "the environment could not be made: ERROR: something new"),
    ],
)
def test_says_why_the_download_failed(checkout: Checkout, pip_says: str, said: str) -> None:
    assert said in checkout.refusal(FAKE_PIP=pip_says.replace("\n", "\\n"))
    assert checkout.run().returncode == 0  # once the cause is gone


def test_says_that_the_checkout_is_read_only(public_checkout: Checkout) -> None:
    checkout = public_checkout
    checkout.calls_file.chmod(0o666)
    checkout.root.chmod(0o555)
    user = NOBODY if os.geteuid() == 0 else None  # root may write anywhere

    def run(**env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(checkout.root / "run.edge.sh")],
            cwd="/",
            env=checkout.variables(env),
            capture_output=True,
            text=True,
            user=user,
            group=user,
            extra_groups=[] if user else None,
        )

    try:
        done = run()
    except PermissionError:
        pytest.skip("root here may not become another user")
    assert done.returncode == 1
    assert done.stderr.startswith(
        f"run.edge.sh: cannot write to {checkout.root}: copy the checkout"
    )
    assert len(done.stderr.splitlines()) == 1
    with tempfile.TemporaryDirectory() as elsewhere:
        Path(elsewhere).chmod(0o777)
        assert run(EDGE_VENV=f"{elsewhere}/venv").returncode == 0
