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
from edge.access import access, greeting
from edge.album import albums
from edge.app import Files, Terms, make_app
from edge.assembly import make_studio
from edge.cores import divide_cores
from edge.errors import InputError
from edge.gallery import Gallery
from edge.http.keys import BROADCAST, STUDIO
from edge.settings import Settings
from edge.watchdog import Notifier, keep_alive

logger = logging.getLogger(__name__)

STOP_TIMEOUT_S = 1.0  # for requests in work


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
    divide_cores()
    deadline = ending.deadline()
    try:
        return asyncio.run(_serve(settings, explicit, say, deadline))
    finally:
        deadline.cancel()
        if deadline.is_alive():
            deadline.join()


async def _serve(
    settings: Settings,
    explicit: frozenset[str],
    say: Callable[[str], None],
    deadline: threading.Timer,
) -> int:
    notifier = Notifier()  # before any child inherits whom to notify
    host, port = settings.address
    reached = access(settings)
    certificate = reached.certificate
    gallery = Gallery(settings.state_dir / "backgrounds")
    files = Files(gallery, albums(settings.state_dir, settings.keep, settings.allow_original))
    terms = Terms(
        reached.policy,
        settings.max_viewers,
        settings.ice,
        settings.encoding,
        settings.allow_original,
        [plugins.make("edge.publishers", spec) for spec in settings.publish],
    )
    stopped = _told_to_stop(deadline)
    app = make_app(make_studio(settings, explicit, gallery), files, terms)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=STOP_TIMEOUT_S)
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
        for line in greeting(host, actual, reached):
            say(line)
        notifier.tell("READY=1")
        trouble = app[STUDIO].pipeline.trouble
        watched = asyncio.create_task(keep_alive(app[BROADCAST], trouble, notifier))
        await stopped.wait()
        notifier.tell("STOPPING=1")
        watched.cancel()
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


def _cannot_listen(listen: str, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"{listen} is in use by another program; stop it, or choose a port with --listen"
    if error.errno == errno.EACCES:
        return f"{listen}: no leave to listen there; choose a port over 1023 with --listen"
    return f"cannot listen at {listen}: {error.strerror or error}"


def configure_logging(level: str) -> None:
    """One line an event, to standard error."""
    logging.basicConfig(
        level=level.upper(),
        stream=sys.stderr,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    for noisy in ("aioice", "aiortc", "libav"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, logging.getLogger().level))
