#!/usr/bin/env bash
# Stands in for python3.x and for an environment's python: does what the start scripts ask of one,
# writes each call to $CALLS, and fails where a test says so. Copied under the names it plays.
#   FAKE_PROBE     what it says of itself: version, 64-bit, C library, has venv
#   FAKE_PIP       what its pip writes before it fails; FAKE_HOLD: a file pip waits for
#   FAKE_FAIL      a module that fails with status 1
probe=${FAKE_PROBE:-3.11 True glibc True}
version=${probe%% *}

case "$*" in
    "-I -S -c "*) echo "$version" ;;
    "-I -c import pip") ;;
    "-I -c "*) [ "$probe" != refuses ] && echo "$probe" ;;
    "-I -m venv "*)
        echo "venv" >>"$CALLS"
        target=${*: -1}
        mkdir -p "$target/bin" "$target/lib/python$version/site-packages"
        touch "$target/pyvenv.cfg"
        cp "$0" "$target/bin/python"
        ;;
    "-I -m pip "*)
        echo "pip ${*:4}" >>"$CALLS"
        if [ -n "${FAKE_PIP:-}" ]; then
            printf '%b\n' "$FAKE_PIP" >&2
            exit 1
        fi
        while [ -n "${FAKE_HOLD:-}" ] && [ ! -e "$FAKE_HOLD" ]; do sleep 0.05; done
        echo "Downloading https://somewhere/one-1.0-py3-none-any.whl (1 kB)"
        site=$(dirname "$0")/../lib/python$version/site-packages
        mkdir -p "$site/one" "$site/one-1.0.dist-info"
        ;;
    "-I -m edge"*)
        shift 3
        [ "${1:-}" != wait ] || { echo ready && exec sleep 60; }
        printf '%s\n' "$PWD" "$@"
        ;;
    *)
        echo "${*:3}" >>"$CALLS"
        [ "$3" != "${FAKE_FAIL:-}" ] || { echo "not good: ${*:3}" && exit 1; }
        ;;
esac
