# Makes it possible to run programs for ARM (64 bits) in tests: qemu's emulation, and Debian's libraries for it in a folder of
# their own, so that the system does not become one of two architectures. Sourced by test.sh.

arm64_eng=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
arm64_cache=${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/fedqueue/arm64

# What .NET's runtime loads.
arm64_libraries=(libc6 libgcc-s1 libstdc++6 libssl3t64 zlib1g libzstd1)

arm64_usable() { command -v qemu-aarch64 >/dev/null && [[ -e $arm64_cache/root/usr/lib/ld-linux-aarch64.so.1 ]]; }

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
        printf 'Types: deb\nURIs: %s\nSuites: trixie\nComponents: main\nSigned-By: %s\n' "$mirror" "$debian_keyring" >sources/debian.sources &&
        arm64_apt update &&
        arm64_apt download "${arm64_libraries[@]}" || return
    for package in *.deb; do dpkg-deb -x "$package" root || return; done
    # Programs name their loader by this link, which Debian's packages leave to the system.
    ln -s usr/lib root/lib
}

# The folder gets its place when it is complete.
fetch_arm64_libraries() {
    local new status=0
    mkdir -p "$arm64_cache" && new=$(mktemp -d "$arm64_cache/new.XXXXXX") || return
    (cd "$new" && unpack_arm64_libraries && rm -rf "$arm64_cache/root" && mv root "$arm64_cache/root") || status=1
    rm -rf "$new"
    return $status
}

# Prints the folder with the libraries.
ensure_arm64() {
    # shellcheck source=apt.sh
    . "$arm64_eng/apt.sh"
    if ! arm64_usable && may_install; then
        say "installing qemu-user and libraries for ARM, to run the tests of its instructions (about 15 s)"
        { install_from_trixie qemu-user && fetch_arm64_libraries; } >&2
    fi
    arm64_usable && { echo "$arm64_cache/root"; return 0; }
    say "there is no emulation of ARM (qemu-aarch64 with Debian's libraries)"
    return 1
}
