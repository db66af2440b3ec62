#!/usr/bin/env bash
# The main job on the embedded default, from nothing: data set, supernet, cluster, search, a front whose best networks are
# proven on an emulated board, and the best one as C.
# What is finished is kept in build/quickstart and not made again; remove that folder to start over.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

bin=$PWD/build/bin
home=$PWD/build/quickstart
data=$home/keywords.nwd
supernet=$home/kws.supernet.safetensors
cluster=$home/cluster
minutes=${QUICKSTART_MINUTES:-5}
job=quickstart

step() { printf '\n\033[1m%s\033[0m\n' "$*"; }
niwaki() { "$bin/niwaki" --data-dir "$cluster" "$@"; }
seconds() { date +%s; }

mkdir -p "$home"
begin=$(seconds)

step "1/6  A keyword data set: ten words, silence and unknown, spoken by espeak-ng in many voices"
if [ -f "$data" ]; then
  echo "kept: $data"
  niwaki data info "$data"
else
  niwaki data generate-keywords --out "$data" --clips-per-word 500 --seed 1
fi

step "2/6  A supernet: every network of the space 'kws' in one set of weights ($minutes minutes)"
if [ -f "$supernet" ]; then echo "kept: $supernet"; else
  resume=()
  [ ! -f "$supernet.checkpoint" ] || resume=(--resume)
  niwaki train --space kws --data "$data" --out "$supernet" --minutes "$minutes" --seed 1 "${resume[@]}"
fi

step "3/6  A cluster: coordinator, oracle, two workers and two emulated boards on this machine"
niwaki up --detach --workers 2
trap 'niwaki down' EXIT
niwaki supernet register kws --file "$supernet" --data "$data"

step "4/6  A search: 200 networks within 64 kB SRAM, 256 kB flash and 100 ms on an STM32F746; its best three are proven on a board"
if niwaki jobs --output json | grep -q "\"jobs/$job\""; then
  niwaki watch "$job"
else
  niwaki submit deploy/jobs/keywords.yaml --id "$job"
  niwaki watch "$job"
fi

step "5/6  The Pareto front; TEST is of voices that neither training nor search has heard, INT8 of the networks that ran on the board"
niwaki front "$job" --test --svg "$home/front.svg"

step "6/6  The best network as C for a microcontroller, the very bytes that were proven, run on an emulated Cortex-M7"
niwaki export "$job/best" --device stm32f746 --prefix kws --force --out "$home/export"
niwaki run "$home/export" --board mps2-an500 --device stm32f746

printf '\nfront: %s\nC code: %s\ntook %d s\n' "$home/front.svg" "$home/export" $(($(seconds) - begin))
