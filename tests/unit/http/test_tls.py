"""Certificates: the operator's, and one of our own."""

from __future__ import annotations

import asyncio
import datetime
import ssl
import stat
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from edge.errors import InputError
from edge.http import certificates, tls

NAMES = ["localhost", "127.0.0.1", "::1", "box.local"]
NOW = datetime.datetime.now(datetime.timezone.utc)
DAY = datetime.timedelta(days=1)
UNSET = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)  # a clock without a battery


def write_pair(
    folder: Path, ends: datetime.datetime = NOW + 30 * DAY, password: bytes | None = None
) -> tuple[Path, Path]:
    """A certificate for localhost and its key, as an operator would bring them."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(ends - 60 * DAY)
        .not_valid_after(ends)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=True)
        .sign(key, hashes.SHA256())
    )
    lock: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if password:
        lock = serialization.BestAvailableEncryption(password)
    folder.mkdir(exist_ok=True)
    cert_path, key_path = folder / "cert.pem", folder / "key.pem"
    cert_path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    key_path.write_bytes(key.private_bytes(encoding, form, lock))
    return cert_path, key_path


def leaf_of(folder: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate((folder / tls.NAME).read_bytes())


async def shake_hands(served: tls.Tls, trusted: Path, name: str) -> str:
    """Connect as a client that trusts ``trusted`` and asks for ``name``; the TLS version."""

    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0, ssl=served.context)
    port = server.sockets[0].getsockname()[1]
    client = ssl.create_default_context(cafile=trusted)
    try:
        _, writer = await asyncio.open_connection(
            "127.0.0.1", port, ssl=client, server_hostname=name
        )
        version: str = writer.get_extra_info("ssl_object").version()
        writer.write(b"x")
        writer.close()
        return version
    finally:
        server.close()


@pytest.mark.parametrize("name", NAMES)
async def test_our_own_certificate_is_good_for_each_of_its_names(tmp_path: Path, name: str) -> None:
    served = tls.self_signed(tmp_path, NAMES)
    assert served.own
    assert await shake_hands(served, tmp_path / tls.NAME, name) == "TLSv1.3"


async def test_it_is_not_good_for_another_name(tmp_path: Path) -> None:
    served = tls.self_signed(tmp_path, NAMES)
    with pytest.raises(ssl.SSLCertVerificationError):
        await shake_hands(served, tmp_path / tls.NAME, "evil.example")


def test_it_is_kept_for_its_owner_alone_and_used_again(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    first = tls.self_signed(folder, NAMES, must=["127.0.0.1"])
    assert stat.S_IMODE((folder / tls.NAME).stat().st_mode) == 0o600
    again = tls.self_signed(folder, [*NAMES, "10.1.2.3"], must=["127.0.0.1"])
    assert again.fingerprint == first.fingerprint
    assert first.fingerprint.count(":") == 31


def test_it_lasts_as_long_as_browsers_take_one(tmp_path: Path) -> None:
    tls.self_signed(tmp_path, NAMES)
    leaf = leaf_of(tmp_path)
    assert leaf.not_valid_before_utc < NOW
    assert leaf.not_valid_after_utc > NOW + 700 * DAY
    assert leaf.not_valid_after_utc - leaf.not_valid_before_utc < 825 * DAY


def test_it_is_made_anew_when_the_listen_address_is_not_in_it(tmp_path: Path) -> None:
    first = tls.self_signed(tmp_path, NAMES)
    second = tls.self_signed(tmp_path, NAMES, must=["192.0.2.44", "2001:DB8::5"])
    assert second.fingerprint != first.fingerprint
    third = tls.self_signed(tmp_path, NAMES, must=["192.0.2.44:8443", "[2001:db8:0::5]"])
    assert third.fingerprint == second.fingerprint


def test_it_is_made_anew_when_it_nears_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as short:
        short.setattr(certificates, "VALID", 20 * DAY)
        first = tls.self_signed(tmp_path, NAMES)
    second = tls.self_signed(tmp_path, NAMES)
    assert second.fingerprint != first.fingerprint
    assert leaf_of(tmp_path).not_valid_after_utc > NOW + 700 * DAY


def test_it_is_made_anew_when_the_clock_was_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as later:
        later.setattr(certificates, "SLACK", -100 * DAY)  # as if the clock had been ahead
        first = tls.self_signed(tmp_path, NAMES)
    assert tls.self_signed(tmp_path, NAMES).fingerprint != first.fingerprint


def test_a_clock_that_is_not_set_yet_neither_ends_one_nor_makes_one_that_is_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as early:
        early.setattr(certificates, "now", lambda: UNSET)
        first = tls.self_signed(tmp_path, NAMES)
    assert leaf_of(tmp_path).not_valid_before_utc <= certificates.WRITTEN
    assert leaf_of(tmp_path).not_valid_after_utc > certificates.WRITTEN + 700 * DAY
    kept = tls.self_signed(tmp_path / "later", NAMES)
    with monkeypatch.context() as early:
        early.setattr(certificates, "now", lambda: UNSET)
        assert tls.self_signed(tmp_path, NAMES).fingerprint == first.fingerprint
        assert tls.self_signed(tmp_path / "later", NAMES).fingerprint == kept.fingerprint


@pytest.mark.parametrize(
    "found",
    [
        b"",
        b"rubbish",
        b"-----BEGIN CERTIFICATE-----\nAA\n",
        certificates.make(NAMES) + b"\n" * 70_000,
    ],
    ids=["empty", "rubbish", "no certificate", "too long"],
)
def test_a_broken_one_is_replaced_with_a_word(
    tmp_path: Path, found: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / tls.NAME).write_bytes(found)
    assert tls.self_signed(tmp_path, NAMES).fingerprint == certificates.fingerprint(
        leaf_of(tmp_path)
    )
    assert "a new certificate is made" in caplog.text


def test_where_nothing_can_be_kept_it_is_for_this_run(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    blocked = tmp_path / "state"
    blocked.write_text("a file where the folder should be")
    assert tls.self_signed(blocked, NAMES).own
    assert "cannot be kept" in caplog.text


def test_a_name_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no host name"):
        tls.self_signed(tmp_path, ["x" * 64 + "." + "é"])


async def test_the_operators_certificate_is_served(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    certificate, key = write_pair(tmp_path)
    served = tls.given(certificate, key)
    assert not served.own
    assert (await shake_hands(served, certificate, "localhost")).startswith("TLS")
    assert caplog.records == []


def test_a_key_of_another_certificate_is_refused(tmp_path: Path) -> None:
    certificate, _ = write_pair(tmp_path / "a")
    _, key = write_pair(tmp_path / "b")
    with pytest.raises(InputError, match="do not work together .*mismatch"):
        tls.given(certificate, key)


def test_a_key_with_a_password_is_refused_and_nobody_is_asked(tmp_path: Path) -> None:
    certificate, key = write_pair(tmp_path, password=b"secret")
    with pytest.raises(InputError, match="without a password"):
        tls.given(certificate, key)


def test_missing_files_are_named(tmp_path: Path) -> None:
    certificate, key = write_pair(tmp_path)
    with pytest.raises(InputError, match=r"certificate .*none\.pem cannot be read: No such file"):
        tls.given(tmp_path / "none.pem", key)
    with pytest.raises(InputError, match=r"private key .*none\.pem cannot be read: No such file"):
        tls.given(certificate, tmp_path / "none.pem")
    with pytest.raises(InputError, match="cannot be read"):
        tls.given(tmp_path, key)


def test_what_is_no_certificate_is_refused(tmp_path: Path) -> None:
    certificate, key = write_pair(tmp_path)
    with pytest.raises(InputError, match="no PEM certificate"):
        tls.given(key, certificate)
    key.write_text("rubbish")
    with pytest.raises(InputError, match="do not work together"):
        tls.given(certificate, key)


def test_an_expired_certificate_is_served_with_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    tls.given(*write_pair(tmp_path, ends=NOW - DAY))
    assert "ended on" in caplog.text
    caplog.clear()
    tls.given(*write_pair(tmp_path, ends=NOW + 70 * DAY))
    assert "begins" in caplog.text
