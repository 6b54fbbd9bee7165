#!/usr/bin/env bash
# Prepares the machine, builds, runs all tests and ends with the line "N passed, N failed, N skipped".
#
#   ./test.sh                     everything; tests that need Docker are skipped where it cannot be had
#   ./test.sh unit                only what needs neither Docker nor a broker
#   ./test.sh [unit] --filter X   the rest is handed to 'dotnet test'
#
# With CI=true, a skipped test or a missing Docker is a failure: there, silence must mean that all was tested.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
cd "$root"
# shellcheck source=eng/build.sh
. eng/build.sh
# shellcheck source=eng/libstdcxx.sh
. eng/libstdcxx.sh
# shellcheck source=eng/docker.sh
. eng/docker.sh
# shellcheck source=eng/chromium.sh
. eng/chromium.sh
# shellcheck source=eng/arm64.sh
. eng/arm64.sh

projects=(Aggregator.Tests Worker.Tests System.Tests)
results=$root/TestResults
passed=0 failed=0 skipped=0 incomplete=0

in_ci() { [[ ${CI:-} == true ]]; }

prepare_docker() {
    unset FEDQUEUE_DOCKER
    if ensure_docker; then
        export FEDQUEUE_DOCKER=1
    else
        say "tests that need Docker are skipped"
        if in_ci; then incomplete=1; fi
    fi
}

# prepare VARIABLE COMMAND WHAT: sets the variable to what the command prints; tests look at it to know whether there is what they need.
prepare() {
    local found
    if found=$("$2"); then
        export "$1=$found"
    else
        unset "$1"
        say "$3 skipped"
        if in_ci; then incomplete=1; fi
    fi
}

# counter NAME FILE: one number of a test report; the report is the same in every language, the console is not.
counter() { sed -n "s/.*<Counters\([^>]*\) $1=\"\([0-9]*\)\".*/\2/p" "$2" | sed -n 1p; }

run_project() {
    local project=$1 report=$results/$1.trx status=0 total=0 executed=0 good=0 bad=0
    shift
    echo "== $project"
    dotnet test "tests/$project" --no-build -c Release --nologo \
        --results-directory "$results" --logger "trx;LogFileName=$project.trx" "$@" || status=$?

    if [[ -e $report ]]; then
        total=$(counter total "$report")
        executed=$(counter executed "$report")
        good=$(counter passed "$report")
        bad=$((executed - good))
    fi
    # A project that found no test, or whose process died, has no failed test to count, but it has not passed either.
    if [[ $bad == 0 ]] && [[ $status != 0 || ($total == 0 && $# == 0) ]]; then
        echo "$project did not run as it should (exit status $status, $total tests)"
        bad=1
    fi
    passed=$((passed + good)) failed=$((failed + bad)) skipped=$((skipped + total - executed))
}

# What could not be tried counts as failed, so that the last line is never better than the truth.
give_up() {
    failed=${#projects[@]}
    finish
}

finish() {
    echo "$passed passed, $failed failed, $skipped skipped"
    [[ $failed == 0 && $incomplete == 0 ]] || exit 1
    if in_ci && [[ $skipped != 0 ]]; then exit 1; fi
    exit 0
}

if [[ ${1:-} == unit ]]; then
    shift
    projects=(Aggregator.Tests Worker.Tests)
    unset FEDQUEUE_DOCKER FEDQUEUE_CHROMIUM FEDQUEUE_ARM64
    needs_docker=0
else
    needs_docker=1
fi

need_dotnet || give_up
ensure_libstdcxx || give_up

# The builds need the processor, what is installed mostly waits: together they take a minute less.
build() { build_solution && { [[ $needs_docker == 0 ]] || ./fedqueue --help >/dev/null; }; }
build &
build=$!
if [[ $needs_docker == 1 ]]; then
    prepare_docker
    prepare FEDQUEUE_CHROMIUM ensure_chromium "tests that need a browser are"
    prepare FEDQUEUE_ARM64 ensure_arm64 "the test on ARM is"
fi
wait "$build" || give_up
if [[ $needs_docker == 1 ]]; then export FEDQUEUE_CLI=$cli; else unset FEDQUEUE_CLI; fi
# As the launcher does: there are two hundred starts.
export DOTNET_EnableWriteXorExecute=0
rm -rf "$results"
for project in "${projects[@]}"; do
    run_project "$project" "$@"
done
finish
