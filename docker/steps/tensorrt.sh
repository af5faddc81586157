#!/bin/sh
# tensorrt.sh VERSION PACKAGE...: TensorRT with its Python module, of VERSION (a pattern, as apt
# takes it), and PACKAGE... An empty VERSION leaves all of NVIDIA's out: to try a target elsewhere.
#
# L4T=r36.4 in the environment adds the package source of that Jetson Linux.
set -eu
platform=$(dirname "$0")/platform.sh
version=$1
shift
if [ -z "$version" ]; then
    exec sh "$platform"
fi
if [ -n "${L4T:-}" ]; then
    sh "$platform" # certificates, and a Python that fetches the key
    mkdir -p /etc/apt/keyrings /opt/nvidia/l4t-packages
    python3 -c 'import sys, urllib.request; urllib.request.urlretrieve(*sys.argv[1:])' \
        https://repo.download.nvidia.com/jetson/jetson-ota-public.asc /etc/apt/keyrings/jetson.asc
    echo "deb [signed-by=/etc/apt/keyrings/jetson.asc]" \
        "https://repo.download.nvidia.com/jetson/common $L4T main" >/etc/apt/sources.list.d/jetson.list
    # Some of its packages would write the board's boot firmware; in a container there is no board.
    touch /opt/nvidia/l4t-packages/.nv-l4t-disable-boot-fw-update-in-preinstall
fi
# All of one version: its packages ask for each other's exactly.
sh "$platform" "libnvinfer10=$version" "libnvinfer-plugin10=$version" \
    "libnvonnxparsers10=$version" "python3-libnvinfer=$version" "$@"
