"""``python -m edge serve``: from settings to a running service."""

from __future__ import annotations

import asyncio
import errno
import logging
import signal
import sys
import threading
from collections.abc import Callable

from aiohttp import web

from edge import ending, plugins
from edge.app import Terms, make_app
from edge.catalog.backgrounds import BackgroundCatalog
from edge.catalog.models import ModelCatalog
from edge.catalog.sources import SourceCatalog
from edge.errors import InputError
from edge.frame import Composite
from edge.gallery import Gallery
from edge.http import hosts, tls, token
from edge.http.policy import Policy
from edge.memory import keep_freed_memory
from edge.remember import Memory
from edge.settings import Settings
from edge.studio import Studio
from edge.studio.chosen import Catalogs, Chosen
from edge.studio.recall import Recall
from edge.zoo import Zoo

logger = logging.getLogger(__name__)

STOP_TIMEOUT_S = 1.0  # for requests in work
NAMES = {"source": "source", "matting": "model", "background": "background"}


def serve(settings: Settings, explicit: frozenset[str], say: Callable[[str], None]) -> int:
    """
    Run the service until SIGINT or SIGTERM.

    Args:
        explicit: the settings that the command line gave.
        say: prints a line for whoever started it.

    Returns:
        The exit status.

    Raises:
        InputError: a setting does not work on this machine, such as a port in use.
    """
    keep_freed_memory()
    deadline = ending.deadline()
    try:
        return asyncio.run(_serve(settings, explicit, say, deadline))
    finally:
        deadline.cancel()
        if deadline.is_alive():
            deadline.join()


def make_studio(
    settings: Settings, explicit: frozenset[str], gallery: Gallery
) -> Callable[[Callable[[Composite], None]], Studio]:
    """How to make the studio of ``settings``, given where to publish."""
    zoo = Zoo(settings.cache_dir, settings.models_dir)
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


async def _serve(
    settings: Settings,
    explicit: frozenset[str],
    say: Callable[[str], None],
    deadline: threading.Timer,
) -> int:
    host, port = settings.address
    open_to_others = hosts.canonical(host) not in hosts.LOOPBACK
    certificate = _certificate(settings, host) if open_to_others or settings.tls_cert else None
    secret = _token(settings, open_to_others)
    public = settings.ice.public_address
    gallery = Gallery(settings.state_dir / "backgrounds")
    terms = Terms(
        Policy(
            token=secret,
            hosts=hosts.allowed(host, public, settings.allowed_hosts),
            secure=certificate is not None,
        ),
        settings.max_viewers,
        settings.codec,
        settings.ice,
        settings.allow_original,
    )
    stopped = _told_to_stop(deadline)
    runner = web.AppRunner(
        make_app(make_studio(settings, explicit, gallery), gallery, terms),
        access_log=None,
        shutdown_timeout=STOP_TIMEOUT_S,
    )
    await runner.setup()
    try:
        site = web.TCPSite(
            runner, host, port, ssl_context=certificate.context if certificate else None
        )
        try:
            await site.start()
        except OSError as error:
            raise InputError(_cannot_listen(settings.listen, error)) from error
        actual = runner.addresses[0][1]
        for line in greeting(host, actual, secret, certificate):
            say(line)
        await stopped.wait()
        logger.info("stopping")
    finally:
        await runner.cleanup()
    return 0


def _told_to_stop(deadline: threading.Timer) -> asyncio.Event:
    """Set by the first SIGINT or SIGTERM, which also starts ``deadline``."""
    stopped = asyncio.Event()

    def stop() -> None:
        if not stopped.is_set():
            deadline.start()
            stopped.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop)
    return stopped


def _certificate(settings: Settings, host: str) -> tls.Tls:
    if settings.tls_cert is not None and settings.tls_key is not None:
        return tls.given(settings.tls_cert, settings.tls_key)
    public = settings.ice.public_address
    names = [*hosts.own_names(), *map(str, hosts.own_addresses()), *settings.allowed_hosts]
    must = [name for name in (host, public) if name and name not in ("0.0.0.0", "::")]
    return tls.self_signed(settings.state_dir, [*names, *must], must)


def _token(settings: Settings, open_to_others: bool) -> str | None:
    if settings.token is not None:
        return settings.token.get_secret_value()
    return token.access_token(settings.state_dir) if open_to_others else None


def _cannot_listen(listen: str, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"{listen} is in use by another program; stop it, or choose a port with --listen"
    if error.errno == errno.EACCES:
        return f"{listen}: no leave to listen there; choose a port over 1023 with --listen"
    return f"cannot listen at {listen}: {error.strerror or error}"


def greeting(host: str, port: int, secret: str | None, certificate: tls.Tls | None) -> list[str]:
    """The lines that say where the page is, one link for each way to reach it."""
    scheme = "https" if certificate else "http"
    everywhere = host in ("0.0.0.0", "::")
    reachable = [str(ip) for ip in hosts.own_addresses() if not ip.is_loopback]
    names = (reachable or ["localhost"]) if everywhere else [host]
    fragment = f"#token={secret}" if secret else ""
    lines = [
        f"Open {scheme}://{f'[{name}]' if ':' in name else name}:{port}/{fragment}"
        for name in names
    ]
    if certificate and certificate.own:
        lines.append(
            "The certificate is self-signed: the browser asks once whether to go on. "
            f"Its SHA-256 fingerprint: {certificate.fingerprint}"
        )
    return lines


def configure_logging(level: str) -> None:
    """One line an event, to standard error."""
    logging.basicConfig(
        level=level.upper(),
        stream=sys.stderr,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    for noisy in ("aioice", "aiortc", "libav"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, logging.getLogger().level))
