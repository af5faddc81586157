"""Who may reach the service, and how they learn of it: certificate, token, printed links."""

from __future__ import annotations

from dataclasses import dataclass

from edge.http import hosts, tls, token
from edge.http.policy import Policy
from edge.settings import Settings


@dataclass(frozen=True, slots=True)
class Access:
    """
    Attributes:
        certificate: None: plain HTTP.
        policy: with the token, if one is asked for.
    """

    certificate: tls.Tls | None
    policy: Policy


def access(settings: Settings) -> Access:
    """
    On loopback plain HTTP and no token, unless they are set; on any other address TLS and a token.

    Raises:
        InputError: the certificate and key that were given do not work.
    """
    host, _ = settings.address
    public = settings.ice.public_address
    open_to_others = hosts.canonical(host) not in hosts.LOOPBACK
    certificate = _certificate(settings, host) if open_to_others or settings.tls_cert else None
    policy = Policy(
        token=_token(settings, open_to_others),
        hosts=hosts.allowed(host, public, settings.allowed_hosts),
        secure=certificate is not None,
    )
    return Access(certificate, policy)


def greeting(host: str, port: int, reached: Access) -> list[str]:
    """The lines that say where the page is, one link for each way to reach it."""
    certificate, secret = reached.certificate, reached.policy.token
    scheme = "https" if certificate else "http"
    everywhere = host in ("0.0.0.0", "::")
    reachable = [str(ip) for ip in hosts.own_addresses() if not ip.is_loopback]
    names = (reachable or ["localhost"]) if everywhere else [host]
    fragment = f"#token={secret}" if secret else ""
    lines = [
        f"Open {scheme}://{f'[{name}]' if ':' in name else name}:{port}/{fragment}"
        for name in names
    ]
    if certificate and certificate.own:
        lines.append(
            "The certificate is self-signed: the browser asks once whether to go on. "
            f"Its SHA-256 fingerprint: {certificate.fingerprint}"
        )
    return lines


def _certificate(settings: Settings, host: str) -> tls.Tls:
    if settings.tls_cert is not None and settings.tls_key is not None:
        return tls.given(settings.tls_cert, settings.tls_key)
    public = settings.ice.public_address
    names = [*hosts.own_names(), *map(str, hosts.own_addresses()), *settings.allowed_hosts]
    must = [name for name in (host, public) if name and name not in ("0.0.0.0", "::")]
    return tls.self_signed(settings.state_dir, [*names, *must], must)


def _token(settings: Settings, open_to_others: bool) -> str | None:
    if settings.token is not None:
        return settings.token.get_secret_value()
    return token.access_token(settings.state_dir) if open_to_others else None
