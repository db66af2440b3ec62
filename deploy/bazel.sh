#!/usr/bin/env bash
# deploy/bazel.sh COMMAND ARGUMENTS: bazel as ./dev wants it. What was compiled once is found again by every checkout, in
# $NIWAKI_CACHE/bazel; an idle server keeps a gigabyte, so it ends after two hours.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

command=$1
shift
cache=${NIWAKI_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/niwaki}
case $command in
  build | test | run) exec bazel --max_idle_secs=7200 "$command" --disk_cache="$cache/bazel" "$@" ;;
  *) exec bazel --max_idle_secs=7200 "$command" "$@" ;;
esac
