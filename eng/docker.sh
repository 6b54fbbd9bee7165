#!/usr/bin/env bash
# Makes sure that a Docker engine runs and that the images of compose.yaml and the tests exist.
#
#   eng/docker.sh      prepares the machine, e.g. before 'docker compose up'
#   ensure_docker      the same, for scripts that source this file
#
# On most machines it finds an engine and pulls four images. On a Debian that has no engine, or where no registry
# answers, it installs the engine and builds stand-ins from Debian packages and the installed .NET. Stand-ins carry the
# official names, so that compose.yaml, Dockerfile and tests are the same everywhere.

docker_needs_api=1.44 # Testcontainers 4.16 speaks nothing older; Docker 25 is the first engine that does.
sdk_image=mcr.microsoft.com/dotnet/sdk:10.0
aspnet_image=mcr.microsoft.com/dotnet/aspnet:10.0
ryuk_image=testcontainers/ryuk:0.14.0 # What Testcontainers 4.16 removes forgotten containers with.
base_image=fedqueue/stand-in-base:trixie
stand_in_label=fedqueue.stand-in

docker_eng=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=apt.sh
. "$docker_eng/apt.sh"

# The compose files are the one place that says which versions are meant. image_in FILE NAME
image_in() { sed -n "s/^ *image: *\($2:[^ ]*\).*/\1/p" "$docker_eng/../$1" | sed -n 1p; }
rabbitmq_image() { image_in compose.yaml rabbitmq; }
postgres_image() { image_in compose.postgres.yaml postgres; }

# version_at_least HAVE WANT
version_at_least() { [[ -n $1 && $(printf '%s\n%s\n' "$2" "$1" | sort -V | sed -n 1p) == "$2" ]]; }

# within SECONDS COMMAND…: macOS has no 'timeout'; there the command takes as long as it takes.
within() { if command -v timeout >/dev/null; then timeout "$@"; else "${@:2}"; fi; }

engine_api() { within 20 docker version --format '{{.Server.APIVersion}}' 2>/dev/null; }

engine_usable() { command -v docker >/dev/null && version_at_least "$(engine_api)" "$docker_needs_api"; }

engine_installed() {
    command -v dockerd >/dev/null && version_at_least "$(dockerd --version | sed 's/[^0-9]*\([0-9.]*\).*/\1/')" 25 &&
        command -v docker >/dev/null && docker compose version >/dev/null 2>&1 && docker buildx version >/dev/null 2>&1
}

install_engine() {
    say "no Docker engine here: installing docker.io, compose and buildx of Debian 13 (about 20 s)"
    install_from_trixie docker.io docker-cli docker-compose docker-buildx iptables debootstrap
}

