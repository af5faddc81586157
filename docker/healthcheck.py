"""Asks the service of this container for /healthz. Exit status 0: it says ok or degraded."""

from __future__ import annotations

import json
import os
import ssl
import sys
import urllib.error
import urllib.request
from pathlib import Path

from edge.settings import Settings, load

TIMEOUT_S = 8.0  # below the HEALTHCHECK's own


def addresses(settings: Settings) -> list[str]:
    """Where to ask: whether it serves TLS is not told by the address alone, so both are tried."""
    host, port = settings.address
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    named = f"[{host}]" if ":" in host else host
    return [f"{scheme}://{named}:{port}/healthz" for scheme in ("https", "http")]


def ask(url: str) -> tuple[int, str]:
    """
    The status and body of the answer.

    Raises:
        OSError: nobody answers there, or not by this scheme.
    """
    context = ssl.create_default_context()
    context.check_hostname = False  # our own, self-signed, over loopback
    context.verify_mode = ssl.CERT_NONE
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)
    )
    try:
        with opener.open(url, timeout=TIMEOUT_S) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def main() -> int:
    """Print what the service says of itself. Returns the exit status."""
    config = os.environ.get("EDGE_CONFIG")
    settings, _ = load([], Path(config) if config else None)
    fault = ""
    for url in addresses(settings):
        try:
            status, body = ask(url)
        except OSError as error:
            fault = f"{url}: {error}"
            continue
        if status not in (200, 503):
            sys.stdout.write(f"something else answers there: HTTP {status}\n")
            return 1
        health = json.loads(body)
        sys.stdout.write(f"{health['status']}: {health['reason'] or 'live'}\n")
        return 0 if status == 200 else 1
    sys.stdout.write(f"no answer: {fault}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
