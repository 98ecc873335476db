#!/bin/sh
# Installs what fazhi needs on Debian 12, and only what is missing.
#
#   tools/setup.sh build         to compile fazhi
#   tools/setup.sh build test    and to compile and run its tests
#
# Exit: 0 everything is there, 1 the download or the installation failed, 2 usage, 3 something is missing and there is no
# right to install it. With everything there it calls no apt at all.
set -eu

build='gcc libc6-dev meson ninja-build pkg-config libyaml-dev libzip-dev zlib1g-dev libexpat1-dev libgraphviz-dev libssl-dev
       libsqlite3-dev libpq-dev libqrencode-dev'
test='graphviz libcmocka-dev libjansson-dev clang libclang-rt-14-dev postgresql'

tries=3
lock_wait_s=600

say() {
    printf 'setup: %s\n' "$*" >&2
}

# Prints those of the named packages that are not installed.
missing() {
    installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null | sed -n 's/^installed //p') || true
    for package in "$@"; do
        printf '%s\n' "$installed" | grep -qxF -- "$package" || printf '%s ' "$package"
    done
}

# Sets as_root to what runs a command with root's rights; false when nothing does. Asks for a password only on a terminal.
find_root() {
    as_root=
    [ "$(id -u)" -ne 0 ] || return 0
    command -v sudo >/dev/null || return 1
    as_root=sudo
    sudo -n true 2>/dev/null && return 0
    [ -t 0 ] && sudo -v
}

apt() {
    # shellcheck disable=SC2086  # as_root is empty or one word
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get -y -q \
        -o Acquire::Retries=3 -o DPkg::Lock::Timeout="$lock_wait_s" -o Dpkg::Use-Pty=0 "$@" >&2
}

# A list that could not be refreshed (a dead third-party source, say) is told but does not decide: the installation does.
install_once() {
    apt update || say 'the package lists could not all be refreshed; trying with what is there'
    apt install --no-install-recommends "$@"
}

install() {
    try=1
    while ! install_once "$@"; do
        if [ "$try" -ge "$tries" ]; then
            say "apt-get failed $tries times; its messages are above"
            return 1
        fi
        wait_s=$((try * try * 5))
        say "try $try of $tries failed; again in $wait_s seconds"
        sleep "$wait_s"
        try=$((try + 1))
    done
}

[ $# -gt 0 ] || set -- usage
wanted=
for group in "$@"; do
    case $group in
    build) wanted="$wanted $build" ;;
    test) wanted="$wanted $test" ;;
    *)
        echo 'usage: tools/setup.sh {build | test}...' >&2
        exit 2
        ;;
    esac
done

# shellcheck disable=SC2086  # lists of package names are split on purpose, here and below
if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    say 'this is not Debian; fazhi is built and tested on Debian 12 with these packages:' $wanted
    exit 3
fi

# shellcheck disable=SC2086
needed=$(missing $wanted)
[ -n "$needed" ] || exit 0

if ! find_root; then
    say "missing packages: $needed"
    say "neither root nor sudo here; have them installed, then run this again: apt-get install --no-install-recommends $needed"
    exit 3
fi

say "installing from Debian: $needed"
# shellcheck disable=SC2086
install $needed || exit 1
# shellcheck disable=SC2086
needed=$(missing $needed)
if [ -n "$needed" ]; then
    say "apt-get reported success, yet these are still missing: $needed"
    exit 1
fi
say 'everything needed is installed'
