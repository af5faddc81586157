#!/usr/bin/env bash
# Builds the image `cpu` without a Docker engine, and tries it out: scripts/image.sh ARCH [LOCK]
#
#   ARCH  amd64 or arm64; the one that is not this machine's runs under QEMU
#   LOCK  cpu (the default) or openvino
#
# buildah builds it on Debian 12 from debootstrap; then the service starts inside, says that it is
# well, and sends a matted frame over WebRTC. The last line on standard output is JSON: what was
# seen, and how large the image is. Needs root and Debian's buildah and debootstrap, for the other
# architecture also qemu-user-static and binfmt-support. Status 77: they are missing; says which.
#
# EDGE_DEBIAN  the mirror to take Debian from
set -euo pipefail

root=$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")
arch=${1:-} lock=${2:-cpu}
base=localhost/edge-matting-base:$arch
image=localhost/edge-matting:$lock-$arch
within_s=300
export BUILDAH_ISOLATION=chroot

say() { printf 'image.sh: %s\n' "$*" >&2; }
skip() {
    say "$*"
    exit 77
}

require() {
    case $arch in amd64 | arm64) ;; *) say "wanted amd64 or arm64, found '$arch'"; exit 2 ;; esac
    [ "$(id -u)" = 0 ] || skip "root is needed, to make a file system with its own users"
    local tool
    for tool in buildah debootstrap; do
        command -v "$tool" >/dev/null || skip "$tool is not installed: sudo apt-get install $tool"
    done
    [ "$arch" = "$(dpkg --print-architecture)" ] || emulate "$@"
}

# The other architecture: in a mount namespace where /sys does not describe this machine's cores,
# which ONNX Runtime would take for its own, and crash.
emulate() {
    within_s=1800
    local machine=aarch64 mounted=/proc/sys/fs/binfmt_misc
    [ "$arch" = arm64 ] || machine=x86_64
    [ -e "$mounted/register" ] || mount -t binfmt_misc binfmt_misc "$mounted" ||
        skip "this kernel runs no programs of other machines (binfmt_misc)"
    [ -e "$mounted/qemu-$machine" ] || update-binfmts --enable "qemu-$machine" 2>/dev/null ||
        skip "QEMU is not installed: sudo apt-get install qemu-user-static binfmt-support"
    [ -n "${EDGE_IMAGE_NAMESPACE:-}" ] ||
        EDGE_IMAGE_NAMESPACE=yes exec unshare --mount "$0" "$@"
    mount -t tmpfs none /sys/devices/system/cpu
}

make_base() {
    buildah inspect --type image "$base" >/dev/null 2>&1 || install_debian
    container=$(buildah from --arch "$arch" "$base") || skip "buildah has no room for images here"
    buildah run "$container" -- true 2>"$work/log" ||
        skip "buildah runs nothing here: $(tail -n 1 "$work/log")"
    buildah rm "$container" >/dev/null
    container=""
}

install_debian() {
    say "making a Debian 12 for $arch"
    debootstrap --variant=minbase --arch="$arch" bookworm "$work/base" \
        "${EDGE_DEBIAN:-http://deb.debian.org/debian}" >"$work/log" 2>&1 ||
        { tail -n 5 "$work/log" >&2; skip "Debian cannot be had"; }
    rm -rf "$work"/base/var/cache/apt/archives/*.deb "$work"/base/var/lib/apt/lists/*
    container=$(buildah from --arch "$arch" scratch) || skip "buildah has no room for images here"
    buildah copy --quiet "$container" "$work/base" / >/dev/null
    buildah config --arch "$arch" "$container"
    buildah commit --quiet --rm "$container" "$base" >/dev/null
    rm -rf "$work/base"
}

build() {
    say "building $image"
    # pip there trusts whom this machine trusts: it may sit behind a proxy that ends TLS.
    buildah bud --arch "$arch" --format docker --layers \
        --secret id=ca,src=/etc/ssl/certs/ca-certificates.crt \
        --build-arg "BASE=$base" --build-arg "LOCK=$lock" \
        --build-arg "REVISION=$(git -C "$root" describe --always --dirty 2>/dev/null || echo unknown)" \
        --file "$root/docker/cpu.Dockerfile" --tag "$image" "$root" >"$work/log" 2>&1 ||
        { tail -n 20 "$work/log" >&2; say "the image does not build"; exit 1; }
}

# try_out: the service inside, as the image's user, with the volume for its state.
try_out() {
    say "trying it out"
    install -d -m 0750 -o 10001 -g 10001 "$work/state"
    container=$(buildah from "$image")
    buildah run --volume "$work/state:/var/lib/edge-matting" \
        --volume "$root/tests/ship/inside.py:/tmp/inside.py:ro" "$container" -- \
        /opt/edge-matting/venv/bin/python -I /tmp/inside.py "$within_s" >"$work/seen"
}

# What is left in it that could build or install something.
tools_left() {
    local mounted
    mounted=$(buildah mount "$container")
    find "$mounted"/usr/bin "$mounted"/opt/edge-matting/venv/bin \
        \( -name '*gcc*' -o -name 'cc' -o -name 'pip*' -o -name 'ld' -o -name 'make' \) -printf '%f '
    buildah umount "$container" >/dev/null
}

size() { buildah images --json "$1" | sed -n 's/.*"size": "\([0-9.]* [KMG]B\)".*/\1/p' | head -n 1; }

work=$(mktemp -d)
container=""
finish() {
    [ -z "$container" ] || buildah rm "$container" >/dev/null
    rm -rf "$work"
}
trap finish EXIT
require "$@"
make_base
build
try_out
printf '{"image": "%s", "size": "%s", "base": "%s", "tools": "%s", "seen": %s}\n' \
    "$image" "$(size "$image")" "$(size "$base")" "$(tools_left)" "$(tail -n 1 "$work/seen")"
