# shellcheck shell=bash
# shellcheck disable=SC2154  # pid, port, part, spinners, work: of common.sh, cluster.sh, forward.sh and run
# What an answer about the cluster's names costs, and how long it takes; sourced by bench/run.
# Servers are measured in turn, RUNS times; a table has "median (lowest–highest)" of the runs.

# What is measured: names, ports and pids of servers, in the order of the table.
names=() ports=() servers=()

enlist() { names+=("$1") ports+=("$port") servers+=("$pid"); }
dismiss() { stop "${servers[@]}"; names=() ports=() servers=(); }

# fairleads: the one to be measured, and the one before it when there is one
fairleads() {
  serve fairlead "$FAIRLEAD"; enlist Fairlead
  if [ -n "$BEFORE" ]; then serve before "$BEFORE"; enlist before; fi
}

# field: udpecho, Fairlead and, when it can be, CoreDNS
field() {
  port=$(free_port)
  launch echo "$TOOLS/bench/udpecho" "$port"; enlist udpecho
  fairleads
  if [ -n "$COREDNS" ] && [ -n "$LAB" ]; then serve coredns "$COREDNS"; enlist CoreDNS; fi
}

result() { echo "$work/result.$part.$1.$2"; }  # result KIND SERVER: the file of this part's runs

# ask KIND FILE [FLAG...]: one run of every server
ask() {
  local i kind=$1 file=$2 flags; shift 2
  for i in "${!names[@]}"; do
    flags=("$@"); if [ "${names[i]}" = udpecho ]; then flags+=(-E); fi
    blast "$file" "${ports[i]}" "${servers[i]}" "${flags[@]}" >>"$(result "$kind" "${names[i]}")"
  done
}

# columns WORD: a row of the head of a table, with the servers that answer
columns() {
  local name
  printf '| %s | octets |' "$1"
  for name in "${names[@]}"; do printf ' %s |' "$name"; done
  for name in "${names[@]:1}"; do printf ' %s : %s |' "$name" "${names[0]}"; done
  printf '\n|---|---|'
  for name in "${names[@]}" "${names[@]:1}"; do printf -- '---|'; done
  printf '\n'
}

# row KIND: CPU time per answer of each, and the ratios to the first
row() {
  local name first; first=$(result "$1" "${names[0]}")
  printf '| %s | %.0f |' "$1" "$(column "$(result "$1" Fairlead)" 3)"
  for name in "${names[@]}"; do printf ' %s |' "$(spread "$(result "$1" "$name")" 1)"; done
  for name in "${names[@]:1}"; do printf ' %s |' "$(ratios "$(result "$1" "$name")" "$first" 1)"; done
  printf '\n'
}

# chart NAME TITLE KIND...: bars of the CPU time
chart() {
  local kind name file=$1 title=$2; shift 2
  for kind in "$@"; do
    for name in "${names[@]}"; do point "$kind" "$name" "$(result "$kind" "$name")" 1; done
  done | plot "$file" bars "$title" µs
}

about_runs() {
  printf '%s runs of %s s, the servers in turn; %s services, %s endpoints' "$RUNS" "$SECONDS_PER_RUN" "$SERVICES" "$ENDPOINTS"
}

cpu() {
  local kind kinds=() run
  for kind in a aaaa-nodata nxdomain srv ptr; do kinds+=("$kind"); done
  for kind in "$work"/queries/headless-*; do kinds+=("${kind##*/}"); done
  field
  for run in $(seq "$RUNS"); do
    say "cpu, run $run of $RUNS"
    for kind in "${kinds[@]}"; do ask "$kind" "$work/queries/$kind"; done
  done
  printf '\nCPU µs of the server per answer over UDP; %s; server and client on one core each\n\n' "$(about_runs)"
  columns question
  for kind in "${kinds[@]}"; do row "$kind"; done
  printf '\nAnswers per second'
  for kind in "${names[@]}"; do printf ', %s %.0f' "$kind" "$(column "$(result a "$kind")" 2)"; done
  printf ' (kind a)\n'
  chart cpu "CPU time per answer over UDP" "${kinds[@]}"
  dismiss
}

