#!/usr/bin/env bash
# Runs all checks of this checkout: ./run.tests.sh [ARGUMENTS OF pytest]
# Adds the tests' packages to .venv, next to the service's, which stay as they are. Root is asked
# for only to install Chromium, and only where there is none; without it the page's tests skip.
set -euo pipefail

root=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
EDGE_RUNTIME=cpu
# shellcheck source=scripts/venv.sh
. "$root/scripts/venv.sh"
# shellcheck source=scripts/apt.sh
. "$root/scripts/apt.sh"
# shellcheck source=scripts/tools.sh
. "$root/scripts/tools.sh"

ensure_venv dev tools
ensure_tools || say "no tests of the converter and the trainer: $why"

have_chromium() {
    local name
    for name in chromium chromium-browser google-chrome; do # as tests/browser looks for it
        ! command -v "$name" >/dev/null || return 0
    done
    return 1
}

have_chromium || apt_install chromium || say "no browser tests: $why"

TOLD=60 # lines of the end of what failed
# All of them run, whatever the first ones say. What failed is said once more at the end, where it is looked for.
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT
failed=()
check() {
    local log="$logs/${#failed[@]}"
    "$venv/bin/python" -I -m "$@" 2>&1 | tee "$log" || failed+=("$*")
}
cd "$root"
check ruff check .
check ruff format --check .
rooms=(edge bench)
! has torch || rooms+=(convert train) # their types are torch's
check mypy --strict "${rooms[@]}"
# Converter, trainer and bench are tested in processes of their own: torch, OpenVINO, ONNX Runtime and
# TensorRT each bring their threads and their OpenMP, and a process that held all of them while the
# trainer started its children, or with GStreamer beside them, has crashed.
if [ $# = 0 ]; then
    for room in tests/unit/bench tests/unit/convert tests/unit/train; do
        set -- "$@" "--ignore=$room"
        case $room in
            tests/unit/bench) check pytest "$room" ;;
            *) ! has torch || check pytest "$room" ;;
        esac
    done
fi
check pytest "$@"
for number in "${!failed[@]}"; do
    say "failed: ${failed[number]}"
    tail -n "$TOLD" "$logs/$number"
done
[ ${#failed[@]} = 0 ]
