"""What can be fetched, from where, and what must arrive: ``manifest.json`` as checked values."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from edge.zoo.card import Licence, ModelInput, Quality
from edge.zoo.wrapping import Recipe


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Package(_Value):
    """
    An archive on the Python package index, and the way to the file inside it.

    Attributes:
        archive: its file name; a ``.whl`` is a wheel, all else a source archive.
        members: the path inside the archive; a further one is inside that, itself a zip.
        backend: for a source archive the build backend it names, which is never run.
    """

    kind: Literal["package"]
    name: str
    version: str
    archive: str
    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    size_bytes: int = Field(gt=0)
    members: tuple[str, ...] = Field(min_length=1)
    backend: str | None = None

    @property
    def is_wheel(self) -> bool:
        """Whether it is a wheel; otherwise a source archive."""
        return self.archive.endswith(".whl")

    def __str__(self) -> str:
        return f"package {self.name} {self.version}"


class Release(_Value):
    """The file itself on a web server."""

    kind: Literal["release"]
    url: str = Field(pattern="^https?://")

    def __str__(self) -> str:
        return self.url


Source = Annotated[Package | Release, Field(discriminator="kind")]


class Network(_Value):
    """How a fetched network becomes a model file: see ``edge.zoo.wrapping``, ``edge.zoo.card``."""

    task: Literal["saliency", "matting"]
    input: ModelInput
    recipe: Recipe
    quality: tuple[Quality, ...] = ()


class Asset(_Value):
    """
    One thing that can be fetched.

    Attributes:
        file: its name in the cache and in a folder of the user's.
        sha256, size_bytes: of the published file.
        homepage: whose work it is.
        sources: tried in order.
        kind: a ``backbone`` is weights that a network's training starts from.
        network: how to make a model of it; None for clips, backbones and what no kind runs yet.
    """

    id: str
    label: str
    kind: Literal["model", "clip", "backbone"]
    file: str = Field(pattern=r"^[^/\\]+$")
    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    size_bytes: int = Field(gt=0)
    licence: Licence
    homepage: str
    sources: tuple[Source, ...] = Field(min_length=1)
    network: Network | None = None


class Manifest(_Value):
    """All assets, in the order they are listed to people."""

    assets: tuple[Asset, ...]

    def by_id(self) -> dict[str, Asset]:
        """The assets by their id."""
        return {asset.id: asset for asset in self.assets}


@cache
def manifest() -> Manifest:
    """The manifest that comes with the service."""
    text = resources.files("edge.zoo").joinpath("manifest.json").read_text("utf-8")
    return Manifest.model_validate_json(text)
