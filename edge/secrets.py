"""Passwords stay out of labels, logs, states and error messages."""

from __future__ import annotations

import re

# Greedy up to the last @ of the word: a password may hold an @ or a slash that nobody escaped.
# Masking too much of an odd URL is harmless, masking too little is not.
_USERINFO = re.compile(r"([a-z][a-z0-9+.-]*://[^\s/?#@:]*):\S*@", re.IGNORECASE)
_QUERY = re.compile(
    r"([?&;][^=&;\s]*(?:pass|passwd|password|pwd|token|secret|key|auth|signature|sig)=)[^&;#\s'\"]*",
    re.IGNORECASE,
)


def mask(text: str) -> str:
    """``text`` with the password or token of every URL in it replaced by ``***``."""
    return _QUERY.sub(r"\1***", _USERINFO.sub(r"\1:***@", text))
