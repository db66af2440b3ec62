#!/usr/bin/env bash
# docker/containers.sh images [--compile] | compose ARGUMENTS: Niwaki's container images, and a cluster made of them.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

base=debian:bookworm-slim
targets=(oracle coordinator worker boards niwaki)
tag=${NIWAKI_TAG:-latest}

say() { printf '\033[1m==> %s\033[0m\n' "$*" >&2; }
die() { printf 'dev: %s\n' "$*" >&2; exit 1; }

usage() {
  cat <<'TEXT'
usage: ./dev images [--compile]
       ./dev compose ARGUMENTS

  images    makes the images niwaki-oracle, niwaki-coordinator, niwaki-worker, niwaki-boards and niwaki (command line and trainer);
            on Debian bookworm they get the programs of build/bin, with --compile and elsewhere they are built from
            source inside a container
  compose   docker compose with docker/compose.yaml; makes the images first where there are none

examples
  ./dev compose up -d --scale worker=3
  ./dev compose run --rm niwaki jobs
  ./dev compose logs -f coordinator
  ./dev compose down            # -v removes the state as well

NIWAKI_TAG is the tag of the images (latest), DOCKER_HOST the daemon, COMPOSE_PROJECT_NAME the cluster's name (niwaki).
TEXT
}

image() { if [ "$1" = niwaki ]; then printf 'niwaki:%s' "$tag"; else printf 'niwaki-%s:%s' "$1" "$tag"; fi; }

on_bookworm() { [ "$(. /etc/os-release 2>/dev/null && printf '%s' "${ID:-} ${VERSION_ID:-}")" = "debian 12" ]; }

# Debian's docker, which brings its builder, before any other client on PATH.
pick_docker() {
  docker=/usr/bin/docker
  [ -x "$docker" ] || docker=$(command -v docker || true)
}

server_answers() { answer=$("${docker:-docker}" version --format '{{.Server.Version}}' 2>&1); }

# Debian's docker is installed where no daemon answers, none is named and none is there: a client alone may be on PATH.
find_docker() {
  local answer=''
  pick_docker
  if ! server_answers && [ -z "${DOCKER_HOST:-}" ] && ! PATH=$PATH:/usr/sbin command -v dockerd >/dev/null; then
    ./dev install containers
    pick_docker
  fi
  server_answers ||
    die "no docker daemon answers: ${answer##*$'\n'}
Start it ('systemctl start docker'), join the group 'docker' where permission is denied, or name one with DOCKER_HOST."
}

find_compose() {
  if "$docker" compose version >/dev/null 2>&1; then compose=("$docker" compose); return; fi
  command -v docker-compose >/dev/null || ./dev install containers
  compose=(docker-compose)
}

has_image() { "$docker" image inspect "$1" >/dev/null 2>&1; }

# The base image is used where it is, else pulled, else made from Debian's packages.
make_base() {
  ! has_image $base || return 0
  say "fetching $base"
  ! "$docker" pull -q $base >/dev/null 2>&1 || return 0
  say "$base cannot be pulled, making it from Debian's packages"
  command -v mmdebstrap >/dev/null || ./dev install containers
  local as_root=
  [ "$(id -u)" = 0 ] || as_root=sudo
  $as_root mmdebstrap --quiet --variant=minbase --dpkgopt='path-exclude=/usr/share/man/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt='path-exclude=/usr/share/doc/*' \
    --dpkgopt='path-include=/usr/share/doc/*/copyright' bookworm - |
    "$docker" import --change 'CMD ["bash"]' - $base >/dev/null
}

images() {
  # Packing is quick; a compilation of minutes shows how far it is.
  local programs=packed progress=(--quiet) target
  on_bookworm || programs=compiled
  case ${1:-} in
    '') ;;
    --compile) programs=compiled ;;
    -h | --help) usage && exit 0 ;;
    *) usage >&2 && die "unknown argument '$1'" ;;
  esac
  find_docker
  make_base
  if [ $programs = packed ]; then
    ./dev programs
    docker/gather.sh build/image
  else
    progress=()
  fi
  for target in "${targets[@]}"; do
    say "image $(image "$target") ($programs)"
    DOCKER_BUILDKIT=1 "$docker" build "${progress[@]}" --build-arg BASE=$base --build-arg PROGRAMS=$programs \
      --file docker/Dockerfile --target "$target" --tag "$(image "$target")" . >/dev/null
  done
  "$docker" images --filter "reference=niwaki*:$tag" --format '{{.Repository}}:{{.Tag}}  {{.Size}}'
}

compose() {
  case ${1:-} in '' | -h | --help) usage && exit 0 ;; esac
  find_docker
  find_compose
  local target
  for target in "${targets[@]}"; do
    has_image "$(image "$target")" || { images '' && break; }
  done
  export COMPOSE_PROJECT_NAME=${COMPOSE_PROJECT_NAME:-niwaki} NIWAKI_USER=${NIWAKI_USER:-$(id -u):$(id -g)}
  exec "${compose[@]}" --file docker/compose.yaml "$@"
}

command=${1:-}
[ $# = 0 ] || shift
case $command in
  images | compose) "$command" "$@" ;;
  *) usage >&2 && exit 2 ;;
esac
