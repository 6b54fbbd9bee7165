# Building, and knowing when that is needed. Sourced by fedqueue and test.sh.

build_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
build_folder=$build_root/.build
build_stamp=$build_folder/built
cli=$build_folder/fedqueue/fedqueue.dll

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
    [[ -z $(find "$build_root/src" "$build_root"/Directory.*.props "$build_root/global.json" "${BASH_SOURCE[0]}" \
        \( -name bin -o -name obj \) -prune -o -newer "$build_stamp" -print) ]]
}

# 'dotnet build' would say every error twice; this is what it calls.
build_solution() { (cd "$build_root" && DOTNET_NOLOGO=1 dotnet msbuild FedQueue.sln -restore -p:Configuration=Release -nologo -verbosity:quiet); }

# The analysers have their say when the solution is built; here a user waits.
#
# Compiled ahead of time, because a just-in-time start takes a second longer, every time; in a folder of its own, so
# that an editor's builds and this one do not undo each other. Hard links save a second copy of libtorch. Build servers
# outlive the build; without '9>&-' they would keep the lock.
#
# The two options of crossgen2 let code of one library be compiled into another: most of what would be compiled at the
# start otherwise are generics of the framework over types of Entity Framework and MassTransit. The runtime checks that
# the code is still that of the library, and compiles anew what is not.
publish() {
    (cd "$build_root" && DOTNET_NOLOGO=1 dotnet publish src/Cli -c Release --use-current-runtime --no-self-contained \
        --artifacts-path "$build_folder" --output "$build_folder/fedqueue" -nologo -verbosity:quiet \
        -p:RunAnalyzers=false -p:PublishReadyToRun=true "-p:PublishReadyToRunCrossgen2ExtraArgs=--opt-cross-module:*%3B--non-local-generics-module:*" \
        -p:CreateHardLinksForPublishFilesIfPossible=true) 9>&-
}

# What the stamp says holds for the sources as they were before the build began.
publish_quietly() {
    local log=$build_folder/build.log mark=$build_folder/building
    if [[ -e $cli ]]; then echo "fedqueue: building (sources changed)…" >&2; else echo "fedqueue: building (first start, one to three minutes)…" >&2; fi
    : >"$mark"
    if publish >"$log" 2>&1; then
        mv "$mark" "$build_stamp"
        return 0
    fi
    cat "$log" >&2
    return 2
}

# Two builds at once would overwrite each other's files; the second waits.
with_build_lock() {
    mkdir -p "$build_folder"
    {
        if command -v flock >/dev/null; then flock 9; fi
        "$@"
    } 9>"$build_folder/lock"
}

# Whoever waited for another launcher's build finds the work done.
build_if_needed() { build_is_current || publish_quietly; }

ensure_built() {
    build_is_current && return 0
    need_dotnet && with_build_lock build_if_needed
}
