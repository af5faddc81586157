# shellcheck shell=bash
# Sourced: Debian packages that the tests want, where this user may install them.

# apt_install PACKAGE...: 0 if they are here now; else `why` says why not. Asks for a password only
# at a terminal, never in CI.
# shellcheck disable=SC2034 # why is read by the caller
apt_install() {
    local root_by=()
    why=""
    command -v apt-get >/dev/null || { why="$* is missing and this system has no apt-get"; return 1; }
    if [ "$(id -u)" != 0 ]; then
        if sudo -n true 2>/dev/null; then
            root_by=(sudo -n)
        elif command -v sudo >/dev/null && [ -t 0 ] && [ -z "${CI:-}" ]; then
            say "root is needed once: sudo apt-get install $*"
            root_by=(sudo)
        else
            why="$* is missing and this user may not install it (sudo apt-get install $*)"
            return 1
        fi
    fi
    local log
    log=$(mktemp)
    # A fresh container has no package lists, an old one has stale ones: update, and once more.
    if apt_get install "$@" || { apt_get update && apt_get install "$@"; }; then
        rm -f "$log"
        return 0
    fi
    why="apt-get install $* failed: $(grep '^E:' "$log" | tail -n 1 || true)"
    rm -f "$log"
    return 1
}

apt_get() {
    local verb=$1
    shift
    [ "$verb" = update ] || verb="install -y --no-install-recommends"
    # shellcheck disable=SC2086 # the verb carries its options
    "${root_by[@]}" env DEBIAN_FRONTEND=noninteractive timeout 900 \
        apt-get -o Acquire::Retries=3 -o DPkg::Lock::Timeout=300 $verb "$@" >>"$log" 2>&1 </dev/null
}

# apt_unpack DIR PACKAGE...: the packages' files under DIR, without installing them; needs no root.
# 0 if they are there now; else `why` says why not.
apt_unpack() {
    local into=$1 work package
    shift
    why=""
    [ ! -e "$into/complete" ] || return 0
    work=$(mktemp -d)
    mkdir -p "$into"
    if ! (cd "$work" && timeout 300 apt-get download "$@" >download.log 2>&1 </dev/null); then
        why="apt-get download $* failed: $(grep '^E:' "$work/download.log" | tail -n 1 || true)"
        rm -rf "$work"
        return 1
    fi
    for package in "$work"/*.deb; do dpkg -x "$package" "$into"; done
    rm -rf "$work"
    touch "$into/complete"
}
