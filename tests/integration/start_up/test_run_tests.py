"""``./run.tests.sh`` and ``.ci/run``: what they run, what they install, how they end."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from tests.integration.start_up.checkout import ROOT, Checkout

CHECKS = ["ruff check .", "ruff format --check .", "mypy --strict edge bench convert train"]
SCRIPTS = ["run.edge.sh", "run.tests.sh", ".ci/run", "locks/renew.sh"]
ALL_TESTS = [
    "pytest tests/unit/bench",
    "pytest tests/unit/convert",
    "pytest tests/unit/train",
    "pytest --ignore=tests/unit/bench --ignore=tests/unit/convert --ignore=tests/unit/train",
]
ROOMS = ["scripts/venv.sh", "scripts/apt.sh", "scripts/tools.sh"]


@pytest.fixture
def with_chromium(checkout: Checkout) -> Checkout:
    checkout.add_tool("chromium", "#!/bin/sh\n")
    checkout.add_tool("qemu-system-x86_64", "#!/bin/sh\n")
    return checkout


def run_tests(checkout: Checkout, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    return checkout.call(checkout.root / "run.tests.sh", *arguments, env=env)


def test_all_checks_run_and_pytest_last(with_chromium: Checkout) -> None:
    done = run_tests(with_chromium, "-k", "a or b")
    assert done.returncode == 0, done.stderr
    made, installed, tools, *checks = with_chromium.calls()
    assert made == "venv"
    assert installed.endswith("dev-py311.txt")
    assert tools.endswith("tools-py311.txt")
    assert checks == [*CHECKS, "pytest -k a or b"]


@pytest.mark.parametrize("module", ["ruff", "mypy", "pytest"])
def test_one_failed_check_fails_the_run_and_the_others_still_run(
    with_chromium: Checkout, module: str
) -> None:
    done = run_tests(with_chromium, FAKE_FAIL=module)
    assert done.returncode == 1
    assert with_chromium.calls()[3:] == [*CHECKS, *ALL_TESTS]
    bad = [check for check in [*CHECKS, *ALL_TESTS] if check.startswith(module)]
    told = [line for line in done.stderr.splitlines() if " failed: " in line]
    assert told == [f"run.tests.sh: failed: {check}" for check in bad]
    said = [f"not good: {check}" for check in bad]
    assert done.stdout.splitlines() == said * 2  # when it happened, and at the end once more


def test_the_service_starts_in_the_environment_of_the_tests(with_chromium: Checkout) -> None:
    assert run_tests(with_chromium).returncode == 0
    with_chromium.calls()
    assert with_chromium.run().returncode == 0
    assert with_chromium.calls() == []


def test_tests_that_cannot_be_installed_leave_the_service_as_it_was(started: Checkout) -> None:
    for _ in range(2):
        assert run_tests(started, FAKE_PIP="Connection refused").returncode == 1
        started.calls()
        assert started.run().returncode == 0
        assert started.calls() == []


def test_without_chromium_and_without_root_it_says_so_and_goes_on(checkout: Checkout) -> None:
    checkout.add_tool("id", "#!/bin/sh\necho 1000\n")
    checkout.add_tool("apt-get", "#!/bin/sh\nexit 1\n")
    done = run_tests(checkout)
    assert done.returncode == 0
    assert "no browser tests: chromium is missing" in done.stderr
    assert "sudo apt-get install chromium" in done.stderr
    assert checkout.calls()[-1] == ALL_TESTS[-1]


def test_root_installs_chromium_after_one_update(checkout: Checkout) -> None:
    checkout.add_tool("id", "#!/bin/sh\necho 0\n")
    checkout.add_tool(
        "apt-get",
        '#!/bin/sh\nlast=""; for last; do :; done\necho "apt-get $last" >>"$CALLS"\n'
        'case " $* " in *" update "*) touch "$HOME/lists" ;; *) [ -e "$HOME/lists" ] ;; esac\n',
    )
    assert run_tests(checkout).returncode == 0
    asked = [call for call in checkout.calls() if call.startswith("apt-get")]
    assert asked == ["apt-get chromium", "apt-get update", "apt-get chromium"]


def test_ci_asks_nobody_and_gives_the_tests_status(with_chromium: Checkout) -> None:
    script = with_chromium.root / ".ci" / "run"
    assert with_chromium.call(script, "-x").returncode == 0
    assert with_chromium.calls()[-1] == "pytest -x"
    assert with_chromium.call(script, env={"FAKE_FAIL": "pytest"}).returncode == 1


@pytest.mark.parametrize("script", [*SCRIPTS, *ROOMS])
def test_shellcheck_finds_nothing(script: str) -> None:
    subprocess.run(["bash", "-n", ROOT / script], check=True)
    if not shutil.which("shellcheck"):
        pytest.skip("shellcheck is not installed (sudo apt-get install shellcheck)")
    found = subprocess.run(["shellcheck", "-x", script], cwd=ROOT, capture_output=True, text=True)
    assert found.returncode == 0, found.stdout
