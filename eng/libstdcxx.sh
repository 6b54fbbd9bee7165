# Makes sure that the system's libstdc++ can load TorchSharp. Sourced by fedqueue and test.sh.
#
# TorchSharp's native part is built with GCC 13. On an older system it fails to load with a message that names
# neither the library nor the version, so the check comes before the start.

libstdcxx_needs=GLIBCXX_3.4.32
libstdcxx_eng=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# The file the dynamic loader would take: LD_LIBRARY_PATH first, then its cache, then the usual folders.
libstdcxx_file() {
    local folder file
    local -a folders=()
    IFS=: read -r -a folders <<<"${LD_LIBRARY_PATH:-}"
    for folder in ${folders[@]+"${folders[@]}"}; do
        [[ -n $folder && -e $folder/libstdc++.so.6 ]] && { echo "$folder/libstdc++.so.6"; return; }
    done

    # ldconfig is not on every user's PATH. The cache may also list a 32-bit copy, which dotnet never loads.
    file=$(PATH=$PATH:/sbin:/usr/sbin ldconfig -p 2>/dev/null |
        awk '$1 == "libstdc++.so.6" && /x86-64|AArch64/ { print $NF; exit }') || true
    [[ -n $file ]] && { echo "$file"; return; }

    for file in /usr/lib/*-linux-gnu/libstdc++.so.6 /usr/lib64/libstdc++.so.6 /usr/lib/libstdc++.so.6; do
        [[ -e $file ]] && { echo "$file"; return; }
    done
}

libstdcxx_fits() {
    local file
    [[ $OSTYPE == linux* ]] || return 0
    file=$(libstdcxx_file)
    # dotnet needs the library too, so it exists; where it is not in a usual place, the loader decides.
    [[ -z $file ]] || grep -qaF "$libstdcxx_needs" "$file"
}

ensure_libstdcxx() {
    libstdcxx_fits && return 0

    # shellcheck source=apt.sh
    . "$libstdcxx_eng/apt.sh"
    if may_install; then
        say "libstdc++ is too old for TorchSharp: installing libstdc++6 and libc6 of Debian 13 (about 15 s)"
        install_from_trixie libstdc++6 libc6 && libstdcxx_fits && return 0
    fi
    say "$(libstdcxx_file) is too old for TorchSharp ($libstdcxx_needs is missing): use Ubuntu 24.04, Debian 13," \
        "Fedora 39 or later, or run everything in containers with 'docker compose up'"
    return 2
}
