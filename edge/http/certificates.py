"""X.509: making a certificate of our own, and reading any."""

from __future__ import annotations

import datetime
import ipaddress
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from edge.errors import InputError

VALID = datetime.timedelta(days=820)  # Apple's systems take no certificate of over 825 days
SLACK = datetime.timedelta(days=1)  # clients' clocks
WRITTEN = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)  # no clock is right before


def now() -> datetime.datetime:
    """By this machine's clock, which may not have been set yet."""
    return datetime.datetime.now(datetime.timezone.utc)


def make(names: list[str]) -> bytes:
    """
    A new private key and a self-signed certificate for ``names``, both in one PEM.

    Where the clock has not been set yet (a board without a battery), it begins when this was
    written: it still holds once the clock is right.

    Raises:
        InputError: one of them cannot be a host's name.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Edge Matting")])
    begin = max(now(), WRITTEN) - SLACK
    usage = x509.KeyUsage(True, False, False, False, False, False, False, False, False)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + VALID)
        .add_extension(x509.SubjectAlternativeName([general_name(name) for name in names]), False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), True)
        .add_extension(usage, True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        .sign(key, hashes.SHA256())
    )
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ) + certificate.public_bytes(serialization.Encoding.PEM)


def general_name(name: str) -> x509.GeneralName:
    """A host name or an address, as a certificate holds it."""
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        pass
    try:
        return x509.DNSName(name.encode("idna").decode())
    except ValueError as error:
        raise InputError(f"{name!r} is no host name that a certificate could hold") from error


def leaf(path: Path, pem: bytes) -> x509.Certificate:
    """
    The first certificate of a chain.

    Raises:
        InputError: it is no PEM certificate.
    """
    try:
        return x509.load_pem_x509_certificates(pem)[0]
    except (ValueError, UnsupportedAlgorithm) as error:
        raise InputError(
            f"the TLS certificate {path} is no PEM certificate; it begins with "
            "-----BEGIN CERTIFICATE-----"
        ) from error


def names_of(certificate: x509.Certificate) -> set[str]:
    """The host names and addresses that it is good for."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return set()
    return {str(name.value) for name in names}


def fingerprint(certificate: x509.Certificate) -> str:
    """SHA-256 of the certificate, as browsers show it."""
    return certificate.fingerprint(hashes.SHA256()).hex(":").upper()
