"""The ICE settings an operator may give."""

from __future__ import annotations

import subprocess
import sys

import pytest
from pydantic import ValidationError

from edge.webrtc.ice import IceServer, IceSettings


def test_by_default_no_server_is_asked() -> None:
    settings = IceSettings()
    assert settings.servers == []
    assert settings.ports is None
    assert settings.public_address is None


def test_a_port_range_includes_both_ends() -> None:
    ports = IceSettings(udp_ports=" 50000 - 50100 ").ports
    assert ports is not None
    assert (ports[0], ports[-1], len(ports)) == (50000, 50100, 101)


@pytest.mark.parametrize(
    "text", ["", "50000", "50100-50000", "80-90", "50000-70000", "a-b", "-1-5", "5e4-6e4"]
)
def test_a_malformed_port_range_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValidationError, match="50000-50100"):
        IceSettings(udp_ports=text)


@pytest.mark.parametrize("text", ["203.0.113.7", " 203.0.113.7 ", "2001:db8::7"])
def test_a_public_address_may_be_of_either_family(text: str) -> None:
    assert IceSettings(public_address=text).public_address == text.strip()


@pytest.mark.parametrize("text", ["example.org", "203.0.113.7:443", "0.0.0.0", "::", "224.0.0.1"])
def test_a_public_address_nobody_can_reach_is_refused(text: str) -> None:
    with pytest.raises(ValidationError, match="wanted an IP|nobody can"):
        IceSettings(public_address=text)


def test_servers_are_written_as_in_the_webrtc_api() -> None:
    server = IceServer.model_validate(
        {"urls": "turn:turn.example.org:3478?transport=tcp", "username": "u", "credential": "hush"}
    )
    assert server.urls == ["turn:turn.example.org:3478?transport=tcp"]
    assert server.credential is not None
    assert server.credential.get_secret_value() == "hush"
    assert "hush" not in repr(server)
    assert "hush" not in IceSettings(servers=[server]).model_dump_json()


@pytest.mark.parametrize(
    "url", ["", "stun.example.org", "http://example.org", "stuns:example.org", "turn:a?transport=x"]
)
def test_a_server_that_cannot_be_used_is_refused(url: str) -> None:
    with pytest.raises(ValidationError, match="wanted stun:HOST"):
        IceServer(urls=[url])


def test_settings_are_read_without_loading_the_webrtc_stack() -> None:
    code = "import sys, edge.webrtc.ice; sys.exit('aiortc' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
