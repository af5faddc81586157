"""What must not leave this machine, taken out of all that a report holds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from edge.secrets import mask

HIDDEN = "***"
LIKE_A_KEY = 8  # characters; "live" and "whip" are no keys
SHORTEST = 4  # characters; replacing less would garble words and tell nothing
# Names that half of all machines have; as words of a text they mean something else.
USUAL = {
    "root",
    "localhost",
    "user",
    "admin",
    "edge",
    "video",
    "nvidia",
    "jetson",
    "ubuntu",
    "debian",
}
# What is called a secret, whatever it is: token=..., "user-pw": "...", Authorization: Bearer ...
CALLED = r"(?:token|secret|passw(?:or)?d|passphrase|credential|user-pw|api-?key)"
VALUE = r"""[^\s"',;&<>]{4,}"""
NAMED = re.compile(rf"""({CALLED}["']?\s*[=:]\s*["']?|bearer\s+){VALUE}""", re.IGNORECASE)
FRAGMENT = re.compile(r"(#token=)[^\s\"']+")  # the printed link


class Scrubber:
    """
    Args:
        secrets: taken out wherever they stand, in whatever encoding.
        names: what is replaced by what, as whole words: "/home/mary" -> "~", "mary" -> "USER".
    """

    def __init__(self, secrets: Iterable[str], names: Mapping[str, str]) -> None:
        hidden = {form for secret in secrets for form in _forms(secret)}
        self._hidden = sorted((one for one in hidden if len(one) >= SHORTEST), key=len)[::-1]
        self._names = [
            (re.compile(rf"(?<![\w.-]){re.escape(name)}(?![\w-])", re.IGNORECASE), instead)
            for name, instead in sorted(names.items(), key=lambda each: -len(each[0]))
            if len(name) >= SHORTEST and name.lower() not in USUAL
        ]

    def text(self, text: str) -> str:
        """``text`` without them."""
        for secret in self._hidden:
            text = text.replace(secret, HIDDEN)
        text = NAMED.sub(rf"\1{HIDDEN}", FRAGMENT.sub(rf"\1{HIDDEN}", mask(text)))
        for pattern, instead in self._names:
            text = pattern.sub(instead, text)
        return text

    def value(self, value: Any) -> Any:
        """A value of JSON without them: before it is written, for writing escapes letters."""
        if isinstance(value, Mapping):
            return {self.text(str(key)): self.value(kept) for key, kept in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.value(kept) for kept in value]
        return self.text(value) if isinstance(value, str) else value


def secrets_of(spec: str) -> list[str]:
    """
    The secrets in ``scheme:URL``: a password. Of a WHIP address the path, too, and what is
    long in it: it may be the key to a stream.
    """
    scheme, _, address = spec.partition(":")
    try:
        parts = urlsplit(address)
        found = [parts.password]
    except ValueError:  # no URL; what looks like a password in it is masked by its form
        return []
    if scheme == "whip":
        long = [part for part in parts.path.split("/") if len(part) >= LIKE_A_KEY]
        found += [parts.path.strip("/"), *long, parts.query]
    return [one for one in found if one]


def _forms(secret: str) -> set[str]:
    return {secret, quote(secret), quote(secret, safe=""), unquote(secret)}
