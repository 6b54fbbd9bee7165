# Finds a Chromium for the tests of the dashboard, or installs Debian's. Sourced by test.sh.

chromium_eng=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

chromium_file() {
    local name
    for name in "${FEDQUEUE_CHROMIUM:-}" chromium chromium-browser google-chrome; do
        [[ -n $name ]] && command -v "$name" && return 0
    done
    return 1
}

# Prints the browser's path.
ensure_chromium() {
    chromium_file && return 0

    # shellcheck source=apt.sh
    . "$chromium_eng/apt.sh"
    if may_install; then
        say "installing chromium for the tests of the dashboard (about a minute)"
        { as_root apt-get update && as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends chromium fonts-dejavu-core; } >&2 &&
            chromium_file && return 0
    fi
    say "there is no chromium; install it, or name one in FEDQUEUE_CHROMIUM"
    return 1
}
