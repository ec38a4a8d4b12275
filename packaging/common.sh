# Sourced by packaging/bootstrap, run and test: options, messages, distribution packages, configure and build.
# shellcheck shell=bash
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache=${THAW_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/thaw}
export THAW_CACHE=$cache
yes=${CI:+1}
gpu=
onnx=
headless=

say() { printf '\033[1m%s\033[0m\n' "$*" >&2; }
[ -t 2 ] || say() { printf '%s\n' "$*" >&2; }
fail() {
    printf 'thaw: %s\n' "$*" >&2
    exit 1
}

# parse_options USAGE ARGUMENT…: the options that all three commands share.
parse_options() {
    local usage=$1 argument
    shift
    for argument in "$@"; do
        case $argument in
        --yes | -y) yes=1 ;;
        --gpu) gpu=1 ;;
        --onnx) onnx=1 ;;
        --headless) headless=1 ;;
        --help | -h)
            printf '%s\n' "$usage"
            exit 0
            ;;
        *) fail "unknown option $argument. See --help." ;;
        esac
    done
    if [ -e /dev/nvidia0 ] || ldconfig -p 2>/dev/null | grep -q 'libcuda\.so\.1'; then
        gpu=1
    fi
}

installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

# The rows of packages.txt of which no alternative is installed.
missing_packages() {
    local row name
    local -A have=()
    while read -r name; do
        have[$name]=1
    done < <(dpkg-query -W -f '${db:Status-Status} ${Package}\n' | sed -n 's/^installed //p')
    while read -r row; do
        for name in ${row//|/ }; do
            [ -z "${have[$name]:-}" ] || continue 2
        done
        printf '%s\n' "$row"
    done < <(sed -e '/^#/d' -e 's/ *–.*//' -e '/^$/d' "$root/packaging/packages.txt")
}

install_packages() {
    command -v apt-get >/dev/null || fail "this set-up knows Debian 12 and Ubuntu 24.04 (apt). Install what packaging/packages.txt lists, then build with CMake."
    local missing row name as_root=() choice=()
    mapfile -t missing < <(missing_packages)
    [ ${#missing[@]} -gt 0 ] || return 0
    say "These distribution packages are missing:"
    for row in "${missing[@]}"; do
        grep -F "$row " "$root/packaging/packages.txt" | sed 's/^/  /' >&2
    done
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null || fail "installing them needs root or sudo. As root: packaging/bootstrap"
        as_root=(sudo DEBIAN_FRONTEND=noninteractive)
    else
        export DEBIAN_FRONTEND=noninteractive
    fi
    if [ -z "$yes" ] && [ -t 0 ] && [ -t 2 ]; then
        read -r -p "Install them now${as_root:+ with sudo}? [Y/n] " name
        case $name in [nN]*) fail "nothing was installed." ;; esac
    fi
    "${as_root[@]}" apt-get update -qq
    for row in "${missing[@]}"; do
        for name in ${row//|/ }; do
            if [ -n "$(apt-cache policy "$name" 2>/dev/null | sed -n 's/^ *Candidate: \([^(]\)/\1/p')" ]; then
                choice+=("$name")
                continue 2
            fi
        done
        fail "the distribution has no package ${row//|/ or }. Thaw's set-up is made for Debian 12 and Ubuntu 24.04."
    done
    "${as_root[@]}" apt-get install -y -qq --no-install-recommends "${choice[@]}" >"$log" 2>&1 ||
        { tail -20 "$log" >&2; fail "apt-get could not install the packages; its words are above and in $log."; }
}

# Everything that a build needs: distribution packages, LibTorch, the bundled backbone.
bootstrap() {
    mkdir -p "$cache" || fail "cannot write to $cache. Choose another folder with THAW_CACHE."
    log=$cache/apt.log
    exec {lock}>"$cache/.lock"
    if ! flock -n "$lock"; then
        say "Another set-up uses $cache; waiting for it."
        flock "$lock"
    fi
    install_packages
    python3 "$root/packaging/fetch.py" "$cache" base weights ${gpu:+gpu} ${onnx:+onnx}
    exec {lock}>&-
}

# Compilers with torch's headers take up to 1.7 GB each.
jobs() {
    local by_memory cores
    cores=$(nproc)
    by_memory=$(awk '/MemAvailable/ { print int($2 / 1024 / 1700) }' /proc/meminfo)
    [ "$by_memory" -ge 1 ] || by_memory=1
    echo "${THAW_JOBS:-$((cores < by_memory ? cores : by_memory))}"
}

# build FOLDER CMAKE-OPTION… -- TARGET…: configures where something changed (Ninja sees to that) and builds.
build() {
    local folder=$root/build/$1 options=()
    shift
    while [ $# -gt 0 ] && [ "$1" != -- ]; do
        options+=("$1")
        shift
    done
    shift || true
    say "Building in ${folder#"$root"/}, $(jobs) at once"
    cmake --preset release -S "$root" -B "$folder" -DTHAW_TORCH_DIR="$cache/libtorch-2.11.0" "${options[@]}" >"$cache/configure.log" 2>&1 ||
        { tail -30 "$cache/configure.log" >&2; fail "CMake could not configure the build; its words are above."; }
    grep '^-- Thaw:' "$cache/configure.log" | sed 's/^-- Thaw: //' >&2 || true
    cmake --build "$folder" --parallel "$(jobs)" ${1:+--target "$@"}
}
