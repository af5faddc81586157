"""Network cameras for tests, good and bad ones."""

from __future__ import annotations

import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import cv2

from edge.sources import bars

BOUNDARY = "frame"


class MjpegServer:
    """
    MJPEG over HTTP, as cheap cameras have it; 30 frames a second of ``bars``.

    Attributes:
        silent: while set, the connection stays, and nothing comes.
        size: of the next picture.
    """

    def __init__(self, size: tuple[int, int], path: str = "/video") -> None:
        self.size = size
        self.silent = threading.Event()
        self._stopping = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}{path}"

    def __enter__(self) -> MjpegServer:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._server.shutdown()
        self._server.server_close()

    def pictures(self, handler: BaseHTTPRequestHandler) -> None:
        """Send pictures until the client or the test has enough."""
        index = 0
        while not self._stopping.wait(1 / 30):
            if self.silent.is_set():
                continue
            coded = cv2.imencode(".jpg", bars.paint(index, self.size)[:, :, ::-1])[1].tobytes()
            head = (
                f"--{BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(coded)}\r\n\r\n"
            )
            try:
                handler.wfile.write(head.encode() + coded + b"\r\n")
            except OSError:
                return
            index += 1

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:  # noqa: N802 - http.server's name
                if self.path.startswith("/private"):
                    self.send_error(401)
                    return
                self.send_response(200)
                self.send_header("Content-Type", f"multipart/x-mixed-replace; boundary={BOUNDARY}")
                self.end_headers()
                server.pictures(self)

            def log_message(self, format: str, *arguments: Any) -> None:
                pass

        return Handler


class SilentServer:
    """Accepts connections and never says a word, as a host that has died half."""

    def __enter__(self) -> SilentServer:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()
