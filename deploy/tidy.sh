#!/usr/bin/env bash
# deploy/tidy.sh: clang-tidy (.clang-tidy) over the .cc files that this branch has changed; fails on what it finds.
#
# Changed since the merge base with origin/main; where that is the commit at hand or is not there, as in a fresh clone of
# main, by the last commit that touched a .cc file (of a merge: by the branch that it merged); where history ends before
# that, every file counts. The most changed come first, at most NIWAKI_TIDY_FILES (40) of them and for at most
# NIWAKI_TIDY_SECONDS (240): a line says how many were looked at.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

most_files=${NIWAKI_TIDY_FILES:-40}
most_seconds=${NIWAKI_TIDY_SECONDS:-240}
out=build/tidy

# The commit to compare with, or nothing where all is new.
base_commit() {
  local base last
  base=$(git merge-base HEAD origin/main 2>/dev/null || true)
  if [ -n "$base" ] && { [ "$base" != "$(git rev-parse HEAD)" ] || ! git diff --quiet HEAD -- '*.cc'; }; then
    printf '%s' "$base"
    return
  fi
  last=$(git log --first-parent -m -1 --format=%H -- '*.cc')
  git rev-parse --verify --quiet "$last^1" || true
}

# Lines of 'CHANGED-LINES FILE'. A file that was moved as it was has changed no line.
changed_files() {
  local added removed file
  if [ -z "$base" ]; then
    git ls-files '*.cc' | sed 's/^/1 /'
    return
  fi
  git diff -M -l0 --numstat -z "$base" -- '*.cc' | while IFS=$'\t' read -r -d '' added removed file; do
    # A rename has its two names behind.
    if [ -z "$file" ]; then IFS= read -r -d '' _ && IFS= read -r -d '' file; fi
    if [ "$added" != 0 ] && [ -f "$file" ]; then printf '%d %s\n' $((added + removed)) "$file"; fi
  done
  git ls-files --others --exclude-standard '*.cc' | sed 's/^/1000 /'
}

base=$(base_commit)
if [ -z "$base" ]; then since="the beginning of this history"; else since=$(git log -1 --format='%h (%s)' "$base"); fi
mapfile -t changed < <(changed_files | sort -k1,1nr -k2,2 | cut -d' ' -f2-)
if [ ${#changed[@]} = 0 ]; then
  printf '0 .cc files changed since %s: nothing to look at\n' "$since"
  exit 0
fi

# What the files include must be there: generated code, and where it lies.
config=(--config=clang --noshow_progress --ui_event_filters=-info)
mapfile -t generated < <(deploy/bazel.sh query --noshow_progress 'kind(genrule, //proto/... + //libs/...)')
deploy/bazel.sh build "${config[@]}" "${generated[@]}"
bin=$(deploy/bazel.sh info "${config[@]}" bazel-bin)
torch=/usr/include
[ -z "${LIBTORCH_ROOT:-}" ] || torch=$LIBTORCH_ROOT/include
# Generated headers are the system's: what is found there is not ours.
export flags="-std=c++17 -iquote . -isystem $bin -isystem proto -isystem $bin/proto
  -isystem $torch/torch/csrc/api/include"
[ "$torch" = /usr/include ] || flags="$flags -isystem $torch"

rm -rf "$out"
mkdir -p "$out"
# One file; its findings lie in NUMBER.found, and NUMBER.done says that it was looked at to its end.
tidy() {
  local number=$1 file=$2 outcome=0
  # shellcheck disable=SC2086
  clang-tidy --quiet "$file" -- $flags >"$out/$number.found" 2>"$out/$number.noise" || outcome=$?
  # Stopped for the time is not looked at.
  [ $outcome != 143 ] || return 0
  printf '%s\n' "$outcome" >"$out/$number.done"
}
export -f tidy
export out

for number in "${!changed[@]}"; do
  [ "$number" -lt "$most_files" ] || break
  printf '%d\0%s\0' "$number" "${changed[$number]}"
done | timeout "$most_seconds" xargs -0 -n 2 -P "$(nproc)" bash -c 'tidy "$@"' tidy || true

looked=0
failed=0
for number in "${!changed[@]}"; do
  [ -f "$out/$number.done" ] || continue
  looked=$((looked + 1))
  [ "$(cat "$out/$number.done")" != 0 ] || continue
  failed=$((failed + 1))
  cat "$out/$number.found"
  # What does not compile is told here.
  grep 'error:' "$out/$number.noise" || true
done
why=
[ "$looked" = ${#changed[@]} ] || why=", the most changed first: at most $most_files files and $most_seconds s"
printf '%d of %d .cc files changed since %s looked at%s\n' "$looked" ${#changed[@]} "$since" "$why"
[ "$looked" -gt 0 ] || { printf 'clang-tidy has finished no file in %d s\n' "$most_seconds"; exit 1; }
[ "$failed" = 0 ] || { printf 'clang-tidy found something in %d files\n' "$failed"; exit 1; }
