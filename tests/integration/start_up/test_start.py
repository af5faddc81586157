"""``./run.edge.sh`` where all is well, and what it mends by itself."""

from __future__ import annotations

import shutil
import signal
import venv
from pathlib import Path

from tests.integration.start_up.checkout import Checkout, wait_for


def test_the_first_start_installs_the_lock_by_hash_from_wheels_alone(checkout: Checkout) -> None:
    done = checkout.run()
    assert done.returncode == 0, done.stderr
    made, installed = checkout.calls()
    assert made == "venv"
    assert "--require-hashes --only-binary=:all:" in installed
    assert installed.endswith("locks/cpu-py311.txt")
    assert "one-1.0-py3-none-any.whl (1 kB)" in done.stderr


def test_arguments_reach_the_service_untouched_from_the_callers_folder(checkout: Checkout) -> None:
    arguments = ["--source", "file:a b.mp4?x=1&y=*", "", "$HOME", "-"]
    done = checkout.run(*arguments)
    assert done.stdout.splitlines() == [str(checkout.home), *arguments]


def test_it_can_be_called_through_a_symlink(checkout: Checkout, tmp_path: Path) -> None:
    link = tmp_path / "edge"
    link.symlink_to(checkout.root / "run.edge.sh")
    assert checkout.call(link).returncode == 0
    assert (checkout.environment / "bin" / "python").exists()


def test_the_second_start_runs_neither_venv_nor_pip(started: Checkout) -> None:
    done = started.run("again", FAKE_PIP="no network")
    assert done.returncode == 0
    assert started.calls() == []
    assert done.stderr == ""


def test_signals_reach_the_service(started: Checkout) -> None:
    with started.start("wait") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.terminate()
        assert process.wait(30) == -signal.SIGTERM


def test_two_starts_at_once_make_one_environment(checkout: Checkout, tmp_path: Path) -> None:
    hold = tmp_path / "go"
    with checkout.start("first", FAKE_HOLD=str(hold)) as first:
        wait_for(lambda: "pip" in checkout.calls_file.read_text())
        with checkout.start("second", FAKE_HOLD=str(hold)) as second:
            assert second.stderr is not None
            assert "waiting" in second.stderr.readline()
            hold.touch()
            assert second.wait(30) == 0
        assert first.wait(30) == 0
    assert [call.split()[0] for call in checkout.calls()] == ["venv", "pip"]


def test_a_running_service_does_not_hold_up_another_start(checkout: Checkout) -> None:
    with checkout.start("wait") as service:
        assert service.stdout is not None
        assert service.stdout.readline() == "ready\n"
        shutil.rmtree(checkout.site / "one")  # so that the next one has to take the lock
        assert checkout.run("next").returncode == 0
        service.kill()


def test_neither_the_callers_folder_nor_pythonpath_gets_in_the_way(tmp_path: Path) -> None:
    """A real Python finds the checkout's ``edge``, in a path beyond ASCII, before any other."""
    checkout = Checkout(tmp_path / "Gerät")
    package = checkout.root / "edge"
    package.mkdir()
    (package / "__main__.py").write_text("print(__file__, flush=True)\n")
    venv.create(checkout.environment, with_pip=False, symlinks=True)
    (site,) = checkout.environment.glob("lib/python3*/site-packages")
    (site / "pip").mkdir()
    (site / "pip" / "__init__.py").touch()
    (site / "pip" / "__main__.py").touch()  # installs nothing, successfully
    for impostor in (checkout.home / "edge", tmp_path / "path" / "edge"):
        impostor.mkdir(parents=True)
        (impostor / "__main__.py").write_text("print('impostor')\n")
    for _ in range(2):
        done = checkout.run(PYTHONPATH=str(tmp_path / "path"), LC_ALL="C.UTF-8")
        assert done.stdout == f"{package / '__main__.py'}\n", done.stderr
