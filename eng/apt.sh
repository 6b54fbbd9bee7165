# Installing packages of Debian 13 ("trixie") on an older Debian. Sourced by libstdcxx.sh, docker.sh, chromium.sh and arm64.sh.
#
# Debian 12 has a libstdc++ too old for TorchSharp and a Docker engine too old for Testcontainers; Debian 13 has both.
# Its packages are added beside the system's own at a low priority, so that nothing else is upgraded on the way.

say() { printf 'fedqueue: %s\n' "$*" >&2; }

as_root() {
    if [[ $(id -u) == 0 ]]; then "$@"; else sudo -n "$@"; fi
}

# True where packages may be installed without asking anybody. FEDQUEUE_NO_INSTALL=1 forbids it.
may_install() {
    [[ -z ${FEDQUEUE_NO_INSTALL:-} ]] || return 1
    [[ -r /etc/os-release ]] && grep -q '^ID=debian$' /etc/os-release || return 1
    command -v apt-get >/dev/null || return 1
    [[ $(id -u) == 0 ]] || sudo -n true 2>/dev/null
}

# The archives of Debian itself among apt's sources, a line each: address and codename.
debian_archives() {
    apt-get indextargets --format '$(ORIGIN)|$(LABEL)|$(REPO_URI)|$(CODENAME)' 'Created-By: Packages' |
        awk -F'|' '$1 == "Debian" && $2 == "Debian" { print $3, $4 }'
}

# The mirror this machine already uses.
debian_mirror() {
    local mirror
    mirror=$(debian_archives | awk 'NR == 1 { print $1 }')
    if [[ -z $mirror ]]; then
        # apt knows its archives once it has read their package lists, which a fresh container has not.
        as_root apt-get update >&2
        mirror=$(debian_archives | awk 'NR == 1 { print $1 }')
    fi
    # Debian's cloud images name a file that lists the mirrors.
    if [[ $mirror == mirror+file:* ]]; then mirror=$(sed -n 1p "${mirror#mirror+file:}"); fi
    [[ -n $mirror ]] || { echo "no Debian mirror among apt's sources" >&2; return 1; }
    echo "$mirror"
}

# The debian-archive-keyring of Debian 11 and later knows the key that signs Debian 13.
debian_keyring=/usr/share/keyrings/debian-archive-keyring.gpg

trixie_source=/etc/apt/sources.list.d/fedqueue-trixie.sources
trixie_pin=/etc/apt/preferences.d/fedqueue-trixie

# trixie_source_of MIRROR: Debian 13 as one of apt's sources.
trixie_source_of() { printf 'Types: deb\nURIs: %s\nSuites: trixie\nComponents: main\nSigned-By: %s\n' "$1" "$debian_keyring"; }

add_trixie() {
    local mirror
    mirror=$(debian_mirror) || return
    # On Debian 13 itself there is nothing to add.
    [[ ! -e $trixie_source ]] && debian_archives | grep -q ' trixie$' && return

    printf 'Package: *\nPin: release n=trixie\nPin-Priority: 100\n' | as_root tee "$trixie_pin" &&
        trixie_source_of "$mirror" | as_root tee "$trixie_source"
}

# A source that does not work would break every later 'apt-get update' of this machine.
remove_trixie() { as_root rm -f "$trixie_source" "$trixie_pin"; }

apt_install() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends -t trixie \
        -o Dpkg::Options::=--force-confold -o DPkg::Lock::Timeout=300 "$@"
}

# Reading the package lists anew takes seconds, so it is done only if they are absent or outdated.
apt_install_or_update() { apt_install "$@" || { as_root apt-get update && apt_install "$@"; }; }

# install_from_trixie PACKAGE…: quiet, and apt's own words only if it fails.
install_from_trixie() {
    local log status=0
    log=$(mktemp)
    {
        # One at a time: two apt-get at once stop each other with a lock error.
        if command -v flock >/dev/null; then flock 9; fi
        if ! { add_trixie && apt_install_or_update "$@"; }; then
            status=1
            remove_trixie
        fi
    } 9>"${TMPDIR:-/tmp}/fedqueue-apt.$(id -u).lock" >"$log" 2>&1
    [[ $status == 0 ]] || cat "$log" >&2
    rm -f "$log"
    return $status
}
