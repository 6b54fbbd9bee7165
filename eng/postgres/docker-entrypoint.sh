#!/usr/bin/env bash
# The part of the official postgres image's entrypoint that FedQueue needs: a database on the first start, made as the
# environment says, and a server that is process 1 and so hears the stop signal itself.
set -euo pipefail

# Only options were given: they are the server's.
if [[ ${1:-} == -* ]]; then set -- postgres "$@"; fi
if [[ ${1:-} != postgres ]]; then exec "$@"; fi

if [[ $(id -u) == 0 ]]; then
    # A volume mounted from outside belongs to whoever made it.
    install -d -o postgres -g postgres -m 0700 "$PGDATA"
    chown -R postgres:postgres "$PGDATA"
    exec setpriv --reuid postgres --regid postgres --init-groups "$0" "$@"
fi

if [[ ! -s $PGDATA/PG_VERSION ]]; then
    user=${POSTGRES_USER:-postgres}
    database=${POSTGRES_DB:-$user}
    password=${POSTGRES_PASSWORD:?is needed to make the database}
    initdb --username "$user" --pwfile <(echo "$password") \
        --auth-local trust --auth-host scram-sha-256 --encoding UTF8 --locale C.UTF-8 --set listen_addresses='*'
    echo 'host all all all scram-sha-256' >>"$PGDATA/pg_hba.conf"
    # Without a server, so that nobody can take a half-made database for a finished one.
    if [[ $database != postgres ]]; then
        echo "CREATE DATABASE \"$database\"" | postgres --single -j postgres
    fi
fi

exec "$@"
