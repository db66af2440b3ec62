# shellcheck shell=bash
# To be sourced: runs the parts of a long check one after another, goes on after one that failed, and tells how each went.
#
#   part NAME COMMAND [ARGUMENTS]   runs it; what it prints stays in build/parts/NAME.log as well
#   count_tests                     prints 'N passed, N failed': the Bazel test targets of all parts
#   table_of_parts [BOUND]          prints parts, outcomes and minutes, and whether they near BOUND minutes; fails if one did

parts=()
parts_folder=build/parts
# Minutes may take this share of their bound, in hundredths, before the table says so.
readonly parts_near=85

part() {
  local name=$1 begin=$SECONDS outcome=ok
  shift
  [ ${#parts[@]} -gt 0 ] || rm -rf "$parts_folder"
  mkdir -p "$parts_folder"
  printf '\n==> %s: %s\n' "$name" "$*"
  "$@" 2>&1 | tee "$parts_folder/$name.log" || outcome=FAILED
  parts+=("$name $outcome $((SECONDS - begin))")
}

# From Bazel's summary, one line a target: '//libs/base:json_test  (cached) PASSED in 0.3s'.
count_tests() {
  cat "$parts_folder"/*.log | awk '
    !/^\/\/[^ ]+ +(\(cached\) )?(PASSED|FLAKY|FAILED|TIMEOUT|INCOMPLETE|REMOTE FAILURE|BLAZE HALTED|NO STATUS)/ { next }
    / (PASSED|FLAKY)/ { passed++; next }
    { failed++ }
    END { printf "%d passed, %d failed\n", passed, failed }'
}

table_of_parts() {
  printf '%s\n' "${parts[@]}" | awk -v bound="${1:-0}" -v near="$parts_near" '
    BEGIN { printf "\n%-14s %-8s %7s\n", "part", "outcome", "minutes" }
    { printf "%-14s %-8s %7.1f\n", $1, $2, $3 / 60; sum += $3 / 60; if ($2 != "ok") failed++ }
    END {
      printf "%-14s %-8s %7.1f", "together", failed ? failed " FAILED" : "ok", sum
      if (bound) printf "  of at most %d", bound
      printf "\n"
      if (bound && sum > bound * near / 100) printf "NEAR THE BOUND: make a part shorter or move it to ./dev nightly\n"
      exit failed ? 1 : 0
    }'
}
