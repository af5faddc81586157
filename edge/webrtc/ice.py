"""How viewers reach this device: ICE servers, ports and addresses. ``gathering`` obeys it."""

from __future__ import annotations

import ipaddress
import re
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

SERVER = re.compile(r"stun:[^?:]+(:\d{1,5})?|turns?:[^?:]+(:\d{1,5})?(\?transport=(udp|tcp))?")


class IceServer(BaseModel):
    """A STUN or TURN server, named as in the WebRTC API."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    urls: list[str] = Field(min_length=1)
    username: str | None = None
    credential: SecretStr | None = None

    @field_validator("urls", mode="before")
    @classmethod
    def _one_or_more(cls, value: Any) -> Any:
        return [value] if isinstance(value, str) else value

    @field_validator("urls")
    @classmethod
    def _known_schemes(cls, value: list[str]) -> list[str]:
        for url in value:
            if SERVER.fullmatch(url) is None:
                raise ValueError(
                    f"{url!r}: wanted stun:HOST[:PORT] or turn[s]:HOST[:PORT][?transport=udp|tcp]"
                )
        return value


class IceSettings(BaseModel):
    """How viewers reach this device."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    servers: list[IceServer] = Field(
        default=[],
        description="STUN and TURN servers, the first of each is used. None by default: on a LAN "
        "they only cost time, and nobody outside is asked",
    )
    udp_ports: str | None = Field(
        default=None,
        description="FIRST-LAST: the only UDP ports that media uses, for a firewall or a container "
        "that publishes a range. A viewer takes one on each network interface",
    )
    public_address: str | None = Field(
        default=None,
        description="An IP address announced beside the device's own, for a 1:1 NAT or a container "
        "whose UDP ports are published unchanged under that address",
    )

    @field_validator("udp_ports")
    @classmethod
    def _a_range(cls, value: str | None) -> str | None:
        if value is None:
            return None
        match = re.fullmatch(r"\s*(\d{1,5})\s*-\s*(\d{1,5})\s*", value)
        first, last = (int(match[1]), int(match[2])) if match else (0, 0)
        if not 1024 <= first <= last <= 65535:
            raise ValueError(f"{value!r}: wanted FIRST-LAST within 1024-65535, as in 50000-50100")
        return f"{first}-{last}"

    @field_validator("public_address")
    @classmethod
    def _an_address(cls, value: str | None) -> str | None:
        if value is None:
            return None
        try:
            address = ipaddress.ip_address(value.strip())
        except ValueError as error:
            raise ValueError(f"{value!r}: wanted an IP address, as in 203.0.113.7") from error
        if address.is_unspecified or address.is_multicast:
            raise ValueError(f"{value!r}: nobody can be reached at this address")
        return str(address)

    @property
    def ports(self) -> range | None:
        """The ports of ``udp_ports``."""
        if self.udp_ports is None:
            return None
        first, last = map(int, self.udp_ports.split("-"))
        return range(first, last + 1)
