# shellcheck shell=bash
# Sourced after venv.sh: the service as a unit of systemd, of the whole machine or of one user.
#
#   ./run.edge.sh --install [--user] [--dry-run] [ARGUMENTS OF python -m edge serve]
#   ./run.edge.sh --uninstall [--user]

unit_name=edge-matting.service

install_service() {
    local scope=system dry_run="" arguments=() owner unit_file
    take_scope "$@"
    # shellcheck disable=SC2154 # set by run.edge.sh
    owner=$(stat -c %U "$root")
    if [ -n "$dry_run" ]; then
        unit
        return
    fi
    require_systemd
    # As whoever owns the checkout: what root makes there, the service could not renew.
    say "making sure that the environment is there, and the settings are taken"
    as_owner "$root/run.edge.sh" sources "${arguments[@]}" >/dev/null ||
        die "nothing was installed: see above"
    require_reachable
    unit_file=$(unit_folder)/$unit_name
    attempt mkdir -p "$(dirname "$unit_file")"
    unit >"$unit_file.new" || die "cannot write $unit_file.new"
    attempt mv "$unit_file.new" "$unit_file"
    attempt control daemon-reload
    attempt control enable "$unit_name"
    attempt control restart "$unit_name"
    say "installed and running: $unit_file"
    tell_how
}

uninstall_service() {
    local scope=system dry_run="" arguments=() unit_file
    take_scope "$@"
    [ ${#arguments[@]} = 0 ] || die "--uninstall takes --user alone, found: ${arguments[*]}"
    require_systemd
    unit_file=$(unit_folder)/$unit_name
    [ -e "$unit_file" ] || die "$unit_file is not there: nothing to uninstall"
    control disable --now "$unit_name" >/dev/null 2>&1 || true
    attempt rm "$unit_file"
    attempt control daemon-reload
    say "uninstalled. What was uploaded and chosen is kept: $(state_folder)"
}

# Sets `scope`, `dry_run` and `arguments`.
take_scope() {
    local word
    for word in "$@"; do
        case $word in
            --user) scope=user ;;
            --dry-run) dry_run=yes ;;
            *) arguments+=("$word") ;;
        esac
    done
}

require_systemd() {
    command -v systemctl >/dev/null || die "this system has no systemd"
    if [ "$scope" = system ] && [ "$(id -u)" != 0 ]; then
        die "for the whole machine root is needed: sudo $0 --install ...;" \
            "without root, for this user: $0 --install --user"
    fi
}

# The service of a checkout of root's has a user of its own, who must be let in.
require_reachable() {
    [ "$scope" = system ] && [ "$owner" = root ] || return 0
    # shellcheck disable=SC2154 # set by venv.sh
    runuser -u nobody -- "$venv/bin/python" -I -c "import edge" 2>/dev/null ||
        die "$root, or the Python of its environment, is closed to all but root, and the service does" \
            "not run as root: move the checkout to /opt, or give it to a user (chown -R)"
}

unit_folder() {
    if [ "$scope" = user ]; then
        echo "${XDG_CONFIG_HOME:-$HOME/.config}/systemd/user"
    else
        echo /etc/systemd/system
    fi
}

state_folder() {
    if [ "$scope" = user ]; then
        echo "${XDG_STATE_HOME:-$HOME/.local/state}/edge-matting"
    else
        echo /var/lib/edge-matting
    fi
}

control() {
    if [ "$scope" = user ]; then systemctl --user "$@"; else systemctl "$@"; fi
}

as_owner() {
    if [ "$(id -un)" = "$owner" ] || [ "$(id -u)" != 0 ]; then
        "$@"
    else
        runuser -u "$owner" -- "$@"
    fi
}

tell_how() {
    local who=""
    if [ "$scope" = user ]; then
        who=" --user"
        loginctl enable-linger >/dev/null 2>&1 ||
            say "it starts when you log in; to start it at boot: sudo loginctl enable-linger $(id -un)"
    fi
    say "its log, with the link to open: journalctl$who -u ${unit_name%.service} -e"
    say "after each update of the checkout: the same --install once more"
}

# word TEXT: as one word of a unit's command line.
word() {
    local text=$1
    text=${text//\\/\\\\}
    text=${text//\"/\\\"}
    text=${text//%/%%}
    printf '"%s"' "${text//\$/\$\$}"
}

unit() {
    local argument command
    command=$(word "$root/run.edge.sh")" serve"
    for argument in "${arguments[@]}"; do command+=" $(word "$argument")"; done
    cat "$root/scripts/unit/common.service"
    echo "ExecStart=$command"
    for argument in EDGE_VENV EDGE_RUNTIME; do # where and how the environment was made
        [ -z "${!argument:-}" ] || echo "Environment=$(word "$argument=${!argument}")"
    done
    [ "$scope" = user ] || system_user
    cat "$root/scripts/unit/$scope.service"
}

# Whose the service is: the checkout's owner, or if that is root a user that exists while it runs.
system_user() {
    local group groups=()
    if [ "$owner" = root ]; then echo DynamicUser=yes; else echo "User=$owner"; fi
    for group in video render; do # a unit with a group that does not exist does not start
        ! getent group "$group" >/dev/null || groups+=("$group")
    done
    echo "SupplementaryGroups=${groups[*]}"
}
