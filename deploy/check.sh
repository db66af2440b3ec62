#!/usr/bin/env bash
# The rules of the house, in one place: repairs what it can with --fix, then fails on what is left.
set -euo pipefail
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

shell() { git ls-files -- '*.sh' dev .ci/run | xargs -r shellcheck -x -P SCRIPTDIR/..; }

script_tests() { python3 -m doctest deploy/build_progress.py; }

policy_tests() { python3 tests/policy/check_policy_test.py --quiet; }

# Layering and thread safety need no step: ./dev test compiles with both checks on.
step "formatting (clang-format)" formatting
step "proto lint (buf)" proto_lint
step "shell scripts (shellcheck)" shell
step "rules of the house (tests/policy)" python3 tests/policy/check_policy.py
step "tests of these rules" policy_tests
step "tests of scripts" script_tests
step "changed sources (clang-tidy)" deploy/tidy.sh

[ $failed = 0 ] || { printf '%d checks failed\n' "$failed"; exit 1; }
