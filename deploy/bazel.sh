#!/usr/bin/env bash
# deploy/bazel.sh COMMAND ARGUMENTS: bazel as ./dev wants it. What was compiled once is found again by every checkout, in
# $NIWAKI_CACHE/bazel; an idle server keeps a gigabyte, so it ends after two hours.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

command=$1
shift
# Bazel notes once which compilers and headers the system has, and by clang a header that came later is nobody's. So it looks
# again when the list of packages is another one.
look_again() {
  local stamp=build/packages.stamp
  if cmp -s deploy/packages.txt $stamp; then return; fi
  bazel --max_idle_secs=7200 sync --configure >/dev/null 2>&1 || return 0
  mkdir -p build
  cp deploy/packages.txt $stamp
}

cache=${NIWAKI_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/niwaki}
case $command in
  build | test | run)
    look_again
    exec bazel --max_idle_secs=7200 "$command" --disk_cache="$cache/bazel" "$@"
    ;;
  *) exec bazel --max_idle_secs=7200 "$command" "$@" ;;
esac
