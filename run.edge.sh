#!/usr/bin/env bash
# Starts the service from this checkout: ./run.edge.sh [ARGUMENTS OF python -m edge]
# The first start makes .venv with the pinned packages; later ones need no network. No root needed.
set -euo pipefail

root=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
# shellcheck source=scripts/venv.sh
. "$root/scripts/venv.sh"

if [ "$runtime" = gpu ]; then ensure_venv gpu; else ensure_venv cpu dev; fi

# -I: neither a folder called edge where this was started from, nor a PYTHONPATH meant for other
# programs (ROS sets one), gets in the way.
exec "$venv/bin/python" -I -m edge "$@"
