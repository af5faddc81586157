"""The service that runs, as it answers."""

from __future__ import annotations

import http.client
import json
import ssl
import urllib.error
import urllib.request
from typing import Any

TIMEOUT_S = 5.0
OPEN = "/healthz"
ASKED = ("/api/stats", "/api/state", "/metrics")
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}


def answers(address: tuple[str, int], token: str | None) -> dict[str, Any]:
    """
    What the service at ``address`` says: path -> its JSON or text; nothing where none answers.

    Args:
        address: (host, port), as it listens.
        token: this machine's own. Only shown to what speaks like this service.
    """
    host, port = EVERYWHERE.get(address[0], address[0]), address[1]
    for scheme in ("http", "https"):
        url = f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}"
        health = _answer(url + OPEN, None)
        if isinstance(health, dict) and "status" in health:
            return {OPEN: health, **{path: _answer(url + path, token) for path in ASKED}}
    return {}


def _answer(url: str, token: str | None) -> Any:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    request = urllib.request.Request(url, headers=headers)
    trust = ssl._create_unverified_context()  # of this machine; mostly signed by itself
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S, context=trust) as answer:
            text = answer.read().decode(errors="replace")
    except urllib.error.HTTPError as refused:
        text = f"status {refused.code}: {refused.read(500).decode(errors='replace')}"
    except (OSError, http.client.HTTPException) as error:
        text = f"no answer: {error}"
    try:
        return json.loads(text)
    except ValueError:
        return text
