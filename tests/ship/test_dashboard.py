"""The dashboard and Prometheus ask for what the service tells at /metrics."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import CollectorRegistry

from edge.http.status import _Figures, _Links
from edge.stats import STAGES, Stats
from edge.webrtc.viewers import ViewerStats

MONITORING = Path(__file__).resolve().parents[2] / "docker" / "monitoring"
DASHBOARD: dict[str, Any] = json.loads((MONITORING / "grafana" / "edge-matting.json").read_text())
QUERIES = [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]] + [
    each["expr"] for each in DASHBOARD["annotations"]["list"]
]


def told() -> str:
    """What /metrics gives, with every figure there is."""
    stats = Stats()
    for stage in STAGES:
        stats.add(stage, 0.01)
    figures = stats.snapshot(dropped=0, viewers=1)
    spread = {name: 20.0 for name in type(figures.latency_ms).model_fields}
    figures = figures.model_copy(update={"latency_ms": type(figures.latency_ms)(**spread)})
    fields = {"id": "0123456789", "codec": "VP8", "state": "connected"}
    numbers = {"sent": 1, "lost": 0, "rtt_ms": 3.0}
    wanted = ViewerStats.__dataclass_fields__
    rest = dict.fromkeys(set(wanted) - set(fields) - set(numbers), 0)
    registry = CollectorRegistry()
    registry.register(_Figures(figures))
    registry.register(_Links([ViewerStats(**fields, **numbers, **rest)]))  # type: ignore[arg-type]
    return generate_latest(registry).decode()


METRICS = {line.partition("{")[0].split()[0] for line in told().splitlines() if line[:1] != "#"}


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_asks_for_what_is_told(query: str) -> None:
    names = set(re.findall(r"\bedge_\w+", query.replace('job="edge-matting"', "")))
    assert names <= METRICS
    assert names or query.startswith("up{")


def test_a_label_has_a_value_that_is_told() -> None:
    metrics = told()
    for query in QUERIES:
        for label in re.findall(r'(?:quantile|stage)="[^"]+"', query):
            assert label in metrics, query


def test_the_dashboard_shows_all_that_is_told() -> None:
    shown = set(re.findall(r"\bedge_\w+", " ".join(QUERIES)))
    assert {name for name in METRICS if not name.endswith("_created")} == shown


def test_panels_do_not_cover_each_other_and_fill_no_more_than_the_width() -> None:
    covered: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        at = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(at["x"], at["x"] + at["w"])
            for y in range(at["y"], at["y"] + at["h"])
        }
        assert not cells & covered, panel["title"]
        assert at["x"] + at["w"] <= 24
        covered |= cells
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])


def test_the_dashboard_reads_from_the_source_that_is_set_up() -> None:
    (source,) = yaml.safe_load((MONITORING / "grafana" / "datasource.yml").read_text())[
        "datasources"
    ]
    assert {panel["datasource"]["uid"] for panel in DASHBOARD["panels"]} == {source["uid"]}


def test_prometheus_asks_where_compose_lets_the_service_listen() -> None:
    (job,) = yaml.safe_load((MONITORING / "prometheus.yml").read_text())["scrape_configs"]
    assert job["job_name"] == "edge-matting"
    assert job["static_configs"] == [{"targets": ["127.0.0.1:8443"]}]
    assert job["scheme"] == "https"
    assert job["authorization"]["credentials_file"] == "/run/secrets/edge_token"
