# Building in Release, and knowing when that is needed. Sourced by fedqueue and test.sh.

build_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
build_stamp=$build_root/src/Cli/bin/Release/built
cli=$build_root/src/Cli/bin/Release/net10.0/fedqueue.dll

# Asks in the repository's folder, where global.json says which SDK fits.
need_dotnet() {
    command -v dotnet >/dev/null && (cd "$build_root" && dotnet --version) >/dev/null 2>&1 && return 0
    echo "fedqueue: the .NET 10 SDK is missing (no 'dotnet' of version 10 on the PATH): install it from https://dot.net/download" >&2
    return 2
}

# A 'dotnet build' with nothing to do takes seconds; this takes milliseconds. Folders count too: theirs is the only
# time that changes when a file is deleted.
build_is_current() {
    [[ -e $build_stamp && -e $cli ]] || return 1
    [[ -z $(find "$build_root/src" "$build_root"/Directory.*.props "$build_root/global.json" \
        \( -name bin -o -name obj \) -prune -o -newer "$build_stamp" -print) ]]
}

# build PROJECT: what the stamp says holds for the sources as they were before the build began.
build() {
    local project mark=$build_root/src/Cli/obj/building
    for project in "$build_root"/src/*/; do mkdir -p "$project/bin" "$project/obj"; done
    : >"$mark"
    # Build servers outlive the build; without this they would keep the lock.
    # 'dotnet build' would say every error twice; this is what it calls.
    (cd "$build_root" && DOTNET_NOLOGO=1 dotnet msbuild "$1" -restore -p:Configuration=Release -nologo -verbosity:quiet) 9>&- || return
    mkdir -p "$(dirname "$build_stamp")"
    mv "$mark" "$build_stamp"
}

build_quietly() {
    local log=$build_root/src/Cli/obj/build.log
    if [[ -e $cli ]]; then echo "fedqueue: building (sources changed)…" >&2; else echo "fedqueue: building (first start)…" >&2; fi
    build src/Cli >"$log" 2>&1 && return 0
    cat "$log" >&2
    return 2
}

# Two builds at once would overwrite each other's files; the second waits.
with_build_lock() {
    mkdir -p "$build_root/src/Cli/obj"
    {
        if command -v flock >/dev/null; then flock 9; fi
        "$@"
    } 9>"$build_root/src/Cli/obj/building.lock"
}

# Whoever waited for another launcher's build finds the work done.
build_if_needed() { build_is_current || build_quietly; }

ensure_built() {
    build_is_current && return 0
    need_dotnet && with_build_lock build_if_needed
}
