#!/usr/bin/env bash
# manager.sh: a systemd user manager of its own, for as long as its standard input is open.
# Started in a mount namespace of its own; XDG_RUNTIME_DIR and HOME are the test's.
set -euo pipefail

# A user manager runs only where systemd is in charge, and knows that by this folder.
mount -t tmpfs none /run/systemd 2>/dev/null || { mkdir -p /run/systemd; mount -t tmpfs none /run/systemd; }
mkdir /run/systemd/system
umount -R /sys/fs/cgroup
mount -t cgroup2 none /sys/fs/cgroup
group=/sys/fs/cgroup/edge-matting-test-$$
mkdir "$group"
echo $$ >"$group/cgroup.procs"

"$1" --user --log-target=null &
manager=$!
finish() {
    kill "$manager" 2>/dev/null || true
    wait "$manager" || true
    echo $$ >/sys/fs/cgroup/cgroup.procs
    find "$group" -depth -type d -exec rmdir {} +
}
trap finish EXIT
cat >/dev/null
