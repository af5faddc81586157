# shellcheck shell=bash
# Sourced by run.edge.sh and run.tests.sh, which set `root` to the checkout: an environment with
# exactly the packages of one lock, made at the first start and only looked at afterwards.
#
# The checkout itself is not installed: a .pth file in the environment names it. A build would have
# to fetch a build backend first, which the locks do not pin and a device without network has not.
#
# EDGE_VENV    where the environment goes, when the checkout cannot be written to
# EDGE_RUNTIME cpu (the default) or gpu: ONNX Runtime for an NVIDIA card, in an environment of its
#              own, because the two packages overwrite each other's files

runtime=${EDGE_RUNTIME:-cpu}
venv=${EDGE_VENV:-$root/.venv}
room_kb=1000000 # what an installation needs at most, pip's temporary files included
if [ "$runtime" = gpu ]; then
    venv=${EDGE_VENV:-$root/.venv-gpu}
    room_kb=2000000
fi
stamps=$venv/edge-locks # a file per installed lock; LOCK.unfinished while pip is at work

# Says what an interpreter is: version, 64 bit, C library, able to make environments.
probe='import importlib.util as u, platform, sys
print("%d.%d" % sys.version_info[:2], sys.maxsize > 2**32, platform.libc_ver()[0] or "other",
      all(u.find_spec(m) for m in ("venv", "ensurepip")))'

say() { printf '%s: %s\n' "$(basename "$0")" "$*" >&2; }

die() {
    say "$*"
    exit 1
}

# ensure_venv LOCK [LOCK...]: makes $venv hold LOCK, unless it holds one of these already.
ensure_venv() {
    case $runtime in cpu | gpu) ;; *) die "EDGE_RUNTIME is '$runtime'; wanted cpu or gpu" ;; esac
    if ! ready "$@"; then
        local turn
        exec {turn}<"$root" # a lock on the folder itself leaves no file behind
        if command -v flock >/dev/null && ! flock -n "$turn"; then
            say "another start is making the environment: waiting for it"
            flock "$turn" || true # a file system without locks: go on
        fi
        ready "$@" || build "$1"
        exec {turn}<&- # else the service would hold it
    fi
    link_checkout
}

# ready LOCK...: is one of these installed, whole, as pinned now, and does the interpreter run?
ready() {
    local lock stamp name
    installed_version || return 1
    for lock in "$@"; do
        stamp=$stamps/$lock
        [ -f "$stamp" ] || continue
        {
            read -r name
            [ "$name" = "$(fingerprint "$lock")" ] || continue
            while read -r name; do [ -e "$site/$name" ] || continue 2; done
        } <"$stamp"
        return 0
    done
    return 1
}

# Sets `version` and `site` of the environment; fails if its interpreter does not run.
installed_version() {
    version=$("$venv/bin/python" -I -S -c 'import sys; print("%d.%d" % sys.version_info[:2])' \
        2>/dev/null) || return 1
    site=$venv/lib/python$version/site-packages
}

lock_file() { printf '%s/locks/%s-py%s.txt' "$root" "$1" "${version/./}"; }

fingerprint() {
    local digest
    digest=$(sha256sum "$(lock_file "$1")" 2>/dev/null) || return 1
    printf 'python %s, lock %s\n' "$version" "${digest%% *}"
}

build() {
    local lock=$1 python="" pip_options=()
    require_platform
    if reusable; then
        python=$venv/bin/python
    else
        find_python # sets python and version
    fi
    [ -f "$(lock_file "$lock")" ] ||
        die "there is no lock '$lock' for Python $version: $(lock_file "$lock") is missing"
    require_room
    if [ "$python" != "$venv/bin/python" ]; then
        discard
        attempt mkdir -p "$stamps"
        attempt touch "$stamps/$lock.unfinished"
        # TensorRT and GStreamer come with JetPack, as packages of the system's Python.
        local system=()
        [ ! -f /etc/nv_tegra_release ] || system=(--system-site-packages)
        say "making $venv with Python $version"
        attempt "$python" -I -m venv "${system[@]}" "$venv"
        installed_version || die "$venv was made, but its Python does not run: delete it, try again"
    fi
    attempt mkdir -p "$stamps"
    attempt touch "$stamps/$lock.unfinished"
    install_lock "$lock"
    attempt write_stamp "$lock"
}

