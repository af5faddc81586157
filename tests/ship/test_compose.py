"""docker/compose.yml and what lies beside it: valid for each profile, and about this service."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from edge.settings import Settings, load

ROOT = Path(__file__).resolve().parents[2]
DOCKER = ROOT / "docker"
COMPOSE = DOCKER / "compose.yml"
FILE: dict[str, Any] = yaml.safe_load(COMPOSE.read_text())
SERVICES: dict[str, dict[str, Any]] = FILE["services"]
OURS = ("cpu", "cuda", "jetpack6", "jetpack7", "ports")
PROFILES = (*OURS, "turn", "mediamtx", "monitoring")


def test_each_profile_is_there_and_nothing_starts_without_one() -> None:
    profiles = [service["profiles"] for service in SERVICES.values()]
    assert {name for names in profiles for name in names} == set(PROFILES)


def test_it_follows_the_compose_specification() -> None:
    checker = Path(sys.executable).with_name("check-jsonschema")
    if not checker.exists():
        pytest.skip("check-jsonschema is not installed (pip install check-jsonschema)")
    done = subprocess.run(
        [checker, "--builtin-schema", "vendor.compose-spec", COMPOSE],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout


def test_no_log_fills_the_disk() -> None:
    for name, service in SERVICES.items():
        options = service["logging"]["options"]
        assert {"max-size", "max-file"} <= set(options), name


def compose() -> list[str]:
    """Docker Compose; its `config` needs no engine."""
    given = os.environ.get("EDGE_COMPOSE")
    if given:
        return [given]
    if (
        shutil.which("docker")
        and subprocess.run(["docker", "compose", "version"], capture_output=True).returncode == 0
    ):
        return ["docker", "compose"]
    pytest.skip("Docker Compose is not installed; EDGE_COMPOSE names a program to take for it")


@pytest.mark.parametrize("profile", PROFILES)
def test_docker_compose_takes_each_profile(profile: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [*compose(), "--file", str(COMPOSE), "--profile", profile, "config", "--format", "json"],
        capture_output=True,
        text=True,
        env={**os.environ, "EDGE_TOKEN": "x" * 32},
    )
    assert done.returncode == 0, done.stderr
    assert "warn" not in done.stderr.lower()
    taken = json.loads(done.stdout)["services"]
    assert set(taken) == {n for n, s in SERVICES.items() if profile in s["profiles"]}


@pytest.mark.parametrize("name", OURS)
def test_the_service_has_no_more_rights_than_run_edge_sh_gives_it(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["device_cgroup_rules"] == ["c 81:* rmw"]
    assert service["volumes"] == ["state:/var/lib/edge-matting", "/dev:/dev"]
    assert "privileged" not in service
    assert (ROOT / service["build"]["dockerfile"]).is_file()


def default(value: str) -> str:
    """A value, with the defaults of the variables in it."""
    return re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", value)


@pytest.mark.parametrize("name", OURS)
def test_the_settings_of_each_profile_are_taken(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable, value in SERVICES[name]["environment"].items():
        monkeypatch.setenv(variable, default(value))
    settings, _ = load([])
    assert settings.address == ("0.0.0.0", 8443)
    if name == "ports":
        assert (
            SERVICES[name]["ports"][1] == f"{settings.ice.udp_ports}:{settings.ice.udp_ports}/udp"
        )


def test_the_example_names_settings_and_variables_that_there_are() -> None:
    names = re.findall(r"^#(\w+)=", (DOCKER / "env.example").read_text(), re.MULTILINE)
    ours = [name for name in names if name.startswith("EDGE_")]
    assert {name[5:].lower() for name in ours} <= set(Settings.model_fields)
    asked = set(re.findall(r"\$\{(\w+):-", COMPOSE.read_text())) - {"EDGE_LISTEN"}
    assert {name for name in asked if not name.endswith("_IMAGE")} == set(names) - set(ours)


def test_what_is_mounted_is_there() -> None:
    for service in SERVICES.values():
        for volume in service["volumes"]:
            source = volume.partition(":")[0]
            if source.startswith("./"):
                assert (DOCKER / source).is_file(), source
            elif not source.startswith("/"):
                assert source in FILE["volumes"], source


def test_without_a_password_nobody_relays_and_nobody_watches() -> None:
    assert '-n "$$TURN_PASSWORD"' in SERVICES["turn"]["command"][0]
    shut = default(SERVICES["mediamtx"]["environment"]["MTX_AUTHINTERNALUSERS_1_PASS"])
    users = yaml.safe_load((DOCKER / "mediamtx" / "mediamtx.yml").read_text())["authInternalUsers"]
    assert users[1]["pass"] == shut == f"sha256:{'A' * 43}="
    publishing = [user for user in users if user["permissions"][0]["action"] == "publish"]
    assert [user["ips"] for user in publishing] == [["127.0.0.1/32", "::1/128"]]


def test_monitoring_listens_for_this_machine_alone() -> None:
    assert "--web.listen-address=127.0.0.1:9090" in SERVICES["prometheus"]["command"]
    assert SERVICES["grafana"]["environment"]["GF_SERVER_HTTP_ADDR"] == "127.0.0.1"
