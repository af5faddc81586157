"""The bitrate that a guest's browser is told to begin at."""

from __future__ import annotations

import re


def with_start_bitrate(answer: str, bitrate_bps: int) -> str:
    """
    ``answer`` with word to a sending browser to begin at ``bitrate_bps``. libwebrtc begins at
    300 kbit/s and scales a 720p camera down to fit; whoever does not know the word ignores it.
    """
    hint = f"x-google-start-bitrate={bitrate_bps // 1000}"
    section = re.search(r"^m=video \d+ \S+ (\d+).*", answer, re.MULTILINE | re.DOTALL)
    if section is None:
        return answer
    head, video, payload = answer[: section.start()], section[0], section[1]
    tuned, found = re.subn(rf"(a=fmtp:{payload} [^\r\n]+)", rf"\1;{hint}", video, count=1)
    if not found:
        mapping = rf"(a=rtpmap:{payload} [^\r\n]+\r\n)"
        tuned = re.sub(mapping, rf"\1a=fmtp:{payload} {hint}\r\n", video, count=1)
    return head + tuned
