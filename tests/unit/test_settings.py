from __future__ import annotations

from pathlib import Path

import pytest

from edge.errors import InputError
from edge.settings import load


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EDGE_SOURCE", raising=False)


def test_the_command_line_wins_over_environment_file_and_defaults(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "edge.toml"
    file.write_text('source = "demo:"\nmirror = true\nmax_viewers = 3\n[matte]\nthreshold = 0.4\n')
    monkeypatch.setenv("EDGE_MAX_VIEWERS", "5")
    monkeypatch.setenv("EDGE_MATTE__TEMPORAL", "0.2")
    settings, explicit = load(["--source", "presenter:"], file)
    assert settings.source == "presenter:"
    assert settings.mirror is True
    assert settings.max_viewers == 5
    assert (settings.matte.threshold, settings.matte.temporal) == (0.4, 0.2)
    assert explicit == {"source"}


def test_flags_reach_into_groups() -> None:
    settings, explicit = load(["--matte.threshold", "0.3", "--ice.udp-ports", "50000-50100"])
    assert settings.matte.threshold == 0.3
    assert settings.ice.udp_ports == "50000-50100"
    assert "matte" in explicit


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--listen", "nowhere"], "listen.*ADDRESS:PORT"),
        (["--listen", "127.0.0.1:99999"], "listen"),
        (["--max-viewers", "0"], "max_viewers.*'0'"),
        (["--matte.threshold", "7"], "threshold.*'7'"),
        (["--tls-cert", "cert.pem"], "tls_cert and tls_key"),
    ],
)
def test_a_refused_setting_is_named_with_what_is_wanted(arguments: list[str], words: str) -> None:
    with pytest.raises(InputError, match=words):
        load(arguments)


def test_every_wrong_setting_is_told_at_once() -> None:
    with pytest.raises(InputError, match="listen.*max_viewers"):
        load(["--listen", "x", "--max-viewers", "0"])


def test_an_unknown_name_in_the_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "edge.toml"
    file.write_text('sorce = "demo:"\n')
    with pytest.raises(InputError, match="sorce"):
        load([], file)


@pytest.mark.parametrize("text", ["source = ", "\x00"])
def test_a_file_that_is_no_toml_is_told(tmp_path: Path, text: str) -> None:
    file = tmp_path / "edge.toml"
    file.write_text(text)
    with pytest.raises(InputError, match="cannot be read"):
        load([], file)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no settings file"):
        load([], tmp_path / "none.toml")


def test_an_unknown_flag_ends_with_status_2() -> None:
    with pytest.raises(SystemExit) as ended:
        load(["--nonsense"])
    assert ended.value.code == 2


@pytest.mark.parametrize(
    ("listen", "address"),
    [("127.0.0.1:8080", ("127.0.0.1", 8080)), ("[::1]:80", ("::1", 80))],
)
def test_the_address_is_split(listen: str, address: tuple[str, int]) -> None:
    assert load(["--listen", listen])[0].address == address


ONE, OTHER = "whip:https://:token@host/live?a=1,2", "v4l2loopback:/dev/video10?size=640x360"


@pytest.mark.parametrize(
    "arguments", [["--publish", ONE, "--publish", OTHER], ["--publish", f'["{ONE}", "{OTHER}"]']]
)
def test_publishers_are_repeated_or_a_list(arguments: list[str]) -> None:
    assert load(arguments)[0].publish == [ONE, OTHER]


@pytest.mark.parametrize(
    ("written", "read"),
    [(ONE, [ONE]), (f'["{ONE}", "{OTHER}"]', [ONE, OTHER]), ("", [])],
)
def test_publishers_come_from_the_environment_one_or_several(
    written: str, read: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EDGE_PUBLISH", written)
    assert load([])[0].publish == read


@pytest.mark.parametrize("written", [f'"{ONE}"', f'["{ONE}", "{OTHER}"]'])
def test_publishers_come_from_the_file(written: str, tmp_path: Path) -> None:
    file = tmp_path / "edge.toml"
    file.write_text(f"publish = {written}\n")
    assert load([], file)[0].publish[0] == ONE


def test_a_list_of_publishers_that_is_cut_off_is_refused_without_its_token(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("EDGE_PUBLISH", f'["{ONE}')
    with pytest.raises(InputError, match="publish") as refused:
        load([])
    assert "token@" not in str(refused.value)


def test_a_file_for_an_older_version_is_understood_and_stays_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "edge.toml"
    written = 'codec = "vp8"  # ours\n[encoding]\nthreads = 2\n'
    file.write_text(written)
    settings, _ = load([], file)
    assert (settings.encoding.codec, settings.encoding.threads) == ("vp8", 2)
    assert file.read_text() == written


def test_a_file_may_say_its_version(tmp_path: Path) -> None:
    file = tmp_path / "edge.toml"
    file.write_text('version = 2\nsource = "demo:"\n')
    assert load([], file)[0].source == "demo:"
    file.write_text('version = 2\ncodec = "vp8"\n')
    with pytest.raises(InputError, match="codec"):
        load([], file)


def test_a_file_for_a_newer_version_is_refused_in_words(tmp_path: Path) -> None:
    file = tmp_path / "edge.toml"
    file.write_text("version = 99\n")
    with pytest.raises(InputError, match="version 99.*knows"):
        load([], file)
