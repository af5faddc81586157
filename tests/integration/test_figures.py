"""What the figures say of a real viewer."""

from __future__ import annotations

import re
from pathlib import Path

from tests.integration.contract import SDP, running
from tests.integration.webrtc.webrtc_stand import Watcher


async def test_a_viewers_encoder_and_link_are_in_the_figures(tmp_path: Path) -> None:
    async with running(tmp_path) as contract:
        assert (await contract.call("stats")).json["stages_ms"]["encode"]["p50"] is None
        watcher = Watcher()
        try:
            answer = await contract.call("watch", await watcher.offer(), SDP)
            id = answer.headers["Location"].rpartition("/")[2]
            await watcher.accept(answer.body.decode())
            for _ in range(3):
                await watcher.picture()
            figures = (await contract.call("stats")).json
            assert figures["viewers"] == 1
            assert (
                figures["stages_ms"]["encode"]["p95"] >= figures["stages_ms"]["encode"]["p50"] > 0
            )
            metrics = (await contract.call("metrics")).body.decode()
            (rendition,) = figures["renditions"]
            assert rendition["codec"] == "H264"
            assert rendition["encoder"] == "libx264"
            assert rendition["viewers"] == 1
            assert rendition["pictures"] >= 3 > rendition["keyframes"] >= 1
            assert {e["name"]: e["fault"] for e in figures["encoders"]}["libx264"] is None
        finally:
            await watcher.close()
    sent = re.search(
        r'^edge_viewer_pictures_sent_total{codec="H264",state="connected",viewer="(\w+)"} (\S+)$',
        metrics,
        re.MULTILINE,
    )
    assert sent is not None, metrics
    assert sent[1] == id[:6]
    assert float(sent[2]) >= 3
    assert id not in metrics  # it is what lets go of the connection
    assert 'edge_rendition_keyframes_total{codec="H264",encoder="libx264",' in metrics
    assert re.search(r'^edge_stage_seconds{quantile="0.95",stage="encode"} ', metrics, re.MULTILINE)
