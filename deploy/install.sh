#!/usr/bin/env bash
# deploy/install.sh [GROUP]: installs the Debian packages of deploy/packages.txt that are missing: those before the first
# [GROUP], or those of that group. At once done where none is.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

group=${1:-}
list=deploy/packages.txt
log=build/install.log

die() { printf 'dev: %s\n' "$*" >&2; exit 1; }

# PACKAGE:PROGRAM is wanted only where the program is not there.
missing_packages() {
  local section='' package program
  sed 's/#.*//' $list | while IFS=': ' read -r package program; do
    case $package in
      '') continue ;;
      \[*\]) section=${package:1:-1} && continue ;;
    esac
    [ "$section" = "$group" ] || continue
    if [ -n "$program" ] && command -v "$program" >/dev/null; then continue; fi
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || printf '%s\n' "$package"
  done
}

# One line now and then from the long talk of apt-get.
progress() {
  local line words total=0 steps=0
  while IFS= read -r line; do
    case $line in
      *' newly installed, '*) read -ra words <<<"$line" && total=$((2 * words[2])) ;;
      'Need to get '*) printf '    %s\n' "$line" ;;
      'Unpacking '* | 'Setting up '*)
        steps=$((steps + 1))
        [ $((steps % 100)) != 0 ] || printf '    step %d of %d\n' $steps $total
        ;;
    esac
  done >&2
}

command -v dpkg-query >/dev/null || die "this needs a Debian system (bookworm): dpkg is not there"
[ -z "$group" ] || grep -q "^\[$group\]" $list || die "$list has no group [$group]"
mapfile -t missing < <(missing_packages)
[ ${#missing[@]} -gt 0 ] || exit 0
sudo=()
[ "$(id -u)" = 0 ] || sudo=(sudo)
[ ${#sudo[@]} = 0 ] || command -v sudo >/dev/null ||
  die "packages are missing and there is no sudo: run './dev install${group:+ $group}' as root, which installs ${missing[*]}"

printf '\033[1m==> installing %d Debian packages and what they need (%s)\033[0m\n' ${#missing[@]} $log >&2
mkdir -p build
{
  "${sudo[@]}" apt-get update -q &&
    "${sudo[@]}" env LC_ALL=C DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}"
} 2>&1 | tee $log | progress || { tail -n 20 $log >&2 && die "apt-get failed"; }
