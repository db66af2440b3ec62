#!/usr/bin/env bash
# What is too long for every change, see usage.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. deploy/parts.sh

usage() {
  cat <<'TEXT'
usage: ./dev nightly [SECONDS] [PART...]

Runs what is too long for every change, goes on after a part that failed, and ends with a table of parts, outcomes and
minutes. Exits non-zero where a part failed. What each part printed is in build/parts.

  asan ubsan tsan   all tests of libs and services with this sanitizer
  fuzz              every fuzz target under libFuzzer with ASan and UBSan, for SECONDS each (300)
  gcc               the programs by the other compiler, its warnings as errors
  e2e               images, and the tests that need containers

examples
  ./dev nightly
  ./dev nightly 3600 fuzz
  ./dev nightly asan tsan
TEXT
}

seconds=300
wanted=()
for argument in "$@"; do
  case $argument in
    -h | --help) usage && exit 0 ;;
    asan | ubsan | tsan | fuzz | gcc | e2e) wanted+=("$argument") ;;
    '' | *[!0-9]*) usage >&2 && printf "dev: unknown part '%s'\n" "$argument" >&2 && exit 2 ;;
    *) seconds=$argument ;;
  esac
done
[ ${#wanted[@]} -gt 0 ] || wanted=(asan ubsan tsan fuzz gcc e2e)

for name in "${wanted[@]}"; do
  case $name in
    fuzz) part fuzz ./dev fuzz "$seconds" ;;
    gcc) part gcc ./dev programs --config=gcc ;;
    e2e) part e2e ./dev e2e ;;
    *) part "$name" ./dev test "--config=$name" --keep_going //libs/... //services/... ;;
  esac
done

failed=0
table_of_parts 0 || failed=1
count_tests
exit $failed