mix() {
  local run
  "$here/scale_cluster.py" mix "$work/mix" "$SERVICES" "$ENDPOINTS"
  "$here/scale_cluster.py" zone "$work/zone" "$SERVICES" "$ENDPOINTS"
  field
  authority knotd Knot cluster.local "$work/zone" "$(a_service)" || true
  authority nsd NSD cluster.local "$work/zone" "$(a_service)" || true
  for run in $(seq "$RUNS"); do
    say "mix, run $run of $RUNS"
    ask mix "$work/mix"
  done
  printf '\nThe search-list mix: CPU µs of the server per answer; %s\n\n' "$(about_runs)"
  columns question
  row mix
  chart mix "CPU time per answer of the search-list mix" mix
  dismiss
}

# both FILE PORT PID [FLAG...]: two generators, one on each core; their columns as one: µs per answer, answers per second
both() {
  local first=$work/both.first
  CLIENT_CPU=$SERVER_CPU blast "$@" >"$first" &
  local other=$!
  CLIENT_CPU=$CLIENT_CPU blast "$@" >"$first.2"
  wait "$other"
  paste -d' ' "$first" "$first.2" | awk '{ print 1 / (1 / $1 + 1 / $9), $2 + $10 }'
}

# cores_round NAME PORT PID: NAME is SERVER-WORKERS. As many generators as workers, each core has one of both.
cores_round() {
  local flags=(-k 64 -w 4)
  if [[ $1 = udpecho* ]]; then flags+=(-E); fi
  case $1 in
    *-1) CLIENT_CPU=$SERVER_CPU blast "$work/queries/a" "$2" "$3" "${flags[@]}" ;;
    *-2) both "$work/queries/a" "$2" "$3" "${flags[@]}" ;;
  esac >>"$(result cores "$1")"
}

cores_row() {
  local one two; one=$(result cores "$1-1") two=$(result cores "$1-2")
  printf '| %s | %s | %s | %s | %s | %s |\n' "$1" "$(spread "$one" 1)" "$(spread "$two" 1)" \
    "$(paste -d' ' <(cut -d' ' -f1 "$one") <(cut -d' ' -f1 "$two") | awk '{ print 2 * $1 / $2 }' | middle %.2f)" \
    "$(spread "$two" 2 %.0f)" "$(ratios "$two" "$one" 2)"
}

# A second worker's worth: answers per second of the server's CPU time, times the cores that it has.
cores() {
  local i run all=$SERVER_CPU,$CLIENT_CPU
  for i in 1 2; do
    port=$(free_port); launch "echo$i" "$TOOLS/bench/udpecho" "$port" "$i"; enlist "udpecho-$i"
  done
  serve one "$FAIRLEAD"; enlist Fairlead-1
  SERVER_CPU=$all serve two "$FAIRLEAD"; enlist Fairlead-2
  for run in $(seq "$RUNS"); do
    say "cores, run $run of $RUNS"
    for i in "${!names[@]}"; do cores_round "${names[i]}" "${ports[i]}" "${servers[i]}"; done
  done
  printf '\nOne worker with one generator on one core, and two of each on two cores; kind a; %s\n\n' "$(about_runs)"
  printf '| server | CPU µs per answer, 1 worker | 2 workers | 2 cores : 1, answers per CPU second × cores '
  printf '| answers/s with 2 workers | 2 : 1, generators included |\n|---|---|---|---|---|---|\n'
  cores_row udpecho
  cores_row Fairlead
  dismiss
}

# tcp_kind KIND: the flags of tcpblast for it
tcp_kind() {
  case $1 in
    'one connection, 128 under way') echo "-c 1 -w 128" ;;
    '1,000 connections, one query each in turn') echo "-c 1000 -w 1 -f 64" ;;
    'a new connection for each query') echo "-c 64 -f 64 -n" ;;
  esac
}

