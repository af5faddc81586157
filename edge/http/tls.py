"""TLS: the operator's certificate, or one of our own, made at first start."""

from __future__ import annotations

import contextlib
import datetime
import logging
import os
import ssl
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509

from edge.errors import InputError
from edge.files import PRIVATE, write_atomically
from edge.http import certificates, hosts

log = logging.getLogger(__name__)

NAME = "tls.pem"  # key and certificate in one file: they cannot be torn apart
PIPE_BYTES = 65_536  # what a pipe takes before anybody reads
RENEW_BEFORE = datetime.timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Tls:
    """
    Attributes:
        context: to listen with.
        fingerprint: SHA-256 of the certificate as browsers show it, "AB:CD:...".
        own: self-signed: browsers ask once whether to go on.
    """

    context: ssl.SSLContext
    fingerprint: str
    own: bool


def given(certificate: Path, key: Path) -> Tls:
    """
    The operator's certificate (PEM, with its chain) and private key.

    Raises:
        InputError: a file is missing, is no PEM, is locked by a password, or they do not belong
            together.
    """
    leaf = certificates.leaf(certificate, _read(certificate, "certificate"))
    _read(key, "private key")
    context = _context()
    try:
        context.load_cert_chain(certificate, key, password=lambda: "")  # never ask the terminal
    except (ssl.SSLError, OSError, ValueError) as error:
        raise InputError(
            f"the TLS certificate {certificate} and the private key {key} do not work together "
            f"({_reason(error)}): give the key that belongs to it, in PEM without a password"
        ) from error
    _warn_of_dates(certificate, leaf)
    return Tls(context, certificates.fingerprint(leaf), own=False)


def self_signed(folder: Path, names: Iterable[str], must: Iterable[str] = ()) -> Tls:
    """
    A certificate of our own, kept in ``folder`` so that browsers' consent lasts.

    It is made anew when it nears its end, is broken, or does not hold all of ``must``; not because
    this machine started before its clock was set.

    Args:
        folder: the state folder. Where it cannot be written, the certificate is for this run.
        names: host names and addresses under which the service is reached.
        must: those of them without which the certificate is of no use.

    Raises:
        InputError: one of them cannot be a host's name.
    """
    needed = {hosts.host_of(name) for name in must}
    wanted = sorted({*map(hosts.host_of, names), *needed, "localhost"})
    path = folder / NAME
    pem = _kept(path, needed)
    if pem is None:
        pem = certificates.make(wanted)
        try:
            write_atomically(path, pem, PRIVATE)
        except OSError as error:
            log.warning(
                "the TLS certificate cannot be kept in %s (%s): browsers will ask again after "
                "each start; make the folder writable",
                folder,
                error.strerror or error,
            )
    leaf = x509.load_pem_x509_certificate(pem)
    return Tls(_context_of(pem), certificates.fingerprint(leaf), own=True)


def _context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    return context


def _context_of(pem: bytes) -> ssl.SSLContext:
    """
    OpenSSL takes keys from files alone. These are pipes: no copy reaches the disk, and the service
    starts on one that is full.
    """
    context = _context()
    with _piped(pem) as chain, _piped(pem) as key:
        context.load_cert_chain(chain, key)
    return context


@contextlib.contextmanager
def _piped(data: bytes) -> Iterator[str]:
    """A path from which ``data`` can be read once."""
    if len(data) > PIPE_BYTES:
        raise ValueError(f"{len(data)} bytes are no key and certificate")
    reader, writer = os.pipe()
    try:
        with os.fdopen(writer, "wb") as file:
            file.write(data)
        yield f"/dev/fd/{reader}"
    finally:
        os.close(reader)


def _kept(path: Path, must: set[str]) -> bytes | None:
    """The kept key and certificate, or None: there is none, or none that still serves."""
    try:
        pem = path.read_bytes()
        leaf = x509.load_pem_x509_certificate(pem)
        _context_of(pem)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, ssl.SSLError) as error:
        log.warning("%s cannot be used (%s): a new certificate is made", path, _reason(error))
        return None
    if not _in_force(leaf):
        log.info("the TLS certificate is not in force, or near its end: a new one is made")
        return None
    missing = must - certificates.names_of(leaf)
    if missing:
        log.info("the TLS certificate does not hold %s: a new one is made", ", ".join(missing))
        return None
    return pem


def _in_force(leaf: x509.Certificate) -> bool:
    """By this machine's clock; where that has not been set yet, nothing speaks against it."""
    now = certificates.now()
    if now < certificates.WRITTEN:
        return True
    return leaf.not_valid_before_utc <= now < leaf.not_valid_after_utc - RENEW_BEFORE


def _read(path: Path, what: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(
            f"the TLS {what} {path} cannot be read: {error.strerror or error}"
        ) from error


def _warn_of_dates(path: Path, leaf: x509.Certificate) -> None:
    now = certificates.now()
    if now >= leaf.not_valid_after_utc:
        log.warning("the TLS certificate %s ended on %s", path, leaf.not_valid_after_utc.date())
    elif now < leaf.not_valid_before_utc:
        log.warning("the TLS certificate %s begins %s", path, leaf.not_valid_before_utc.date())


def _reason(error: Exception) -> str:
    if isinstance(error, ssl.SSLError) and error.reason:
        return error.reason.lower().replace("_", " ")
    return str(error) or type(error).__name__
