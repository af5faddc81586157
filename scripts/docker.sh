# shellcheck shell=bash
# Sourced after venv.sh: ./run.edge.sh --docker [OPTIONS] [ARGUMENTS OF python -m edge serve]
#
#   --dry-run       print the command instead of running it
#   --detach        run in the background, and again after each boot, until `docker rm -f edge-matting`
#   --rebuild       build the image anew
#   --image TARGET  cpu, cuda, jetpack6 or jetpack7, instead of what fits this machine
#
# EDGE_DOCKER_OPTIONS  more options of docker run, such as "--volume /media:/media:ro"
# EDGE_HOST_ROOT       where the machine's /etc, /proc, /dev and /var are looked at: for the tests

host=${EDGE_HOST_ROOT:-}
container=edge-matting
# Set for this script or for the container's own layout; everything else named EDGE_ is a setting.
not_settings=" EDGE_VENV EDGE_RUNTIME EDGE_TORCH EDGE_CONFIG EDGE_LISTEN EDGE_STATE_DIR EDGE_CACHE_DIR\
 EDGE_DOCKER_OPTIONS EDGE_HOST_ROOT EDGE_VM_ROOT "

run_container() {
    local dry_run="" detach="" rebuild="" target="" reason="" config=${EDGE_CONFIG:-}
    local listen=${EDGE_LISTEN:-127.0.0.1:8080} arguments=()
    take_options "$@"
    [ -n "$target" ] || choose_target
    # shellcheck disable=SC2154 # set by run.edge.sh
    [ -f "$root/docker/$target.Dockerfile" ] ||
        die "no image '$target'; there are cpu, cuda, jetpack6 and jetpack7"
    local command=()
    make_command
    say "image edge-matting:$target${reason:+, because $reason}"
    say "cameras: all, also those plugged in later; state: the volume edge-matting;" \
        "network: this machine's, listening at $listen"
    if [ -n "$dry_run" ]; then
        printf '%q ' "${command[@]}"
        echo
        return
    fi
    docker version >/dev/null 2>&1 ||
        die "Docker does not answer: install and start it, and let this user use it" \
            "(sudo usermod -aG docker \$USER, then log in again)"
    build_image
    # One that was left by a crash of the machine is in the way; one that runs is not touched.
    docker rm "$container" >/dev/null 2>&1 || true
    ! docker container inspect "$container" >/dev/null 2>&1 ||
        die "the container $container runs already; to end it: docker rm -f $container"
    say "running: ${command[*]}"
    [ -z "$detach" ] || say "its log, with the link to open: docker logs $container"
    exec "${command[@]}"
}

# Sets what the options say, and `arguments` to what is the service's.
take_options() {
    while [ $# -gt 0 ]; do
        case $1 in
            --dry-run) dry_run=yes ;;
            --detach) detach=yes ;;
            --rebuild) rebuild=yes ;;
            --image=*) target=${1#*=} ;;
            --listen=*) listen=${1#*=} ;;
            --config=*) config=${1#*=} ;;
            --image | --listen | --config)
                [ $# -gt 1 ] || die "$1 wants a value"
                case $1 in
                    --image) target=$2 ;;
                    --listen) listen=$2 ;;
                    --config) config=$2 ;;
                esac
                shift ;;
            *) arguments+=("$1") ;;
        esac
        shift
    done
}

# Sets `target` to the image for this machine, and `reason`.
choose_target() {
    local arch release
    arch=$(uname -m)
    release=$(jetson_linux)
    case $arch-$release in
        x86_64- | aarch64-) ;;
        aarch64-36.*) target=jetpack6 reason="this is a Jetson with JetPack 6 (Jetson Linux $release)" ;;
        aarch64-3[89].* | aarch64-[4-9][0-9].*)
            target=jetpack7 reason="this is a Jetson with JetPack 7 (Jetson Linux $release)" ;;
        aarch64-*) die "Jetson Linux $release is older than JetPack 6: its CUDA and TensorRT are too" \
            "old for this service. Update the device, or run --image cpu" ;;
        *) die "this machine is $arch; there are images for x86_64 and aarch64" ;;
    esac
    [ -z "$target" ] || return 0
    target=cpu reason="no NVIDIA GPU was found on this $arch machine"
    [ "$arch" = x86_64 ] && [ -e "$host/proc/driver/nvidia/version" ] || return 0
    if command -v nvidia-container-runtime-hook nvidia-container-runtime nvidia-ctk >/dev/null; then
        target=cuda reason="this machine has an NVIDIA GPU, and Docker can pass it"
    else
        reason="Docker cannot pass this machine's NVIDIA GPU: install nvidia-container-toolkit"
    fi
}