start_engine() {
    local state log seconds
    state=${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/fedqueue
    log=$state/dockerd.log
    mkdir -p "$state"

    if [[ -d /run/systemd/system ]]; then
        as_root systemctl start docker || true
    else
        say "starting dockerd, log in $log"
        # A session of its own, so that it outlives the script and the terminal; the group lets this user talk to it.
        as_root setsid dockerd --group "$(id -gn)" >"$log" 2>&1 </dev/null &
    fi
    for ((seconds = 0; seconds < 120; seconds++)); do
        engine_usable && return 0
        sleep 0.5
    done
    say "the Docker engine did not start; its log is $log"
    return 1
}

ensure_engine() {
    engine_usable && return 0
    # An engine that answers but is too old, or one that was asked for by name, belongs to the user.
    if [[ -z ${DOCKER_HOST:-} && -z $(engine_api) ]] && may_install; then
        { engine_installed || install_engine; } && start_engine && return 0
    fi
    say "no Docker engine with API $docker_needs_api (Docker 25) or later answers: install or start one, then run this again"
    return 1
}

image_exists() { docker image inspect "$1" >/dev/null 2>&1; }

image_is_stand_in() { [[ $(docker image inspect --format "{{index .Config.Labels \"$stand_in_label\"}}" "$1" 2>/dev/null) == true ]]; }

# pull_patiently NAME: a registry has a minute to answer; once it has, the download may take its time.
pull_patiently() {
    local log pull tries status=0
    log=$(mktemp)
    docker pull "$1" >"$log" 2>&1 &
    pull=$!
    for ((tries = 0; tries < 240; tries++)); do
        if ! kill -0 "$pull" 2>/dev/null || grep -q 'Pulling from' "$log"; then break; fi
        sleep 0.25
    done
    grep -q 'Pulling from' "$log" || kill "$pull" 2>/dev/null || true
    wait "$pull" || status=$?
    rm -f "$log"
    return $status
}

# A registry that did not answer once is not asked again.
unreachable_registries=" "

try_pull() {
    local registry=docker.io
    if [[ $1 == *.*/* ]]; then registry=${1%%/*}; fi
    [[ $unreachable_registries != *" $registry "* ]] || return 1
    pull_patiently "$1" && return 0
    unreachable_registries+="$registry "
    return 1
}

ensure_base() {
    image_exists "$base_image" && return 0
    command -v debootstrap >/dev/null || install_from_trixie debootstrap || return 1

    local folder log status=0
    local bundle=/etc/ssl/certs/ca-certificates.crt
    local -a changes=(--change "LABEL $stand_in_label=true")
    # A machine may trust a proxy of its own, and may not reach the lists of revoked certificates; containers on it
    # must do the same.
    [[ -z ${SSL_CERT_FILE:-} ]] || changes+=(--change "ENV SSL_CERT_FILE=$bundle")
    [[ -z ${NUGET_CERT_REVOCATION_MODE:-} ]] || changes+=(--change "ENV NUGET_CERT_REVOCATION_MODE=$NUGET_CERT_REVOCATION_MODE")

    folder=$(mktemp -d)
    log=$(mktemp)
    {
        as_root debootstrap --variant=minbase \
            --include=ca-certificates,libicu76,libssl3t64,libstdc++6,tzdata,zlib1g \
            trixie "$folder/root" "$(debian_mirror)" &&
            # Packages installed later must not try to start their services in a container.
            printf '#!/bin/sh\nexit 101\n' | as_root tee "$folder/root/usr/sbin/policy-rc.d" &&
            as_root chmod +x "$folder/root/usr/sbin/policy-rc.d" &&
            as_root cp "${SSL_CERT_FILE:-$bundle}" "$folder/root$bundle" &&
            as_root tar -C "$folder/root" --exclude='./var/cache/apt/*' --exclude='./var/lib/apt/lists/*' \
                --exclude='./usr/share/doc/*' --exclude='./usr/share/man/*' -c . |
            docker import "${changes[@]}" - "$base_image"
    } >"$log" 2>&1 || status=1
    [[ $status == 0 ]] || cat "$log" >&2
    as_root rm -rf --one-file-system "$folder"
    rm -f "$log"
    return $status
}

# build_image NAME CONTEXT [OPTION…] <Dockerfile: quiet, and the builder's own words only if it fails.
build_image() {
    local name=$1 context=$2 log status=0
    shift 2
    log=$(mktemp)
    docker build --progress plain --label "$stand_in_label=true" --tag "$name" --file - "$@" "$context" >"$log" 2>&1 || status=$?
    [[ $status == 0 ]] || cat "$log" >&2
    rm -f "$log"
    return $status
}

# The official image takes user and password from the environment, logs to the console and lets anyone connect;
# so does this one.
build_rabbitmq() {
    local context status=0
    context=$(mktemp -d)
    build_image "$(rabbitmq_image)" "$context" <<DOCKERFILE || status=$?
FROM $base_image
RUN apt-get update \
 && apt-get install -y --no-install-recommends rabbitmq-server \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/lib/rabbitmq/.erlang.cookie \
 && printf '[rabbitmq_management,rabbitmq_prometheus].\n' >/etc/rabbitmq/enabled_plugins \
 && mkdir -p /etc/rabbitmq/conf.d \
 && printf 'loopback_users = none\nlog.console = true\nlog.file = false\n' >/etc/rabbitmq/conf.d/10-defaults.conf \
 && chown -R rabbitmq:rabbitmq /etc/rabbitmq /var/lib/rabbitmq
ENV HOME=/var/lib/rabbitmq LANG=C.UTF-8 PATH=/usr/lib/rabbitmq/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
USER rabbitmq
VOLUME /var/lib/rabbitmq
EXPOSE 4369 5671 5672 15671 15672 15692 25672
CMD ["rabbitmq-server"]
DOCKERFILE
    rmdir "$context"
    return $status
}

# The official image takes user, password and database from the environment; so does this one.
build_postgres() {
    build_image "$(postgres_image)" "$docker_eng/postgres" <<DOCKERFILE
FROM $base_image
RUN apt-get update \
 && apt-get install -y --no-install-recommends postgresql-17 \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/lib/postgresql/17 /etc/postgresql/17 \
 && install -d -o postgres -g postgres -m 0700 /var/lib/postgresql/data \
 && install -d -o postgres -g postgres -m 2775 /var/run/postgresql
ENV LANG=C.UTF-8 PGDATA=/var/lib/postgresql/data PATH=/usr/lib/postgresql/17/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
COPY docker-entrypoint.sh /usr/local/bin/
VOLUME /var/lib/postgresql/data
EXPOSE 5432
# SIGINT closes the connections; with SIGTERM the server would wait until its clients leave.
STOPSIGNAL SIGINT
ENTRYPOINT ["docker-entrypoint.sh"]
CMD ["postgres"]
DOCKERFILE
}

dotnet_root() { dirname "$(readlink -f "$(command -v dotnet)")"; }

build_aspnet() {
    build_image "$aspnet_image" "$(dotnet_root)" <<DOCKERFILE
FROM $base_image
ENV APP_UID=1654 ASPNETCORE_HTTP_PORTS=8080 DOTNET_RUNNING_IN_CONTAINER=true
RUN groupadd --gid 1654 app && useradd --no-log-init --uid 1654 --gid 1654 --create-home app \
 && ln -s /usr/share/dotnet/dotnet /usr/bin/dotnet
COPY dotnet LICENSE.txt ThirdPartyNotices.txt /usr/share/dotnet/
COPY host /usr/share/dotnet/host
COPY shared /usr/share/dotnet/shared
DOCKERFILE
}

build_sdk() {
    image_exists "$aspnet_image" || return 1
    build_image "$sdk_image" "$(dotnet_root)" <<DOCKERFILE
FROM $aspnet_image
ENV ASPNETCORE_HTTP_PORTS= DOTNET_NOLOGO=true DOTNET_GENERATE_ASPNET_CERTIFICATE=false NUGET_XMLDOC_MODE=skip
COPY . /usr/share/dotnet/
DOCKERFILE
}

# ensure_image NAME BUILDER
ensure_image() {
    image_exists "$1" && return 0
    try_pull "$1" && return 0
    if ! may_install; then
        say "the image $1 can neither be pulled nor built here: pull it by hand, then run this again"
        return 1
    fi
    say "$1 cannot be pulled: building a stand-in from Debian 13"
    ensure_base && "$2"
}

# Testcontainers starts Ryuk beside the containers of a test; without its image every such test would fail.
choose_ryuk() {
    image_exists "$ryuk_image" && return 0
    ! image_is_stand_in "$(rabbitmq_image)" && try_pull "$ryuk_image" && return 0
    export TESTCONTAINERS_RYUK_DISABLED=true
}

ensure_docker() {
    ensure_engine &&
        ensure_image "$(rabbitmq_image)" build_rabbitmq &&
        ensure_image "$(postgres_image)" build_postgres &&
        ensure_image "$aspnet_image" build_aspnet &&
        ensure_image "$sdk_image" build_sdk &&
        choose_ryuk
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
    set -euo pipefail
    ensure_docker
fi
