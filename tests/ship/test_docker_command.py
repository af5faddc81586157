"""``./run.edge.sh --docker`` picks the image that fits the machine, and passes what it needs."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from tests.ship.machines import Machine


@pytest.fixture
def pc(tmp_path: Path) -> Machine:
    return Machine(tmp_path, "x86_64")


@pytest.fixture
def board(tmp_path: Path) -> Machine:
    return Machine(tmp_path, "aarch64")


def test_a_pc_without_a_gpu_runs_on_its_cpu(pc: Machine) -> None:
    command = pc.dry_run()
    assert command.image == "edge-matting:cpu"
    assert not command.has("--gpus")
    assert not command.has("--runtime")
    assert "image edge-matting:cpu, because no NVIDIA GPU was found" in command.said


def test_a_board_that_is_no_jetson_runs_on_its_cpu(board: Machine) -> None:
    assert board.dry_run().image == "edge-matting:cpu"


@pytest.mark.parametrize(
    ("major", "minor", "image"),
    [(36, "3.0", "jetpack6"), (36, "4.7", "jetpack6"), (38, "2.0", "jetpack7")]
    + [(39, "1.0", "jetpack7"), (40, "0.1", "jetpack7")],
)
def test_a_jetson_runs_the_image_of_its_jetpack(
    board: Machine, major: int, minor: str, image: str
) -> None:
    command = board.jetson(major, minor).dry_run()
    assert command.image == f"edge-matting:{image}"
    assert command.values("--runtime") == ["nvidia"]
    assert f"Jetson Linux {major}.{minor}" in command.said


def test_a_jetson_is_known_by_its_packages_alone(board: Machine) -> None:
    assert board.jetson_by_package("36.4.3").dry_run().image == "edge-matting:jetpack6"


def test_a_jetson_with_an_old_jetpack_is_told_to_update(board: Machine) -> None:
    done = board.jetson(35, "6.0").start("--dry-run")
    assert done.returncode == 1
    assert "Jetson Linux 35.6.0 is older than JetPack 6" in done.stderr
    assert board.dry_run("--image", "cpu").image == "edge-matting:cpu"


def test_another_machine_is_refused(tmp_path: Path) -> None:
    done = Machine(tmp_path, "riscv64").start("--dry-run")
    assert done.returncode == 1
    assert "this machine is riscv64" in done.stderr


def test_a_pc_with_a_gpu_runs_on_it(pc: Machine) -> None:
    command = pc.nvidia_gpu(passed=True).dry_run()
    assert command.image == "edge-matting:cuda"
    assert command.values("--gpus") == ["all"]


def test_a_gpu_that_docker_cannot_pass_is_told(pc: Machine) -> None:
    command = pc.nvidia_gpu(passed=False).dry_run()
    assert command.image == "edge-matting:cpu"
    assert "install nvidia-container-toolkit" in command.said


def test_an_unknown_image_is_refused(pc: Machine) -> None:
    done = pc.start("--dry-run", "--image", "tpu")
    assert done.returncode == 1
    assert "no image 'tpu'" in done.stderr


def test_a_camera_may_come_and_go(pc: Machine) -> None:
    command = pc.dry_run()
    assert "/dev:/dev" in command.values("--volume")
    assert command.values("--device-cgroup-rule") == ["c 81:* rmw"]


def test_the_groups_of_cameras_and_gpu_are_this_machines(pc: Machine) -> None:
    for device in ("/dev/video0", "/dev/video1", "/dev/dri/renderD128"):
        node = pc.file(device)
        if os.geteuid() == 0:
            os.chown(node, 0, 991)
    command = pc.dry_run()
    group = node.stat().st_gid
    assert command.values("--group-add") == ([str(group)] if group else [])
    assert "c 226:* rmw" in command.values("--device-cgroup-rule")


def test_csi_cameras_of_a_jetson_are_reached(board: Machine) -> None:
    board.jetson(36, "4.7").file("/tmp/here")
    with socket.socket(socket.AF_UNIX) as daemon:
        before = Path.cwd()
        os.chdir(board.root / "tmp")  # the path of a socket is short
        try:
            daemon.bind("argus_socket")
        finally:
            os.chdir(before)
        assert "/tmp/argus_socket:/tmp/argus_socket" in board.dry_run().values("--volume")


def test_the_container_can_write_its_state_and_nothing_else(pc: Machine) -> None:
    command = pc.dry_run()
    assert command.has("--read-only")
    assert command.values("--cap-drop") == ["ALL"]
    assert command.values("--security-opt") == ["no-new-privileges"]
    assert "edge-matting:/var/lib/edge-matting" in command.values("--volume")


def test_it_listens_where_the_service_would_without_a_container(pc: Machine) -> None:
    assert pc.dry_run().values("--network") == ["host"]
    assert pc.dry_run().values("--env") == ["EDGE_LISTEN=127.0.0.1:8080"]


@pytest.mark.parametrize("words", [["--listen", "0.0.0.0:8443"], ["--listen=0.0.0.0:8443"]])
def test_where_to_listen_is_told_so_that_the_health_check_knows_it_too(
    pc: Machine, words: list[str]
) -> None:
    command = pc.dry_run(*words, "--mirror")
    assert command.values("--env") == ["EDGE_LISTEN=0.0.0.0:8443"]
    assert command.service == ["serve", "--mirror"]


def test_settings_of_the_environment_go_in_and_no_secret_is_shown(pc: Machine) -> None:
    command = pc.dry_run(EDGE_TOKEN="hunter22", EDGE_ICE__UDP_PORTS="5-6", EDGE_STATE_DIR="/x")
    assert sorted(command.values("--env")[1:]) == ["EDGE_ICE__UDP_PORTS", "EDGE_TOKEN"]
    assert "hunter22" not in " ".join(command.words) + command.said


def test_a_settings_file_goes_in(pc: Machine, tmp_path: Path) -> None:
    file = tmp_path / "my edge.toml"
    file.write_text("mirror = true\n")
    command = pc.dry_run("--config", str(file))
    assert f"{file}:/etc/edge-matting.toml:ro" in command.values("--volume")
    assert "EDGE_CONFIG=/etc/edge-matting.toml" in command.values("--env")


def test_a_settings_file_that_is_missing_is_told(pc: Machine) -> None:
    done = pc.start("--dry-run", "--config", "/nowhere.toml")
    assert done.returncode == 1
    assert "no settings file at /nowhere.toml" in done.stderr


def test_arguments_with_blanks_stay_whole(pc: Machine) -> None:
    command = pc.dry_run("--source", "file:/media/my talk.mp4")
    assert command.service == ["serve", "--source", "file:/media/my talk.mp4"]


def test_it_stays_after_a_reboot_where_that_was_asked(pc: Machine) -> None:
    assert pc.dry_run("--detach").values("--restart") == ["unless-stopped"]
    assert not pc.dry_run("--detach").has("--rm")


def test_the_log_of_a_container_that_stays_is_limited(pc: Machine) -> None:
    command = pc.dry_run("--detach")
    assert command.values("--log-driver") == ["local"]
    assert command.values("--log-opt") == ["max-size=10m", "max-file=3"]
    assert pc.dry_run().has("--rm")


def test_further_options_of_docker_are_passed(pc: Machine) -> None:
    command = pc.dry_run(EDGE_DOCKER_OPTIONS="--volume /media:/media:ro --cpus 2")
    assert "/media:/media:ro" in command.values("--volume")
    assert command.values("--cpus") == ["2"]


def test_without_docker_one_line_says_what_to_do(pc: Machine) -> None:
    done = pc.start()
    assert done.returncode == 1
    assert "Docker does not answer: install and start it" in done.stderr.splitlines()[-1]


DOCKER = """\
#!/bin/sh
echo "$@" >>"$CALLS"
case "$1 $2" in
    "image inspect") {inspect} ;;
    "container inspect") exit 1 ;;
    "build --file") {build} ;;
