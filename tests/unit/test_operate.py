"""What docs/operate.md says of quotas and versions is what the service has."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from edge.gallery import QUOTA_BYTES, QUOTA_COUNT
from edge.migrations import SETTINGS, known_version
from edge.settings import Settings, load

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "operate.md").read_text()
FLAGS = sorted(set(re.findall(r"`--(keep\.[\w-]+)`", TEXT)))


@pytest.mark.parametrize("flag", FLAGS)
def test_each_quota_is_a_setting(flag: str) -> None:
    settings, _ = load([f"--{flag}", "99"])
    assert getattr(settings.keep, flag.removeprefix("keep.").replace("-", "_")) == 99


def test_the_quotas_are_those_of_the_service() -> None:
    keep = Settings().keep
    assert len(FLAGS) == len(type(keep).model_fields)
    assert f"{keep.snapshots_mb} MB (`--keep.snapshots-mb`)" in TEXT
    assert f"{keep.recordings_mb // 1024} GB (`--keep.recordings-mb`)" in TEXT
    assert f"leave {keep.free_mb} MB of the disk free" in TEXT
    assert f"{QUOTA_BYTES >> 20} MiB and {QUOTA_COUNT} of them" in TEXT


def test_the_version_of_the_settings_file_is_the_one_that_is_known() -> None:
    assert f"`version = {known_version(SETTINGS)}`" in TEXT
