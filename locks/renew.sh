#!/usr/bin/env bash
# Renews the pinned, hashed dependency locks beside this script from pyproject.toml.
#
#   locks/renew.sh              newest versions that pyproject.toml allows
#   locks/renew.sh --keep       keep what is pinned; only add what pyproject.toml newly asks for
#
# One lock per Python version and purpose: cpu is the service, gpu the service on an NVIDIA card,
# dev is cpu plus what the tests need, at the very same versions, so that adding dev to a cpu
# environment changes nothing the service runs on; tools is dev plus what the converter's and the
# trainer's tests need, but for torch: scripts/tools.sh says why. For containers: openvino is cpu
# plus OpenVINO, jetpack6 and jetpack7 are cpu plus CUDA for the Python of that Jetson.
#
# A lock has no markers and no index address: it must come out the same for x86_64 and aarch64,
# from wheels alone, for glibc 2.35 (Ubuntu 22.04, JetPack 6) and newer. This script checks that.
# Needs uv (pip install uv) and the public package index; local pip and uv settings are set aside,
# so that no private index leaks into the result.
set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
root=$(dirname "$here")
uv=$(command -v uv || echo "$root/.venv/bin/uv")
index=(${LOCK_INDEX:+--default-index "$LOCK_INDEX"}) # the public package index unless one is named
floor=manylinux_2_35
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

[ -x "$uv" ] || { echo "renew: uv not found; pip install uv" >&2; exit 1; }
keep=${1:-}
case $keep in "" | --keep) ;; *) echo "renew: no such option: $keep" >&2; exit 2 ;; esac

# lock NAME PYTHON ARCH... -- EXTRA-ARGUMENTS...: resolve once per machine; all must agree.
lock() {
    local name=$1 python=$2 arch file=$here/$1-py${2/./}.txt first=""
    shift 2
    local arches=()
    while [ "$1" != -- ]; do arches+=("$1"); shift; done
    shift
    for arch in "${arches[@]}"; do
        local out=$work/$name-$python-$arch.txt
        if [ "$keep" = --keep ] && [ -f "$file" ]; then cp "$file" "$out"; fi
        env -u UV_INDEX -u UV_EXTRA_INDEX_URL -u UV_FIND_LINKS -u UV_DEFAULT_INDEX \
            "$uv" pip compile --quiet --no-config --no-python-downloads \
            "${index[@]}" --no-emit-index-url \
            --python-version "$python" --python-platform "$arch-$floor" \
            --only-binary :all: --generate-hashes --no-annotate --no-header \
            "$@" --output-file "$out" "$root/pyproject.toml" >"$work/log" 2>&1 ||
            { cat "$work/log" >&2; echo "renew: $name for Python $python on $arch has no solution" >&2; exit 1; }
        first=${first:-$out}
        cmp -s "$first" "$out" ||
            { diff "$first" "$out" >&2 || true; echo "renew: $name-$python differs between machines" >&2; exit 1; }
    done
    {
        echo "# Pinned by locks/renew.sh for $name on Python $python (${arches[*]}). Do not edit."
        cat "$first"
    } >"$file"
    echo "$(basename "$file"): $(grep -c == "$file") packages"
}

for python in 3.10 3.11 3.12 3.13; do
    lock cpu "$python" x86_64 aarch64 -- --extra cpu
    lock gpu "$python" x86_64 -- --extra gpu
    lock dev "$python" x86_64 aarch64 -- --extra cpu --extra dev \
        --constraints "$here/cpu-py${python/./}.txt"
    lock tools "$python" x86_64 -- --extra cpu --extra dev --extra tools --extra openvino \
        --constraints "$here/dev-py${python/./}.txt"
    lock openvino "$python" x86_64 aarch64 -- --extra cpu --extra openvino \
        --constraints "$here/cpu-py${python/./}.txt"
done
echo "cuda-bindings<13" >"$work/cuda12" # its major version is CUDA's
echo "cuda-bindings>=13" >"$work/cuda13"
lock jetpack6 3.10 aarch64 -- --extra cpu --extra cuda \
    --constraints "$here/cpu-py310.txt" --constraints "$work/cuda12"
lock jetpack7 3.12 aarch64 -- --extra cpu --extra cuda \
    --constraints "$here/cpu-py312.txt" --constraints "$work/cuda13"
