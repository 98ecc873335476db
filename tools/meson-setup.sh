#!/bin/sh
# Sets up a build directory once: tools/meson-setup.sh DIR [OPTION...]
# A directory whose set-up broke off half way is made anew, and so is one made for a checkout that has since moved.
set -eu

dir=$1
shift
here=$(pwd -P)
stamp=$dir/.checkout

[ -f "$dir/build.ninja" ] && [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$here" ] && exit 0
rm -rf "$dir"
meson setup "$dir" "$@"
printf '%s\n' "$here" >"$stamp"
