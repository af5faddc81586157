#!/bin/sh
# packages.sh LOCK FOLDER: an environment in FOLDER with exactly the wheels of LOCK for the
# distribution's Python, and nothing that could install more.
set -eu
lock=$1 folder=$2
export DEBIAN_FRONTEND=noninteractive
apt-get update
apt-get install --yes --no-install-recommends binutils python3-venv

version=$(python3 -c 'import sys; print("%d%d" % sys.version_info[:2])')
file=$(dirname "$0")/../../locks/$lock-py$version.txt
[ -f "$file" ] || { echo "no lock '$lock' for Python $version: take another base" >&2; exit 1; }

# The system's packages show through: TensorRT and GStreamer are the distribution's.
python3 -m venv --system-site-packages "$folder"
# A network that ends TLS itself: its certificates come as a build secret, and stay out of the image.
[ ! -f /run/secrets/ca ] || export PIP_CERT=/run/secrets/ca
pip() { "$folder/bin/python" -I -m pip --disable-pip-version-check --no-input "$@"; }
pip install --no-cache-dir --no-compile --ignore-installed --require-hashes --only-binary=:all: \
    --requirement "$file"

# What only these packages' own tests, builds, converters and type checkers read.
cd "$("$folder/bin/python" -I -c 'import sysconfig; print(sysconfig.get_path("purelib"))')"
find . -depth -type d \( -name tests -o -name include \) -exec rm -rf {} +
find . -type f \( -name '*.pyi' -o -name '*.pxd' -o -name '*.a' \) -delete
rm -rf onnxruntime/tools onnxruntime/transformers onnxruntime/quantization onnx/backend/test \
    onnx/reference numpy/f2py numpy/distutils
[ ! -d onnx ] || find onnx -type f \( -name '*.h' -o -name '*.cc' -o -name '*.proto' \) -delete
# ONNX Runtime's library for C: its Python module has all of it in itself.
rm -f onnxruntime/capi/libonnxruntime.so*
# Debug symbols of extension modules. What lies in *.libs was patched, and strip would break it.
find . -name '*.so' -type f -not -path '*.libs/*' -exec strip --strip-unneeded {} +

echo /opt/edge-matting/app >edge-matting.pth
rm -rf setuptools* pkg_resources _distutils_hack distutils-precedence.pth # of older Pythons' venv
pip uninstall --yes pip
find "$folder/bin" -type f -not -name 'python*' -delete
find "$folder" -name __pycache__ -exec rm -rf {} +
