"""From settings to the studio: what may be chosen, what was chosen before, what to start with."""

from __future__ import annotations

from collections.abc import Callable

from edge import plugins
from edge.catalog.backgrounds import BackgroundCatalog
from edge.catalog.models import ModelCatalog
from edge.catalog.sources import SourceCatalog
from edge.frame import Composite
from edge.gallery import Gallery
from edge.remember import Memory
from edge.settings import Settings
from edge.studio import Studio
from edge.studio.chosen import Catalogs, Chosen
from edge.studio.recall import Recall
from edge.zoo import Zoo

NAMES = {"matting": "model"}  # settings that go by another name in Chosen


def make_studio(
    settings: Settings, explicit: frozenset[str], gallery: Gallery
) -> Callable[[Callable[[Composite], None]], Studio]:
    """How to make the studio of ``settings``, given where to publish."""
    zoo = Zoo(settings.cache_dir, settings.models_dir, own=[settings.own_models])
    catalogs = Catalogs(
        SourceCatalog([settings.source, *settings.sources], zoo),
        ModelCatalog(settings.matting, zoo),
        BackgroundCatalog(settings.background, gallery, settings.allow_original),
        settings.allow_original,
    )
    configured = Chosen(
        catalogs.sources.id_of(settings.source),
        catalogs.models.configured_id,
        catalogs.backgrounds.configured_id,
        settings.mirror,
        settings.matte,
    )
    names = frozenset(NAMES.get(name, name) for name in explicit)
    recall = Recall(configured, Memory(settings.state_dir))
    compositor = plugins.make("edge.compositors", settings.compositor)
    return lambda publish: Studio(catalogs, recall, names, publish, compositor)
