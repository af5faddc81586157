"""Who may reach the service, by where it listens."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge.access import access, greeting
from edge.errors import InputError
from edge.settings import Settings, load


def settings(folder: Path, *flags: str) -> Settings:
    return load(["--state-dir", str(folder), *flags])[0]


def test_on_loopback_plain_http_and_no_token(tmp_path: Path) -> None:
    reached = access(settings(tmp_path))
    assert reached.certificate is None
    assert reached.policy.token is None
    assert greeting("127.0.0.1", 8080, reached) == ["Open http://127.0.0.1:8080/"]
    assert not list(tmp_path.iterdir())


def test_on_another_address_tls_and_a_token_that_is_kept(tmp_path: Path) -> None:
    reached = access(settings(tmp_path, "--listen", "192.0.2.1:8443"))
    link, certificate = greeting("192.0.2.1", 8443, reached)
    assert reached.policy.secure
    assert link == f"Open https://192.0.2.1:8443/#token={reached.policy.token}"
    assert reached.certificate is not None
    assert reached.certificate.fingerprint in certificate
    again = access(settings(tmp_path, "--listen", "192.0.2.1:8443"))
    assert again.policy.token == reached.policy.token


def test_on_all_addresses_each_has_its_link(tmp_path: Path) -> None:
    reached = access(settings(tmp_path, "--listen", "0.0.0.0:8443"))
    links = greeting("0.0.0.0", 8443, reached)
    assert links
    assert not [link for link in links if "0.0.0.0" in link]


def test_an_address_of_six_has_brackets(tmp_path: Path) -> None:
    reached = access(settings(tmp_path, "--listen", "[2001:db8::1]:8443"))
    assert greeting("2001:db8::1", 8443, reached)[0].startswith("Open https://[2001:db8::1]:8443/")


def test_a_token_that_was_set_is_asked_for_on_loopback_too(tmp_path: Path) -> None:
    reached = access(settings(tmp_path, "--token", "a-long-secret"))
    assert reached.policy.token == "a-long-secret"


def test_a_certificate_that_is_not_there_is_told(tmp_path: Path) -> None:
    missing = str(tmp_path / "none.pem")
    with pytest.raises(InputError, match="none.pem"):
        access(settings(tmp_path, "--tls-cert", missing, "--tls-key", missing))
