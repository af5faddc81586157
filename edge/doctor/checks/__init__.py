"""
What the doctor looks at. Each module here examines one part of the machine and gives Findings.

Nothing heavy is imported in this process: what may be slow, wedged or crash (a GPU's library, an
inference runtime, an encoder, a camera's driver) is asked in a child process with a time-out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Status = Literal["ok", "missing", "problem"]


@dataclass(frozen=True, slots=True)
class Finding:
    """
    One row of the doctor's report.

    Attributes:
        name: what was looked at: "CPU", "camera /dev/video0".
        status: "missing" is fine where it is not needed; "problem" hinders the service.
        found: the facts, as found.
        meaning: what that means for the service, or "".
        advice: what to do about it, or "".
    """

    name: str
    status: Status
    found: str
    meaning: str = ""
    advice: str = ""