# An environment worth adding to: a supported Python, pip, and whole. Where pip was killed while it
# added to a whole one (the tests' packages, say), that is still there: everything is laid over it.
reusable() {
    local unfinished
    installed_version || return 1
    for unfinished in "$stamps"/*.unfinished; do
        [ -e "$unfinished" ] || continue
        ready cpu gpu || return 1
        pip_options=(--ignore-installed)
    done
    case $version in 3.10 | 3.11 | 3.12 | 3.13) ;; *) return 1 ;; esac
    [ -f "$venv/pyvenv.cfg" ] && "$venv/bin/python" -I -c 'import pip' 2>/dev/null
}

# Removes what is left of an environment, and nothing that could be anything else.
discard() {
    [ -e "$venv" ] || [ -L "$venv" ] || return 0
    if [ "$venv" = "${EDGE_VENV:-}" ] && [ ! -f "$venv/pyvenv.cfg" ] && [ ! -d "$stamps" ] &&
        [ -n "$(ls -A "$venv")" ]; then
        die "EDGE_VENV names $venv, which holds other things: name a new folder"
    fi
    [ ! -d "$venv" ] || say "$venv is broken or unfinished: making it anew"
    attempt rm -rf "$venv"
}

require_platform() {
    [ "$(uname -s)" = Linux ] || die "this is $(uname -s); Linux is needed (or a Linux container)"
    case $runtime-$(uname -m) in
        cpu-x86_64 | cpu-aarch64 | gpu-x86_64) ;;
        gpu-aarch64) die "no onnxruntime-gpu is published for aarch64: start without EDGE_RUNTIME" ;;
        *) die "this machine is $(uname -m); x86_64 or aarch64 is needed (a 64-bit system)" ;;
    esac
}

# Sets `python` and `version` to the newest interpreter that will do.
find_python() {
    local name path bits libc venv_module seen="" reason=""
    for name in python3.13 python3.12 python3.11 python3.10 python3; do
        path=$(type -P "$name") || continue
        # A version manager's shim may be there and refuse to run.
        read -r version bits libc venv_module < <("$path" -I -c "$probe" 2>/dev/null) || continue
        seen+=" $version"
        case $version in 3.10 | 3.11 | 3.12 | 3.13) ;; *) continue ;; esac
        if [ "$bits" != True ]; then
            reason="Python $version here is a 32-bit build; a 64-bit system is needed"
        elif [ "$libc" != glibc ]; then
            reason="Python $version here is built without glibc; use Debian, Ubuntu or JetPack"
        elif [ "$venv_module" != True ]; then
            reason="Python $version cannot make environments here: sudo apt-get install"
            reason+=" python3-venv (or python$version-venv), then start again"
        else
            python=$path
            return
        fi
    done
    [ -z "$reason" ] || die "$reason"
    die "Python 3.10 to 3.13 is needed, found:${seen:- none}." \
        "Debian 12, Ubuntu 22.04 and newer: sudo apt-get install python3 python3-venv"
}

require_room() {
    local folder=$venv free_kb
    while [ ! -d "$folder" ]; do folder=$(dirname "$folder"); done
    [ -w "$folder" ] || die "cannot write to $folder: copy the checkout to a folder of yours," \
        "or set EDGE_VENV=FOLDER to make the environment elsewhere"
    free_kb=$(df -Pk "$folder" 2>/dev/null | awk 'NR == 2 { print $4 }') || return 0
    [ "${free_kb:-$room_kb}" -ge "$room_kb" ] ||
        die "the disk is too full: $((free_kb / 1024)) MB free at $folder," \
            "$((room_kb / 1024)) MB needed; free some, or set EDGE_VENV=FOLDER on another disk"
}

install_lock() {
    local file errors
    file=$(lock_file "$1")
    say "installing $(grep -c '==' "$file") pinned packages (first start only; needs the network)"
    exec 3>&2
    # The user's proxy and mirror settings hold; what would install elsewhere does not.
    if ! errors=$( (
        unset PIP_TARGET PIP_PREFIX PIP_ROOT PIP_CONSTRAINT PIP_REQUIREMENT PIP_DRY_RUN
        PIP_USER=0 PIP_NO_INPUT=1 PIP_DISABLE_PIP_VERSION_CHECK=1 "$venv/bin/python" -I -m pip \
            install --progress-bar off "${pip_options[@]}" --require-hashes --only-binary=:all: \
            -r "$file" | downloads >&3
    ) 2>&1); then
        die "$(explain "$errors")"
    fi
    exec 3>&-
}

# Of pip's many lines, those that show it is getting on.
downloads() {
    local word line
    while read -r word line; do
        [ "$word" != Downloading ] || printf '  %s\n' "${line##*/}"
    done
}