esac
"""


def calls(pc: Machine, inspect: str, build: str = "exit 0") -> tuple[list[str], str]:
    """The first two words of each call of Docker, and what was said."""
    pc.checkout.add_tool("docker", DOCKER.format(inspect=inspect, build=build))
    done = pc.start()
    return [" ".join(call.split()[:2]) for call in pc.checkout.calls()], done.stderr


def test_the_image_is_built_where_it_is_missing_and_then_run(pc: Machine) -> None:
    made, _ = calls(pc, inspect="exit 1")
    assert made[-4:] == ["build --file", "rm edge-matting", "container inspect", "run --name"]


def test_the_image_of_this_checkout_is_not_built_again(pc: Machine) -> None:
    pc.checkout.add_tool("git", "#!/bin/sh\necho abc123\n")
    made, said = calls(pc, inspect="echo abc123")
    assert "build --file" not in made
    assert made[-1] == "run --name"
    assert "running: docker run --name edge-matting" in said


def test_an_old_image_serves_where_a_new_one_cannot_be_built(pc: Machine) -> None:
    pc.checkout.add_tool("git", "#!/bin/sh\necho def456\n")
    made, said = calls(pc, inspect="echo abc123", build="exit 1")
    assert made[-1] == "run --name"
    assert "going on with the one of abc123" in said


def test_nothing_runs_where_no_image_can_be_built(pc: Machine) -> None:
    made, said = calls(pc, inspect="exit 1", build="exit 1")
    assert made[-1] == "build --file"
    assert "the image could not be built" in said