tcp() {
  local run kind kinds=('one connection, 128 under way' '1,000 connections, one query each in turn' 'a new connection for each query')
  # shellcheck disable=SC2034  # blast reads it
  local GENERATOR=tcpblast flags
  fairleads
  if [ -n "$COREDNS" ] && [ -n "$LAB" ]; then serve coredns "$COREDNS"; enlist CoreDNS; fi
  for run in $(seq "$RUNS"); do
    say "tcp, run $run of $RUNS"
    for kind in "${kinds[@]}"; do
      read -ra flags <<<"$(tcp_kind "$kind")"
      ask "$kind" "$work/queries/a" "${flags[@]}"
    done
  done
  printf '\nCPU µs of the server per answer over TCP, kind a; %s\n\n' "$(about_runs)"
  columns load
  for kind in "${kinds[@]}"; do row "$kind"; done
  chart tcp "CPU time per answer over TCP" "${kinds[@]}"
  dismiss
}

# at_rate KIND NAME FILE RATE I [FLAG...]: one run of server I at that rate: the lower quartile of WINDOWS windows, so that pauses
# of the machine fall out
at_rate() {
  local window column; window=$(result "$1" "$2.windows")
  for _ in $(seq "$WINDOWS"); do
    SECONDS_PER_RUN=$(awk "BEGIN { print $SECONDS_PER_RUN / $WINDOWS }") \
      blast "$3" "${ports[$5]}" "${servers[$5]}" -r "$4" -B -w 1024 "${@:6}"
  done >"$window"
  for column in 1 2 3 4 5 6 7 8; do cut -d' ' -f"$column" "$window" | quartile; done | paste -sd' ' >>"$(result "$1" "$2")"
}

latency_row() {
  local file; file=$(result "$1" "$2")
  printf '| %s | %s | %.0f | %s | %s | %s | %s | %s |\n' "$1" "$2" "$(column "$file" 2)" "$(spread "$file" 6 %.0f)" \
    "$(spread "$file" 4 %.0f)" "$(ratios "$file" "$(result "$1" udpecho)" 4)" "$(spread "$file" 7 %.0f)" "$(column "$file" 5)"
}

# The latency at half of what each server can answer. An idle priority loop keeps the cores from sleeping.
latency() {
  local run kind i half=() own
  local -A file=([a]=$work/queries/a [mix]=$work/mix)
  "$here/scale_cluster.py" mix "$work/mix" "$SERVICES" "$ENDPOINTS"
  field
  awake
  for run in $(seq "$RUNS"); do ask saturation "${file[mix]}"; done
  for i in "${!names[@]}"; do half[i]=$(awk "BEGIN { print int($(column "$(result saturation "${names[i]}")" 2) / 2) }"); done
  for run in $(seq "$RUNS"); do
    say "latency, run $run of $RUNS"
    for kind in a mix; do
      for i in "${!names[@]}"; do
        own=(); if [ "$i" = 0 ]; then own=(-E); fi
        at_rate "$kind" "${names[i]}" "${file[$kind]}" "${half[i]}" "$i" "${own[@]}"
      done
      at_rate "$kind" "udpecho at Fairlead's rate" "${file[$kind]}" "${half[1]}" 0 -E
    done
  done
  stop "${spinners[@]}"
  printf "\nLatency at half of the server's own saturation with the mix, from when a query was due to its answer; %s; of each run the lower quartile of %s windows\n\n" "$(about_runs)" "$WINDOWS"
  printf '| question | server | queries/s | p50 µs | p99 µs | p99 : udpecho | p99.9 µs | lost |\n|---|---|---|---|---|---|---|---|\n'
  for kind in a mix; do
    for own in "udpecho" "udpecho at Fairlead's rate" "${names[@]:1}"; do latency_row "$kind" "$own"; done
  done
  for kind in a mix; do
    for own in "udpecho" "udpecho at Fairlead's rate" Fairlead; do point "$kind" "$own" "$(result "$kind" "$own")" 4; done
  done | plot latency bars "p99 of the latency at half of saturation" µs
  dismiss
}
