"""``/healthz`` for whoever restarts services, ``/metrics`` for Prometheus."""

from __future__ import annotations

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector, CollectorRegistry

from edge.http.keys import STUDIO, VIEWERS
from edge.http.state import figures
from edge.state import Health, StatsState
from edge.webrtc.viewers import ViewerStats

routes = web.RouteTableDef()


@routes.get("/healthz")
async def healthz(request: web.Request) -> web.Response:
    pipeline = request.app[STUDIO].pipeline
    if not pipeline.alive:
        health = Health(status="failed", reason="a thread is gone; restart the service")
    else:
        reason = pipeline.trouble()
        health = Health(status="degraded" if reason else "ok", reason=reason)
    return web.json_response(
        text=health.model_dump_json(), status=503 if health.status == "failed" else 200
    )


@routes.get("/metrics")
async def metrics(request: web.Request) -> web.Response:
    registry = CollectorRegistry()
    registry.register(_Figures(figures(request.app)))
    registry.register(_Links(await request.app[VIEWERS].stats()))
    return web.Response(
        body=generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_LATEST}
    )


class _Figures(Collector):
    """The figures of one moment, in Prometheus' units: seconds, bytes, ratios."""

    def __init__(self, stats: StatsState) -> None:
        self._stats = stats

    def collect(self) -> list[Metric]:
        stats = self._stats
        metrics: list[Metric] = [
            CounterMetricFamily("edge_frames_captured", "Frames captured", stats.captured),
            CounterMetricFamily("edge_frames_dropped", "Frames never shown", stats.dropped),
            CounterMetricFamily("edge_composites", "Matted pictures published", stats.composited),
            CounterMetricFamily("edge_slates", "Slates published", stats.slates),
            GaugeMetricFamily("edge_fps", "Composites per second", stats.fps),
            GaugeMetricFamily("edge_viewers", "Viewers connected", stats.viewers),
            GaugeMetricFamily(
                "edge_foreground_coverage_ratio", "Part in front", stats.foreground.coverage
            ),
            GaugeMetricFamily("edge_resident_memory_bytes", "Resident memory", stats.rss_mb * 1e6),
            GaugeMetricFamily("edge_uptime_seconds", "Since the start", stats.uptime_s),
        ]
        latency = GaugeMetricFamily(
            "edge_latency_seconds", "From capture to composite", labels=["quantile"]
        )
        stages = GaugeMetricFamily(
            "edge_stage_seconds", "Time of a stage", labels=["stage", "quantile"]
        )
        for name, value in stats.latency_ms.model_dump().items():
            if value is not None:
                latency.add_metric([f"0.{name[1:]}"], value / 1e3)
        for stage, spread in stats.stages_ms.items():
            for name, value in spread.model_dump().items():
                if value is not None:
                    stages.add_metric([stage, f"0.{name[1:]}"], value / 1e3)
        return [*metrics, latency, stages, *_renditions(stats), *_publishers(stats)]


def _renditions(stats: StatsState) -> list[Metric]:
    labels = ["codec", "view", "encoder", "height"]
    aimed = GaugeMetricFamily("edge_rendition_bitrate", "Bits a second aimed at", labels=labels)
    pictures = CounterMetricFamily("edge_rendition_pictures", "Pictures encoded", labels=labels)
    keys = CounterMetricFamily("edge_rendition_keyframes", "Key frames among them", labels=labels)
    sums: dict[tuple[str, ...], list[int]] = {}  # splits at two positions have the same labels
    for one in stats.renditions:
        total = sums.setdefault((one.codec, one.view, one.encoder, str(one.height)), [0, 0, 0])
        for index, value in enumerate((one.bitrate_bps, one.pictures, one.keyframes)):
            total[index] += value
    for values, total in sums.items():
        aimed.add_metric(values, total[0])
        pictures.add_metric(values, total[1])
        keys.add_metric(values, total[2])
    return [aimed, pictures, keys]


def _publishers(stats: StatsState) -> list[Metric]:
    live = GaugeMetricFamily("edge_publisher_live", "1: it takes pictures", labels=["publisher"])
    sent = CounterMetricFamily(
        "edge_publisher_pictures_sent", "Pictures it took", labels=["publisher"]
    )
    for one in stats.publishers:
        live.add_metric([one.name], one.status == "live")
        sent.add_metric([one.name], one.sent)
    return [live, sent]


class _Links(Collector):
    """How each viewer fares. Of its id only the beginning: the whole ends its connection."""

    def __init__(self, viewers: list[ViewerStats]) -> None:
        self._viewers = viewers

    def collect(self) -> list[Metric]:
        labels = ["viewer", "codec", "state"]
        sent = CounterMetricFamily(
            "edge_viewer_pictures_sent", "Pictures sent to a viewer", labels=labels
        )
        lost = GaugeMetricFamily(
            "edge_viewer_packets_lost", "Packets that a viewer says it missed", labels=labels
        )
        rtt = GaugeMetricFamily(
            "edge_viewer_round_trip_seconds", "Of the network, as a viewer tells", labels=labels
        )
        for viewer in self._viewers:
            values = [viewer.id[:6], viewer.codec, viewer.state]
            sent.add_metric(values, viewer.sent)
            lost.add_metric(values, viewer.lost)
            if viewer.rtt_ms is not None:
                rtt.add_metric(values, viewer.rtt_ms / 1e3)
        return [sent, lost, rtt]
