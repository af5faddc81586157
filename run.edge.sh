#!/usr/bin/env bash
# Starts the service from this checkout: ./run.edge.sh [ARGUMENTS OF python -m edge]
# The first start makes .venv with the pinned packages; later ones need no network. No root needed.
#
#   --docker     in a container with the image for this machine   (scripts/docker.sh: its options)
#   --install    as a service of systemd, started at boot          (scripts/systemd.sh)
#   --uninstall  no longer
set -euo pipefail

root=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
# shellcheck source=scripts/venv.sh
. "$root/scripts/venv.sh"

case ${1:-} in
    --docker | --install | --uninstall)
        # shellcheck source=scripts/docker.sh
        . "$root/scripts/docker.sh"
        # shellcheck source=scripts/systemd.sh
        . "$root/scripts/systemd.sh"
        case $1 in
            --docker) run_container "${@:2}" ;;
            --install) install_service "${@:2}" ;;
            --uninstall) uninstall_service "${@:2}" ;;
        esac
        exit ;;
esac

if [ "$runtime" = gpu ]; then ensure_venv gpu; else ensure_venv cpu dev; fi

# -I: neither a folder called edge where this was started from, nor a PYTHONPATH meant for other
# programs (ROS sets one), gets in the way.
exec "$venv/bin/python" -I -m edge "$@"
