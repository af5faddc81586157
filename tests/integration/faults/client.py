"""A client that changes the state, uploads and looks, as programs do."""

from __future__ import annotations

import json
import ssl
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from tests.browser.service import Service


@dataclass(frozen=True)
class Answer:
    """
    Attributes:
        said: its JSON, or None where there is no body.
    """

    status: int
    said: Any

    @property
    def code(self) -> str:
        """The fixed word of an error."""
        return str(self.said["error"]["code"])


class Client:
    """Speaks to a service by the link that it printed: the token goes along, the certificate is
    taken as it is."""

    def __init__(self, service: Service) -> None:
        self._url = service.url.rstrip("/")
        token = service.link.partition("#token=")[2]
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._trust = ssl._create_unverified_context() if token else None

    def get(self, path: str) -> Any:
        """What is there, as JSON."""
        return self.call("GET", path).said

    def choose(self, **change: object) -> Answer:
        """``PATCH /api/state``."""
        return self.call("PATCH", "/api/state", json.dumps(change).encode(), "application/json")

    def upload(self, content: bytes, name: str) -> Answer:
        """``POST /api/backgrounds``."""
        return self.call("POST", f"/api/backgrounds?name={quote(name)}", content, "image/png")

    def uploads(self) -> dict[str, str]:
        """Id -> label of what was uploaded."""
        listed = self.get("/api/backgrounds")
        return {choice["id"]: choice["label"] for choice in listed if choice["deletable"]}

    def call(self, method: str, path: str, body: bytes | None = None, kind: str = "") -> Answer:
        """Any request. Raises OSError when the service is gone."""
        headers = {**self._headers, **({"Content-Type": kind} if kind else {})}
        request = urllib.request.Request(self._url + path, body, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60, context=self._trust) as answer:
                raw, status = answer.read(), answer.status
        except urllib.error.HTTPError as refused:
            raw, status = refused.read(), refused.code
        return Answer(status, json.loads(raw) if raw else None)