# Keeps what lies in site-packages too: a package deleted later is noticed.
write_stamp() {
    {
        fingerprint "$1"
        ls -I __pycache__ "$site"
    } >"$stamps/$1.unfinished" && mv "$stamps/$1.unfinished" "$stamps/$1"
}

# A checkout that was moved or copied is found again without the network.
link_checkout() {
    local link=$site/edge-checkout.pth found=""
    [ ! -f "$link" ] || read -r found <"$link" || true
    [ "$found" = "$root" ] || attempt write_line "$link" "$root"
}

write_line() { printf '%s\n' "$2" >"$1"; }

# attempt COMMAND...: or end with one line that says what to do.
attempt() {
    local errors
    errors=$(LC_ALL=C "$@" 2>&1) || die "$(explain "${errors:-$* failed}")"
}

# explain ERRORS: one line, from what a command wrote when it failed.
explain() {
    local last
    last=$(printf '%s\n' "$1" | grep -v '^ *$\|^WARNING\|notice' | tail -n 1)
    case $1 in
        *"No space left"* | *"Disk quota"*)
            echo "the disk is full: free $((room_kb / 1024)) MB at $venv and ${TMPDIR:-/tmp}, or set" \
                "EDGE_VENV=FOLDER on another disk; then start again" ;;
        *"Read-only file system"* | *"Permission denied"*)
            echo "cannot write to $venv: copy the checkout to a folder of yours, or set" \
                "EDGE_VENV=FOLDER to make the environment elsewhere ($last)" ;;
        *CERTIFICATE_VERIFY_FAILED*)
            echo "the package index's certificate is not trusted: check this machine's clock, and" \
                "behind a proxy set PIP_CERT to its certificate" ;;
        *"DO NOT MATCH THE HASHES"* | *"HashMismatch"*)
            echo "a download is not what was pinned (cut short, or altered by a proxy or mirror):" \
                "nothing of it was installed; start again, or use another network" ;;
        *" 401 "* | *" 403 "* | *" 407 "* | *"Tunnel connection failed"*)
            echo "the download was refused: check the proxy (HTTPS_PROXY) and the package index" \
                "(pip config list), then start again ($last)" ;;
        *"resolve"* | *"resolution"* | *"onnection"* | *"timed out"* | *"unreachable"*)
            echo "the package index cannot be reached: connect this machine to the network, or set" \
                "HTTPS_PROXY or PIP_INDEX_URL, then start again" ;;
        *"No matching distribution"*)
            echo "the package index has no fitting package: check PIP_INDEX_URL and pip config list" \
                "($last)" ;;
        *) echo "the environment could not be made: $last" ;;
    esac
}
