"""Settings, validated as one: command line > environment (EDGE_*) > TOML file > defaults."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    CliSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from edge.controls import MatteControls
from edge.errors import InputError
from edge.files import home
from edge.migrations import SETTINGS, migrated
from edge.taken import KeepSettings
from edge.webrtc.encoding import EncodingSettings
from edge.webrtc.ice import IceSettings
from edge.zoo.own import FOLDER


class Settings(BaseSettings):
    """Everything an operator may set: --name VALUE, or EDGE_NAME=VALUE, or name = VALUE in the file
    that --config FILE names."""

    model_config = SettingsConfigDict(
        env_prefix="EDGE_",
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
    )

    source: str = Field(
        "auto:",
        description="Where the picture comes from: auto: | camera:/dev/video0?size=1280x720&fps=30"
        "&format=MJPG | file:PATH | stream:rtsp://... | gstreamer:PIPELINE | browser: | demo: | "
        "presenter:",
    )
    sources: list[str] = Field(
        [], description="Further sources that may be chosen on the page (JSON list, or repeated)"
    )
    matting: str = Field(
        "auto:",
        description="The matting model: auto: (the best matte that this machine keeps up with) | "
        "onnx:ID | onnx:FILE | openvino:ID | tensorrt:ID | auto:ID (the fastest runtime for it)",
    )
    compositor: str = Field("opencv:", description="opencv: (on the CPU) | cuda: (on the GPU)")
    background: str = Field(
        "gallery:",
        description="What goes behind: gallery:ID | color:RRGGBB | image:PATH | video:PATH | "
        "blur:STRENGTH | none: | original:",
    )
    mirror: bool = Field(False, description="Flip left and right, as in a mirror")
    matte: MatteControls = Field(MatteControls(), description="The matte's refinement")
    listen: str = Field(
        "127.0.0.1:8080",
        description="ADDRESS:PORT; on any address but loopback, TLS and an access token are used",
    )
    allow_original: bool = Field(
        False, description="Let viewers choose to see the unmatted room. HTTP cannot set this"
    )
    max_viewers: int = Field(32, ge=1, le=1000, description="How many may watch at a time")
    publish: Annotated[list[str], NoDecode] = Field(
        [],
        description="Where the picture goes beside the viewers: whip:URL (a media server) | "
        "v4l2loopback:/dev/video10 (a camera for other programs). One, a JSON list, or repeated",
    )
    encoding: EncodingSettings = Field(
        EncodingSettings(), description="Codec, encoders and bitrates for viewers"
    )
    keep: KeepSettings = Field(
        KeepSettings(), description="How much room snapshots and recordings may take"
    )
    ice: IceSettings = Field(IceSettings(), description="For viewers behind NAT, and containers")
    allowed_hosts: list[str] = Field(
        [], description="Further host names by which browsers may reach this service"
    )
    token: SecretStr | None = Field(
        None, description="The access token off loopback; by default one is made and kept"
    )
    tls_cert: Path | None = Field(None, description="Certificate chain (PEM); default: self-signed")
    tls_key: Path | None = Field(None, description="Its private key (PEM)")
    state_dir: Path = Field(
        default_factory=lambda: home("XDG_STATE_HOME", ".local/state"),
        description="Choices, uploads, snapshots, recordings, token and certificate: "
        "~/.local/state/edge-matting",
    )
    cache_dir: Path = Field(
        default_factory=lambda: home("XDG_CACHE_HOME", ".cache"),
        description="Downloaded models and clips: ~/.cache/edge-matting",
    )
    models_dir: Path | None = Field(
        None,
        description="A folder with models and their cards, which may then be chosen, and where "
        "published files are looked for before they are fetched",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Logging")

    @field_validator("publish", mode="before")
    @classmethod
    def _one_or_more(cls, value: Any) -> Any:
        """One may be written as it is, in the environment too; repeated flags come as a, b."""
        if not isinstance(value, str):
            return value
        if value.startswith("["):
            return json.loads(value)
        return re.split(r",(?=[a-z0-9_]+:)", value) if value else []

    @field_validator("listen")
    @classmethod
    def _address_and_port(cls, value: str) -> str:
        host, _, port = value.rpartition(":")
        if not host or not port.isdigit() or int(port) > 65535:
            raise ValueError("wanted ADDRESS:PORT, as in 127.0.0.1:8080 or 0.0.0.0:8443")
        return value

    @model_validator(mode="after")
    def _certificate_with_key(self) -> Settings:
        if (self.tls_cert is None) != (self.tls_key is None):
            raise ValueError("tls_cert and tls_key go together: give both or neither")
        return self

    @property
    def own_models(self) -> Path:
        """Where models that were made on this machine are offered: put one there with its card."""
        return self.state_dir / FOLDER

    @property
    def address(self) -> tuple[str, int]:
        """(host, port) to listen at; the host without brackets."""
        host, _, port = self.listen.rpartition(":")
        return host.strip("[]"), int(port)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, _SettingsFile(settings_cls)


class _SettingsFile(TomlConfigSettingsSource):
    """The TOML file, which may have been written for an older version. It stays as it is."""

    def _read_file(self, file_path: Path) -> dict[str, Any]:
        current = migrated(super()._read_file(file_path), SETTINGS)
        return {name: value for name, value in current.items() if name != "version"}


def load(arguments: Sequence[str], config: Path | None = None) -> tuple[Settings, frozenset[str]]:
    """
    Read the settings.

    Args:
        arguments: the command line's flags.
        config: the TOML file, if there is one.

    Returns:
        The settings, and the names of those that the command line gave: they win over what was
        chosen on the page and remembered.

    Raises:
        InputError: a setting is unknown or refused; the message names each one.
    """
    if config is not None and not config.is_file():
        raise InputError(f"no settings file at {config}")

    class Configured(Settings):
        model_config = SettingsConfigDict(toml_file=config)

    try:
        flags = read_flags(arguments)
        return Configured(**flags), frozenset(flags)
    except ValidationError as error:
        wrong = "; ".join(
            f"{'.'.join(map(str, fault['loc'])) or 'settings'}: {fault['msg']}"
            + (f" (found {fault['input']!r})" if fault["type"] != "value_error" else "")
            for fault in error.errors(include_url=False)
        )
        raise InputError(f"refused settings: {wrong}. See python -m edge --help") from error
    except (SettingsError, OSError, ValueError) as error:  # a file of a newer version, too
        raise InputError(f"settings cannot be read: {error}") from error


def read_flags(arguments: Sequence[str]) -> dict[str, Any]:
    """The settings that ``arguments`` give, by name. Exits: 0 after ``--help``, 2 on a bad flag."""
    flags = CliSettingsSource[Any](
        Settings,
        cli_prog_name="python -m edge serve",
        cli_parse_args=list(arguments),
        cli_kebab_case=True,
        cli_implicit_flags=True,
        cli_hide_none_type=True,
        cli_avoid_json=False,
    )
    return dict(flags())
