"""What a report must not hold is taken out, and the rest stays as it is."""

from __future__ import annotations

import json

import pytest

from edge.doctor.bundle.scrub import HIDDEN, Scrubber, secrets_of

SCRUB = Scrubber(
    ["tok-3n_AAAAAAAA", 'p"w/ö rd'],
    {"/home/mary": "~", "mary": "USER", "marys-box": "HOST", "root": "USER", "": "NOTHING"},
)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Open https://10.0.0.7:8443/#token=tok-3n_AAAAAAAA", "Open https://10.0.0.7:8443/#token=***"),
        ("Open https://10.0.0.7:8443/#token=an-older-one", "Open https://10.0.0.7:8443/#token=***"),
        ("stream:rtsp://u:pw@cam/x?token=1234", "stream:rtsp://u:***@cam/x?token=***"),
        ("Authorization: Bearer abcdefgh", "Authorization: Bearer ***"),
        ('rtspsrc user-pw="hunter22" ! x', 'rtspsrc user-pw="***" ! x'),
        ("in /home/mary/clips/a.mp4", "in ~/clips/a.mp4"),
        ("mary@marys-box: started by Mary", "USER@HOST: started by USER"),
        ("summary of maryland", "summary of maryland"),
        ("the root cause in /srv/root/x", "the root cause in /srv/root/x"),
        ("p%22w/%C3%B6%20rd", HIDDEN),
        ("the token opens the service", "the token opens the service"),
        ("OpenVINO 2026.4, 10.16.0.72", "OpenVINO 2026.4, 10.16.0.72"),
    ],
)  # fmt: skip
def test_a_text_loses_its_secrets_and_nothing_else(text: str, wanted: str) -> None:
    assert SCRUB.text(text) == wanted
    assert SCRUB.text(wanted) == wanted


def test_values_lose_them_before_json_escapes_them() -> None:
    value = {"a": ['x p"w/ö rd y', 1, None, True], "/home/mary/k": {"b": 2.5}}
    assert "ö" not in json.dumps(value)  # as it would be searched for in vain
    assert SCRUB.value(value) == {"a": ["x *** y", 1, None, True], "~/k": {"b": 2.5}}


@pytest.mark.parametrize(
    ("spec", "secrets"),
    [
        ("stream:rtsp://mary:p%40ss@cam/live", ["p%40ss"]),
        ("whip:https://:tok@h/live/key12345/whip", ["tok", "live/key12345/whip", "key12345"]),
        ("camera:/dev/video0?fps=30", []),
        ("gstreamer:rtspsrc location=rtsp://[x ! y", []),
        ("auto:", []),
    ],
)  # fmt: skip
def test_the_secrets_of_a_spec(spec: str, secrets: list[str]) -> None:
    assert secrets_of(spec) == secrets
