# shellcheck shell=bash
# Sourced after venv.sh: what the tests of the converter, the trainer and the other runtimes need.
# Without it they skip, and say so. $venv is set by venv.sh.
#
# Two packages are pinned here and not in the lock:
# - torch: an index gives a build of 200 MB (for the CPU, all that the tests use) or one of several
#   GB (with CUDA). The first is taken, the second only with EDGE_TORCH=yes.
# - tensorrt-rtx: its wheels hang on a package that comes as source alone, of some lines.

torch="torch==2.13.0"
tensorrt="tensorrt-rtx==1.7.1.116"

# ensure_tools: 0 if they are all there now; else `why` says what is not.
# shellcheck disable=SC2034,SC2154 # why is read by the caller; venv is set by venv.sh
ensure_tools() {
    why=""
    ready tools || (build tools) || { why="the packages of locks/tools-* cannot be installed"; return 1; }
    has tensorrt_rtx || [ "$(uname -m)" != x86_64 ] || pip_here "$tensorrt" || why="no $tensorrt. "
    has torch || install_torch
    [ -z "$why" ]
}

install_torch() {
    local wanted
    if ! wanted=$(pip_here --only-binary=:all: --dry-run --report - "$torch" 2>/dev/null | names); then
        why+="$torch cannot be had here"
    elif [[ ${EDGE_TORCH:-} != yes && $wanted == *nvidia-* ]]; then
        why+="$torch brings several GB of CUDA here; EDGE_TORCH=yes takes them"
    else
        say "installing $torch"
        pip_here --only-binary=:all: "$torch" || why+="$torch cannot be installed"
    fi
}

# What pip's report would install, a name a line.
# shellcheck disable=SC2154 # set by venv.sh
names() {
    "$venv/bin/python" -I -c 'import json, sys
for each in json.load(sys.stdin)["install"]: print(each["metadata"]["name"])'
}

# shellcheck disable=SC2154 # set by venv.sh
has() { "$venv/bin/python" -I -c "import importlib.metadata as m; m.version('$1')" >/dev/null 2>&1; }

pip_here() {
    PIP_DISABLE_PIP_VERSION_CHECK=1 "$venv/bin/python" -I -m pip install --quiet "$@"
}
