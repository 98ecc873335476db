#!/bin/sh
# A PostgreSQL cluster of one's own for tests: in a folder, on a socket in it, on no port. The package's own cluster is left alone.
#
#   tools/postgres.sh start DIR [NAME=VALUE...]    makes it when DIR is not there, with these settings, starts it and prints how to connect
#   tools/postgres.sh stop DIR [fast | immediate]
#   tools/postgres.sh remove DIR                   stops it as it is and removes the folder
#
# The server refuses to run as root, so root hands it to the account of the package. Texts are sorted as in Chinese by default there, so that whatever
# forgets to ask for the order of bytes is found out. It syncs: lay it where that costs nothing, unless that is what is tested.
# Exit: 0 done, 1 failed, 2 usage, 3 PostgreSQL is not installed.
set -eu

usage() {
    sed -n '2,6s/^# \{0,1\}//p' "$0" >&2
    exit 2
}

[ $# -ge 2 ] || usage
command=$1
dir=$2
shift 2
bin=$(find /usr/lib/postgresql -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -n 1)
[ -x "${bin:-}/postgres" ] || {
    echo 'postgres: PostgreSQL is not installed (tools/setup.sh build test)' >&2
    exit 3
}

# As the account that owns the cluster, in a folder that it may enter.
as_owner() {
    if [ "$(id -u)" -ne 0 ]; then
        (cd / && "$@")
    else
        account=postgres
        id -u "$account" >/dev/null 2>&1 || account=nobody
        (cd / && setpriv --reuid="$(id -u "$account")" --regid="$(id -g "$account")" --clear-groups -- "$@")
    fi
}

make() {
    mkdir -m 0700 "$dir"
    [ "$(id -u)" -ne 0 ] || chown "$(id -u postgres 2>/dev/null || id -u nobody)" "$dir"
    as_owner "$bin/initdb" -D "$dir/data" -U fazhi -A trust -E UTF8 --locale=C.UTF-8 --locale-provider=icu --icu-locale=zh -N >/dev/null
    {
        echo "listen_addresses = ''"
        echo "unix_socket_directories = '$dir'"
        echo 'shared_buffers = 64MB'
        echo 'max_connections = 60'
        echo 'wal_recycle = off'
        for setting in "$@"; do
            echo "${setting%%=*} = '${setting#*=}'"
        done
    } | as_owner tee -a "$dir/data/postgresql.conf" >/dev/null
}

case $command in
start)
    [ -d "$dir/data" ] || make "$@"
    as_owner "$bin/pg_ctl" -D "$dir/data" -l "$dir/log" -s -w -t 60 start >/dev/null </dev/null
    echo "host=$dir user=fazhi dbname=postgres"
    ;;
stop)
    as_owner "$bin/pg_ctl" -D "$dir/data" -s -w -m "${1:-fast}" stop
    ;;
remove)
    [ ! -f "$dir/data/postmaster.pid" ] || as_owner "$bin/pg_ctl" -D "$dir/data" -s -w -m immediate stop || true
    rm -rf "$dir"
    ;;
*) usage ;;
esac
