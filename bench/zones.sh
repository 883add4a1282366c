# shellcheck shell=bash
# shellcheck disable=SC2154  # pid, port, work: of common.sh; names: of names.sh; here: of bench/run
# What a zone of a file costs, beside Knot and NSD with the same file; sourced by bench/run.

# knot_conf PORT ZONE FILE, and nsd_conf: one worker each
knot_conf() {
  cat <<C
server:
    listen: 127.0.0.1@$1
    rundir: "$work"
    udp-workers: 1
    tcp-workers: 1
    background-workers: 1
log:
  - target: stderr
    any: warning
database:
    storage: "$work/knot"
zone:
  - domain: $2
    file: "$3"
    journal-content: none
C
}

nsd_conf() {
  cat <<C
server:
  ip-address: 127.0.0.1@$1
  server-count: 1
  username: ""
  chroot: ""
  zonesdir: "$work"
  database: ""
  zonelistfile: "$work/nsd.zones"
  xfrdfile: "$work/nsd.xfrd"
  pidfile: "$work/nsd.pid"
  minimal-responses: yes
  rrl-ratelimit: 0
  rrl-whitelist-ratelimit: 0
remote-control:
  control-enable: no
zone:
  name: $2
  zonefile: "$3"
C
}

# configured knotd|nsd ZONE FILE: sets `port` and `command`, which serves that zone. False when it is not installed.
configured() {
  local program; program=$(PATH=$PATH:/usr/sbin command -v "$1") || { say "$1 is not here"; return 1; }
  port=$(free_port)
  mkdir -p "$work/knot"
  case $1 in
    knotd) knot_conf "$port" "${@:2}" >"$work/$1.conf"; command=("$program" -c "$work/$1.conf") ;;
    nsd) nsd_conf "$port" "${@:2}" >"$work/$1.conf"; command=("$program" -d -c "$work/$1.conf") ;;
  esac
}

# authority knotd|nsd NAME ZONE FILE QUESTION: with a zone of a file. False when it is not installed.
authority() {
  local command
  configured "$1" "$3" "$4" || return 1
  launch "$1" "${command[@]}"
  await "$1" "$pid" "$port" "$5"
  local child   # NSD answers from the child of a child
  while child=$(pgrep -P "$pid" | tail -1); [ -n "$child" ]; do pid=$child; done
  enlist "$2"
}

# file_corefile ZONE FILE: at $port
file_corefile() {
  cat <<C
$1:$port {
    bind 127.0.0.1
    ready 127.0.0.1:$(free_port)
    file $2
}
C
}

# loads KIND ZONE QUESTION: RUNS starts of each server with the zone KIND; lines as of first_answer.py
loads() {
  local run command program
  for run in $(seq "$RUNS"); do
    say "load of $1, run $run of $RUNS"
    port=$(free_port)
    file_corefile "$2" "$work/zones/$1.zone" >"$work/zone.corefile"
    "$here/first_answer.py" "$3" "127.0.0.1:$port" "$(of_corefile zone ready)" 2 "$FAIRLEAD" -conf "$work/zone.corefile" \
      >>"$work/result.load.$1.Fairlead"
    for program in knotd nsd; do
      configured "$program" "$2" "$work/zones/$1.zone" || continue
      "$here/first_answer.py" "$3" "127.0.0.1:$port" - 2 "${command[@]}" >>"$work/result.load.$1.$program"
    done
  done
}

# load_row KIND SERVER FILE-NAME: what the zone takes is what the server takes more than with one record. NSD keeps it in another process.
load_row() {
  local file="$work/result.load.$1.$3" least="$work/result.load.small.$3" memory peak
  [ -e "$file" ] || return 0
  memory=$(awk "BEGIN { printf \"%.1f\", $(column "$file" 3) - $(column "$least" 3) }")
  peak=$(awk "BEGIN { printf \"%.1f\", $(column "$file" 4) - $(column "$least" 4) }")
  if [ "$3" = nsd ]; then memory=- peak=-; fi
  printf '| %s | %s | %s | %s | %s |\n' "$1" "$2" "$(spread "$file" 1 %.0f)" "$memory" "$peak"
}

# of_zone ZONE QUESTION KIND...: CPU time of each server per answer, rows of a table
of_zone() {
  local kind run zone=$1 question=$2 file; shift 2
  file=$work/zones/${1%%-*}.zone
  port=$(free_port)
  launch echo "$TOOLS/bench/udpecho" "$port"; enlist udpecho
  port=$(free_port)
  file_corefile "$zone" "$file" >"$work/zone.corefile"
  launch zone "$FAIRLEAD" -conf "$work/zone.corefile"
  await zone "$pid" "$port" "$question"
  enlist Fairlead
  authority knotd Knot "$zone" "$file" "$question" || true
  authority nsd NSD "$zone" "$file" "$question" || true
  for run in $(seq "$RUNS"); do
    say "${1%%-*} zone, run $run of $RUNS"
    for kind in "$@"; do ask "$kind" "$work/zones/$kind"; done
  done
  if [ "$zone" = . ]; then columns question; fi
  for kind in "$@"; do row "$kind"; done
  dismiss
}

zones() {
  local kind
  "$here/zone_files.py" "$work/zones"
  loads small flat.test host0.flat.test
  loads root . localhost
  loads flat flat.test host0.flat.test
  printf '\nStart with a zone of a file: root is of the shape of the root zone, signed (%s records), flat has a million A records; %s starts\n\n' \
    "$(wc -l <"$work/zones/root.zone")" "$RUNS"
  printf '| zone | server | ms until the first answer | MB of the zone | MB at its load |\n|---|---|---|---|---|\n'
  for kind in root flat; do
    load_row "$kind" Fairlead Fairlead; load_row "$kind" Knot knotd; load_row "$kind" NSD nsd
  done
  printf '\nCPU µs of the server per answer of these zones over UDP; %s runs of %s s, the servers in turn\n\n' "$RUNS" "$SECONDS_PER_RUN"
  of_zone . localhost root-referral root-nxdomain
  of_zone flat.test host0.flat.test flat-a flat-nxdomain
}
