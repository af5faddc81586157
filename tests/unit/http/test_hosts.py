"""Names and addresses of this machine, and Host headers taken apart."""

from __future__ import annotations

import socket

import pytest

from edge.http import hosts


@pytest.mark.parametrize(
    ("authority", "parts"),
    [
        ("localhost", ("localhost", None)),
        ("LocalHost.:8080", ("localhost", 8080)),
        ("127.0.0.1:8080", ("127.0.0.1", 8080)),
        ("[::1]:8443", ("::1", 8443)),
        ("[0:0:0:0:0:0:0:1]", ("::1", None)),
        ("[::ffff:192.0.2.7]:80", ("192.0.2.7", 80)),
        ("edge_box.local:1", ("edge_box.local", 1)),
    ],
)
def test_takes_a_host_and_its_port_apart(authority: str, parts: tuple[str, int | None]) -> None:
    assert hosts.split(authority) == parts


@pytest.mark.parametrize(
    "authority",
    [
        "",
        ":80",
        "a b",
        "user@localhost",
        "localhost:",
        "localhost:x",
        "::1",
        "localhost/x",
        "a:1:2",
    ],
)
def test_what_is_no_host_is_none(authority: str) -> None:
    assert hosts.split(authority) is None


def test_this_machine_answers_to_its_names_and_addresses() -> None:
    allowed = hosts.allowed("0.0.0.0", "203.0.113.9", ["Cam.Example:443"])
    assert {"localhost", "127.0.0.1", "::1", "203.0.113.9", "cam.example"} <= allowed
    assert {str(address) for address in hosts.own_addresses()} <= allowed
    name = socket.gethostname().partition(".")[0].lower()
    assert f"{name}.local" in allowed


@pytest.mark.parametrize("listen", ["0.0.0.0", "::", "[::]"])
def test_every_address_is_no_host(listen: str) -> None:
    assert not {"0.0.0.0", "::", ""} & hosts.allowed(listen)


def test_a_listen_address_is_allowed_however_it_is_written() -> None:
    assert "2001:db8::5" in hosts.allowed("2001:DB8:0::5")
    assert "2001:db8::5" in hosts.allowed("[2001:db8::5]")


def test_link_local_addresses_are_left_out() -> None:
    assert all(not address.is_link_local for address in hosts.own_addresses())
    assert "127.0.0.1" in map(str, hosts.own_addresses())
