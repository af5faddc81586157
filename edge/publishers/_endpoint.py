"""A WHIP server's address, and how it is known that it is the right one and that we may."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import re
from dataclasses import dataclass

import aiohttp
from yarl import URL

from edge.errors import InputError, PublishError

ANSWER_S = 10.0  # some servers gather their candidates first
LEAVE_S = 1.0
MAX_ANSWER = 64 * 1024
SDP = "application/sdp"
FINGERPRINT = re.compile(r"sha256=((?:[0-9a-fA-F]{2}:?){32})")
SHAPE = (
    "whip:https://HOST/PATH, whip:https://:TOKEN@HOST/PATH or whip:https://USER:PASSWORD@HOST/PATH"
)
WHY = {
    401: "it wants a token or a password: whip:https://:TOKEN@HOST/PATH",
    403: "it does not let this token or password publish there",
    404: "nothing takes WHIP at this path",
    405: "nothing takes WHIP at this path",
    409: "somebody else publishes there, or it takes no publisher now",
}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """
    Where to publish.

    Attributes:
        url: without credentials.
        authorization: the header of that name, or "".
        fingerprint: SHA-256 of the server's certificate, which then need not be signed by anyone;
            empty: as usual.
    """

    url: URL
    authorization: str = ""
    fingerprint: bytes = b""

    @property
    def label(self) -> str:
        """The server alone: a path may be the key to a stream."""
        return f"whip:{self.url.origin()}"

    async def post(self, offer: str) -> tuple[str, URL | None]:
        """
        Hand in an SDP offer.

        Returns:
            The answer, and what to delete when leaving, if the server named it.

        Raises:
            PublishError: the server is not there, or does not want it. Says why.
        """
        headers = {"Content-Type": SDP, "Accept": SDP}
        try:
            async with (
                self._session(ANSWER_S) as session,
                session.post(
                    self.url, data=offer.encode(), headers=headers | self._credentials()
                ) as response,
            ):
                body = await _body(response)
                if response.status not in (200, 201):
                    raise PublishError(_refusal(response.status, body))
                if not body.startswith("v=0"):
                    raise PublishError("what it answered is no SDP: is this a WHIP address?")
                return body, self._resource(response)
        except aiohttp.ServerFingerprintMismatch as error:
            found = error.got.hex(":").upper()
            raise PublishError(f"its certificate is another: its SHA-256 is {found}") from error
        except aiohttp.ClientConnectorCertificateError as error:
            raise PublishError(
                "its certificate is not signed by anyone known here; if it is the right one, write "
                "#sha256=FINGERPRINT after the address"
            ) from error
        except asyncio.TimeoutError as error:
            raise PublishError(f"no answer within {ANSWER_S:.0f} s") from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise PublishError(f"cannot be reached: {_words(error)}") from error

    async def delete(self, resource: URL) -> None:
        """Tell the server that we leave, if it is still there."""
        try:
            async with self._session(LEAVE_S) as session:
                await session.delete(resource, headers=self._credentials())
        except (aiohttp.ClientError, OSError, asyncio.TimeoutError):
            pass  # it notices by itself

    def _session(self, timeout_s: float) -> aiohttp.ClientSession:
        check: aiohttp.Fingerprint | bool = True
        if self.fingerprint:
            check = aiohttp.Fingerprint(self.fingerprint)
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(ssl=check),
            timeout=aiohttp.ClientTimeout(total=timeout_s),
        )

    def _credentials(self) -> dict[str, str]:
        return {"Authorization": self.authorization} if self.authorization else {}

    def _resource(self, response: aiohttp.ClientResponse) -> URL | None:
        """What its Location names; on another server it is left alone, for that has no business
        with our token."""
        location = response.headers.get("Location")
        if not location:
            return None
        resource = response.url.join(URL(location))
        return resource if resource.origin() == self.url.origin() else None


def endpoint(argument: str) -> Endpoint:
    """
    Read ``https://[USER:PASSWORD@ or :TOKEN@]HOST[:PORT]/PATH[#sha256=FINGERPRINT]``.

    Raises:
        InputError: it is none. No part of it is repeated: it may hold the token.
    """
    try:
        url = URL(argument)
        known = url.scheme in ("http", "https") and bool(url.host) and url.port != 0
    except ValueError:  # its words, and its traceback, may hold a part of the token
        known = False
    if not known or not argument.isprintable() or " " in argument:
        raise InputError(f"--publish whip: wanted {SHAPE}. In a token, write / as %2F, @ as %40")
    if url.user and url.password is None:
        raise InputError(
            "--publish whip: a token is written with a colon before: https://:TOKEN@HOST"
        )
    found = FINGERPRINT.fullmatch(url.fragment)
    if url.fragment and (found is None or url.scheme != "https"):
        raise InputError(
            "--publish whip: after # goes sha256= and a certificate's fingerprint, of 64 "
            "hexadecimal digits, and it takes https"
        )
    fingerprint = bytes.fromhex(found[1].replace(":", "")) if found else b""
    return Endpoint(url.with_user(None).with_fragment(None), _authorization(url), fingerprint)


def _authorization(url: URL) -> str:
    if not url.password:
        return ""
    if not url.user:
        return f"Bearer {url.password}"
    both = f"{url.user}:{url.password}".encode()
    return f"Basic {base64.b64encode(both).decode()}"


async def _body(response: aiohttp.ClientResponse) -> str:
    body = b""
    async for chunk in response.content.iter_chunked(MAX_ANSWER):
        body += chunk
        if len(body) > MAX_ANSWER:
            raise PublishError(f"it answered more than {MAX_ANSWER} bytes: no SDP is so long")
    return body.decode("utf-8", "replace")


def _refusal(status: int, body: str) -> str:
    """In words, with the server's own."""
    try:
        said = json.loads(body)["error"]
        said = said["message"] if isinstance(said, dict) else said
    except (ValueError, KeyError, TypeError):
        said = "" if body.lstrip().startswith("<") else body
    words = " ".join("".join(c if c.isprintable() else " " for c in str(said)).split())[:200]
    why = WHY.get(status, "it does not take the picture")
    return f"{why} (status {status}{f': {words}' if words else ''})"


def _words(error: Exception) -> str:
    """Without the address, whose path may be a key: aiohttp's own words name it."""
    system = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
    if not isinstance(system, OSError):
        return type(system).__name__
    if system.errno and system.errno > 0:  # asyncio puts words of its own in place of the system's
        return os.strerror(system.errno)
    return system.strerror or type(system).__name__
