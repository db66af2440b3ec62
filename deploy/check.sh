#!/usr/bin/env bash
# The rules of the house, in one place: repairs what it can with --fix, then fails on what is left.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

fix=false
[ "${1:-}" = --fix ] && fix=true
failed=0

step() {
  local name=$1
  shift
  [ ! -t 1 ] || printf '...     %s\r' "$name"
  if "$@"; then printf 'ok      %s\n' "$name"; else printf 'FAILED  %s\n' "$name"; failed=$((failed + 1)); fi
}

sources() { git ls-files -- '*.h' '*.cc' '*.c'; }

formatting() {
  if $fix; then sources | xargs -r clang-format -i; fi
  sources | xargs -r clang-format --dry-run -Werror
}

proto_lint() {
  local tools=build/npm
  if [ ! -x $tools/node_modules/.bin/buf ]; then
    mkdir -p $tools
    npm install --loglevel=error --no-audit --no-fund --no-package-lock --prefix $tools @bufbuild/buf@1.75.0 >/dev/null || return 1
  fi
  $tools/node_modules/.bin/buf lint
}

# clang sees what gcc passes over: headers used without a dependency, members used without their mutex.
layering() {
  bazel --max_idle_secs=7200 build --config=clang ${NIWAKI_CACHE:+--disk_cache="$NIWAKI_CACHE/bazel"} \
    --noshow_progress --ui_event_filters=-info \
    -- //libs/base/... //libs/arch/... //libs/search/... //libs/store/... //libs/jobs/... //libs/artifacts/... >/dev/null
}

step "formatting (clang-format)" formatting
step "proto lint (buf)" proto_lint
step "rules of the house (tests/policy)" python3 tests/policy/check_policy.py
step "layering and thread safety (clang; compiles for minutes the first time)" layering

[ $failed = 0 ] || { printf '%d checks failed\n' "$failed"; exit 1; }
