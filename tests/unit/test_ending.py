"""The process ends when it should, whatever still runs in it."""

from __future__ import annotations

import subprocess
import sys
import textwrap

HANGING = """
    import atexit, sys, threading, time
    from edge import ending
    atexit.register(print, "ended as usual")
"""


def run(body: str) -> subprocess.CompletedProcess[str]:
    program = textwrap.dedent(HANGING) + textwrap.dedent(body)
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=50, check=False
    )


def test_with_nothing_left_to_do_the_interpreter_ends_as_usual() -> None:
    done = run("sys.exit(ending.leave(2))")
    assert (done.returncode, done.stdout) == (2, "ended as usual\n")


def test_a_busy_thread_is_left_behind_and_the_status_and_output_are_kept() -> None:
    done = run(
        """
        threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
        print("said before")
        sys.exit(ending.leave(3))
        """
    )
    assert (done.returncode, done.stdout) == (3, "said before\n")


def test_what_hangs_is_ended_at_the_deadline() -> None:
    done = run(
        """
        ending.END_S = 0.2
        ending.deadline().start()
        time.sleep(60)
        """
    )
    assert done.returncode == 0
    assert "the process ends as it is" in done.stderr


def test_a_deadline_that_was_called_off_ends_nothing() -> None:
    done = run(
        """
        ending.END_S = 0.2
        timer = ending.deadline()
        timer.start()
        timer.cancel()
        time.sleep(0.5)
        """
    )
    assert (done.returncode, done.stdout) == (0, "ended as usual\n")
