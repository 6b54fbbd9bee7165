# Makes it possible to run programs for ARM (64 bits) in tests: qemu's emulation, and Debian's libraries for it in a folder of
# their own, so that the system does not become one of two architectures. Sourced by test.sh.

arm64_eng=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
arm64_cache=${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/fedqueue/arm64

# What .NET's runtime loads.
arm64_libraries=(libc6 libgcc-s1 libstdc++6 libssl3t64 zlib1g libzstd1)

# The folder has the list that it was made from.
arm64_fetched() { cmp -s <(echo "${arm64_libraries[@]}") "$arm64_cache/root/libraries"; }

# Prints the folder with the libraries: one that was named, or what is in the cache.
arm64_folder() {
    command -v qemu-aarch64 >/dev/null || return
    if [[ -n ${FEDQUEUE_ARM64:-} ]]; then
        echo "$FEDQUEUE_ARM64"
    elif arm64_fetched; then
        echo "$arm64_cache/root"
    else
        return 1
    fi
}

# With an apt of its own state, for which this machine is an ARM of Debian 13.
arm64_apt() {
    apt-get -qq -o APT::Architecture=arm64 -o APT::Architectures=arm64 -o APT::Sandbox::User=root \
        -o Dir::State="$PWD/state" -o Dir::State::status="$PWD/state/status" -o Dir::Cache="$PWD/cache" \
        -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts="$PWD/sources" "$@"
}

# In the current folder: packages, unpacked into root.
unpack_arm64_libraries() {
    local mirror package
    mirror=$(debian_mirror) &&
        mkdir -p state/lists/partial cache/archives/partial sources root &&
        touch state/status &&
        trixie_source_of "$mirror" >sources/trixie.sources &&
        arm64_apt update &&
        arm64_apt download "${arm64_libraries[@]}" || return
    for package in *.deb; do dpkg-deb -x "$package" root || return; done
    # Programs name their loader by this link, which Debian's packages leave to the system.
    ln -s usr/lib root/lib && echo "${arm64_libraries[@]}" >root/libraries
}

# The folder gets its place when it is complete. Whoever waited for another to fetch it finds it there.
fetch_arm64_libraries() {
    local status=0
    mkdir -p "$arm64_cache" || return
    {
        if command -v flock >/dev/null; then flock 9; fi
        if ! arm64_fetched; then
            rm -rf "$arm64_cache/new" "$arm64_cache/root" && mkdir "$arm64_cache/new" &&
                (cd "$arm64_cache/new" && unpack_arm64_libraries) && mv -T "$arm64_cache/new/root" "$arm64_cache/root" || status=1
            rm -rf "$arm64_cache/new"
        fi
    } 9>"$arm64_cache/lock"
    return $status
}

# Prints the folder with the libraries.
ensure_arm64() {
    arm64_folder && return 0

    # shellcheck source=apt.sh
    . "$arm64_eng/apt.sh"
    if may_install; then
        say "installing qemu-user and libraries for ARM, to run the test of its instructions (about 15 s)"
        { { command -v qemu-aarch64 >/dev/null || install_from_trixie qemu-user; } && fetch_arm64_libraries; } >&2 && arm64_folder && return 0
    fi
    say "there is no emulation of ARM: install qemu-user, and name a folder with libraries for ARM in FEDQUEUE_ARM64 (Debian's and Ubuntu's /usr/aarch64-linux-gnu lacks OpenSSL)"
    return 1
}
