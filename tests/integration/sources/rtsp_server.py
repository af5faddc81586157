"""A small RTSP camera: H.264 of ``bars`` in RTP, interleaved on its TCP connection (RFC 2326)."""

from __future__ import annotations

import base64
import socket
import struct
import threading
import time
from collections.abc import Iterator
from fractions import Fraction

import av

from edge.sources import bars

FPS, CLOCK_HZ, MTU = 30, 90_000, 1_200
SPS, PPS = 7, 8


class RtspServer:
    """One viewer after the other. ``silent`` stops the pictures, and nothing else."""

    def __init__(self, size: tuple[int, int] = (384, 96)) -> None:
        self.silent = threading.Event()
        self._size = size
        self._stopping = threading.Event()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]

    def __enter__(self) -> RtspServer:
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _serve(self) -> None:
        while not self._stopping.is_set():
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with connection:
                try:
                    self._talk(connection)
                except OSError:
                    continue  # the viewer has gone

    def _talk(self, connection: socket.socket) -> None:
        units = self._units()
        first = next(units)
        with connection.makefile("rb") as requests:
            while line := requests.readline():
                method, url = line.decode().split()[:2]
                headers: dict[str, str] = {}
                while (header := requests.readline().decode().strip()) != "":
                    name, _, value = header.partition(":")
                    headers[name.lower()] = value.strip()
                connection.sendall(self._answer(method, url, headers["cseq"], first[1]))
                if method == "PLAY":
                    self._play(connection, units)
                    return

    def _answer(self, method: str, url: str, cseq: str, units: list[bytes]) -> bytes:
        body, extra = "", ""
        if method == "DESCRIBE":
            sets = [unit for unit in units if unit[0] & 31 in (SPS, PPS)]
            sprop = ",".join(base64.b64encode(unit).decode() for unit in sets)
            body = (
                "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=bars\r\nt=0 0\r\n"
                "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
                f"a=fmtp:96 packetization-mode=1;sprop-parameter-sets={sprop}\r\n"
                "a=control:track\r\n"
            )
            extra = f"Content-Base: {url}/\r\nContent-Type: application/sdp\r\n"
            extra += f"Content-Length: {len(body)}\r\n"
        if method == "SETUP":
            extra = "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\nSession: 1\r\n"
        if method == "PLAY":
            extra = "Session: 1\r\n"
        return f"RTSP/1.0 200 OK\r\nCSeq: {cseq}\r\n{extra}\r\n{body}".encode()

    def _play(self, connection: socket.socket, units: Iterator[tuple[int, list[bytes]]]) -> None:
        number = 0
        begin_s = time.monotonic()
        for index, access_unit in units:
            self._stopping.wait(max(0.0, begin_s + index / FPS - time.monotonic()))
            while self.silent.is_set() and not self._stopping.wait(0.02):
                pass
            if self._stopping.is_set():
                return
            payloads = [part for unit in access_unit for part in _fragments(unit)]
            for payload in payloads:
                last = payload is payloads[-1]
                head = struct.pack(
                    ">BBHII", 128, 96 | last << 7, number & 0xFFFF, index * CLOCK_HZ // FPS, 1
                )
                packet = head + payload
                connection.sendall(struct.pack(">cBH", b"$", 0, len(packet)) + packet)
                number += 1

    def _units(self) -> Iterator[tuple[int, list[bytes]]]:
        """(index, the NAL units of its picture), a key frame every second."""
        encoder = av.CodecContext.create("libx264", "w")
        encoder.width, encoder.height = self._size
        encoder.pix_fmt, encoder.time_base = "yuv420p", Fraction(1, FPS)
        encoder.gop_size = FPS
        encoder.options = {"preset": "ultrafast", "tune": "zerolatency"}
        index = 0
        while True:
            picture = av.VideoFrame.from_ndarray(bars.paint(index, self._size), format="rgb24")
            picture.pts = index
            for packet in encoder.encode(picture):
                annex_b = bytes(packet).replace(b"\0\0\0\1", b"\0\0\1")
                yield index, [unit for unit in annex_b.split(b"\0\0\1") if unit]
            index += 1


def _fragments(unit: bytes) -> list[bytes]:
    """RFC 6184: a NAL unit as it is, or in FU-A fragments."""
    if len(unit) <= MTU:
        return [unit]
    parts = [unit[1:][at : at + MTU] for at in range(0, len(unit) - 1, MTU)]
    indicator, kind = unit[0] & 0xE0 | 28, unit[0] & 31
    return [
        bytes([indicator, (part is parts[0]) << 7 | (part is parts[-1]) << 6 | kind]) + part
        for part in parts
    ]
