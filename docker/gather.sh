#!/usr/bin/env bash
# docker/gather.sh FOLDER: what the images are made of, from build/bin (./dev programs):
#   FOLDER/bin             the programs, without symbols
#   FOLDER/packages/small  Debian packages of the libraries that coordinator, oracle, boards and command line load
#   FOLDER/packages/torch  those that worker and trainer load besides
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
[ $# = 1 ] || { echo "usage: docker/gather.sh FOLDER" >&2; exit 2; }
folder=$1

small=(niwaki niwaki-coordinator niwaki-oracle niwaki-boards)
torch=(niwaki-worker niwaki-train)

# packages_of PROGRAM...: the packages of the shared objects that they load. dpkg knows a file by the name it was
# installed under, which may lack the leading /usr.
packages_of() {
  local object
  ldd "$@" | awk '$2 == "=>" && $3 ~ /^\// { print $3 }' | sort -u | while read -r object; do
    object=$(realpath "$object")
    dpkg-query -S "$object" 2>/dev/null || dpkg-query -S "${object#/usr}"
  done | cut -d: -f1 | sort -u
}

rm -rf "$folder"
mkdir -p "$folder/bin" "$folder/packages"
for program in "${small[@]}" "${torch[@]}"; do
  [ -x "$root/build/bin/$program" ] || { echo "build/bin/$program is not there: run ./dev programs" >&2; exit 1; }
  strip -o "$folder/bin/$program" "$(realpath "$root/build/bin/$program")"
done
packages_of "${small[@]/#/$folder/bin/}" >"$folder/packages/small"
packages_of "${torch[@]/#/$folder/bin/}" | comm -23 - "$folder/packages/small" >"$folder/packages/torch"