# Prints the release of Jetson Linux, such as 36.4.3; nothing on other machines.
jetson_linux() {
    local line
    if [ -r "$host/etc/nv_tegra_release" ]; then
        read -r line <"$host/etc/nv_tegra_release" || true
        if [[ $line =~ R([0-9]+).*REVISION:\ *([0-9.]+) ]]; then
            echo "${BASH_REMATCH[1]}.${BASH_REMATCH[2]}"
            return
        fi
    fi
    # Some images of boards come without that file, but not without the package.
    line=$(dpkg-query --admindir="$host/var/lib/dpkg" --show --showformat='${Version}' \
        nvidia-l4t-core 2>/dev/null) || return 0
    echo "${line%%-*}"
}

# Sets `command`.
make_command() {
    command=(docker run --name "$container" --init --network host
        --read-only --tmpfs /tmp --tmpfs /dev/shm
        --cap-drop ALL --security-opt no-new-privileges
        --volume edge-matting:/var/lib/edge-matting)
    if [ -n "$detach" ]; then
        command+=(--detach --restart unless-stopped
            --log-driver local --log-opt max-size=10m --log-opt max-file=3)
    else
        command+=(--rm)
        [ ! -t 0 ] || command+=(--interactive --tty)
    fi
    add_devices
    add_settings
    # shellcheck disable=SC2206 # several options, split at blanks
    command+=(${EDGE_DOCKER_OPTIONS:-})
    command+=("edge-matting:$target" serve "${arguments[@]}")
}

# A camera that is plugged in again is another device node: so all of /dev is there, and the
# container's device rules admit video devices (major 81) alone.
add_devices() {
    local device group groups=""
    command+=(--volume /dev:/dev --device-cgroup-rule "c 81:* rmw")
    case $target in
        cuda) command+=(--gpus all) ;;
        jetpack*) command+=(--runtime nvidia) ;;
    esac
    if [ -e "$host/dev/dri" ]; then
        command+=(--device-cgroup-rule "c 226:* rmw")
    fi
    # The image's group video has Debian's number; this machine's own may have another.
    for device in "$host"/dev/video* "$host"/dev/dri/renderD* "$host"/dev/nvmap; do
        [ -e "$device" ] || continue
        group=$(stat -c %g "$device")
        [ "$group" != 0 ] && [[ $groups != *" $group "* ]] || continue
        groups+=" $group "
        command+=(--group-add "$group")
    done
    # CSI cameras of a Jetson are served by a daemon outside.
    [ ! -S "$host/tmp/argus_socket" ] || command+=(--volume /tmp/argus_socket:/tmp/argus_socket)
}

# By name alone: a token or password in the environment is not shown in the command.
add_settings() {
    local name
    command+=(--env "EDGE_LISTEN=$listen")
    for name in $(compgen -e EDGE_); do
        [[ $not_settings == *" $name "* ]] || command+=(--env "$name")
    done
    [ -n "$config" ] || return 0
    [ -f "$config" ] || die "no settings file at $config"
    command+=(--volume "$(readlink -f "$config"):/etc/edge-matting.toml:ro"
        --env EDGE_CONFIG=/etc/edge-matting.toml)
}

# Builds the image where it is missing or of another state of the checkout.
build_image() {
    local revision built=""
    revision=$(git -C "$root" describe --always --dirty --abbrev=12 2>/dev/null) || revision=unknown
    built=$(docker image inspect "edge-matting:$target" --format \
        '{{index .Config.Labels "org.opencontainers.image.revision"}}' 2>/dev/null) || built=""
    [ -n "$rebuild" ] || [ "$built" != "$revision" ] || return 0
    say "building edge-matting:$target of $revision (needs the network)"
    docker build --file "$root/docker/$target.Dockerfile" --tag "edge-matting:$target" \
        --build-arg "REVISION=$revision" "$root" >&2 && return 0
    [ -n "$built" ] || die "the image could not be built: see above"
    say "the image could not be built: going on with the one of $built"
}
