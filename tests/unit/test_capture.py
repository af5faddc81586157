from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from edge.capture import Capture
from edge.frame import Frame
from edge.latest import Latest
from edge.stats import Stats
from tests.unit.fakes import FakeSource, eventually

Start = Callable[[FakeSource], tuple[Capture, Latest[Frame]]]


@pytest.fixture
def start() -> Iterator[Start]:
    running: list[Capture] = []

    def begin(source: FakeSource) -> tuple[Capture, Latest[Frame]]:
        mailbox: Latest[Frame] = Latest()
        capture = Capture(source, mailbox, Stats())
        running.append(capture)
        capture.start()
        return capture, mailbox

    yield begin
    assert all(capture.stop() for capture in running)


def test_it_says_what_the_source_grants_once_live(start: Start) -> None:
    capture, mailbox = start(FakeSource())
    assert mailbox.get(5) is not None
    eventually(lambda: capture.status.phase == "live")
    granted = capture.status.granted
    assert granted is not None
    assert (granted.width, granted.height) == (192, 108)


def test_a_source_that_breaks_is_lost_and_then_opened_anew(start: Start) -> None:
    source = FakeSource()
    capture, mailbox = start(source)
    first = mailbox.get(5)
    source.fault = "unplugged"
    eventually(lambda: capture.status.phase == "lost")
    assert capture.status.error == "unplugged"
    source.fault = None
    eventually(lambda: capture.status.phase == "live")
    mailbox.clear()
    later = mailbox.get(5)
    assert first is not None
    assert later is not None
    assert later.index > first.index
    assert source.opened >= 2


def test_another_source_takes_over_and_the_first_is_closed(start: Start) -> None:
    first, second = FakeSource(label="first"), FakeSource(label="second")
    capture, mailbox = start(first)
    assert mailbox.get(5) is not None
    capture.change(second)
    assert first.closed.is_set()
    eventually(lambda: capture.status.phase == "live")
    assert capture.status.label == "second"
    eventually(lambda: (mailbox.get(5) or Frame(second.image, -1, 0)).index > 0)
    assert capture.take.source is second
    assert capture.take.first_index >= 1


def test_a_fault_nobody_foresaw_does_not_end_the_thread(start: Start) -> None:
    class Odd(FakeSource):
        def __iter__(self) -> Iterator[Frame]:
            raise RuntimeError("odd")

    capture, _ = start(Odd())
    eventually(lambda: capture.status.phase == "lost")
    assert "odd" in str(capture.status.error)
    assert capture.alive
