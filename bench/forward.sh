# shellcheck shell=bash
# shellcheck disable=SC2154  # pid, work: of common.sh; server: of its caller
# What forwarding costs: Fairlead beside CoreDNS, Unbound, dnsmasq and dnsdist, each as a caching forwarder with one
# worker; sourced by bench/run. A server whose program is missing is left out.
HOT_NAMES=${HOT_NAMES:-1000} ENTRIES=${ENTRIES:-10000} EXTERNAL_RATE=${EXTERNAL_RATE:-2000} CLUSTER_RATE=${CLUSTER_RATE:-2000} WINDOWS=${WINDOWS:-8}
MAX_CONCURRENT=${MAX_CONCURRENT:-1000}   # as in kubeadm's Corefile; 0: no limit

# What is forwarded to: udpecho -a on the client's core. Sets `upstream`.
upstream() {
  upstream=$(free_port)
  on_cpu "$CLIENT_CPU" "$TOOLS/bench/udpecho" -a "$upstream" & pids+=("$!")
  for ((i = 0; i < HOT_NAMES; i++)); do echo "hot$i.bench.test A"; done >"$work/hot"
  echo "000000000000.bench.test A" >"$work/new"
  for ((i = 0; i < ENTRIES; i++)); do echo "entry$i.of-the-cache.bench.test A"; done >"$work/entries"
}

corefile() {
  cat <<C
.:$1 {
    bind 127.0.0.1
    errors
    prometheus 127.0.0.1:$(free_port)
    forward . 127.0.0.1:$upstream
    cache 3600 {
        success $2
    }
    loadbalance
}
C
}

unbound_conf() {
  cat <<C
server:
  interface: 127.0.0.1@$1
  username: ""
  chroot: ""
  directory: "$work"
  pidfile: ""
  do-daemonize: no
  use-syslog: no
  num-threads: 1
  outgoing-range: 4096
  num-queries-per-thread: 2048
  do-not-query-localhost: no
  access-control: 127.0.0.0/8 allow
  module-config: "iterator"
  local-zone: "test." nodefault
forward-zone:
  name: "."
  forward-addr: 127.0.0.1@$upstream
remote-control:
  control-enable: no
C
}

dnsdist_conf() {
  cat <<C
setLocal("127.0.0.1:$1")
setACL({"127.0.0.0/8"})
setSecurityPollSuffix("")
setMaxUDPOutstanding(65535)
newServer({address = "127.0.0.1:$upstream"})
getPool(""):setCache(newPacketCache($2))
C
}

# forwarder NAME ENTRIES: starts it; sets `pid` and `port`. False when it is not installed.
forwarder() {
  local conf=$work/$1.conf program
  port=$(free_port)
  case $1 in
    fairlead) corefile "$port" "$2" >"$conf"; launch "$1" "$FAIRLEAD" -conf "$conf" ;;
    before) [ -n "$BEFORE" ] || return 1; corefile "$port" "$2" >"$conf"; launch "$1" "$BEFORE" -conf "$conf" ;;
    coredns) [ -n "$COREDNS" ] || return 1; corefile "$port" "$2" >"$conf"; launch "$1" "$COREDNS" -conf "$conf" ;;
    unbound | dnsmasq | dnsdist) program=$(PATH=$PATH:/usr/sbin command -v "$1") || return 1 ;;&
    unbound) unbound_conf "$port" >"$conf"; launch "$1" "$program" -d -c "$conf" ;;
    dnsmasq) launch "$1" "$program" --keep-in-foreground --conf-file=/dev/null --no-resolv --no-hosts --bind-interfaces \
      --listen-address=127.0.0.1 --port="$port" --user= --pid-file= --log-facility=- --cache-size="$2" \
      --dns-forward-max=10000 --server="127.0.0.1#$upstream" ;;
    dnsdist) dnsdist_conf "$port" "$2" >"$conf"; launch "$1" "$program" --supervised --disable-syslog -C "$conf" ;;
    udpecho) launch "$1" "$TOOLS/bench/udpecho" "$port"; return ;;
  esac
  await "$1" "$pid" "$port" probe.bench.test
}

# One line per server and kind: the columns of blast
forward_round() {
  local name=$1 port=$2 pid=$3
  if [ "$name" = udpecho ]; then blast "$work/hot" "$port" "$pid" -E >>"$work/forward.hit.$name"; return; fi
  blast "$work/hot" "$port" "$pid" -S >>"$work/forward.hit.$name"
  blast "$work/new" "$port" "$pid" -U >>"$work/forward.miss.$name"
}

forward_row() {
  local name=$1 echo=$2 hit miss
  hit=$(column "$work/forward.hit.$name" 1) miss=$(column "$work/forward.miss.$name" 1)
  printf '| %s | %.2f | %s | %.0f | %.2f | %s | %.0f | %s |\n' "$name" "$hit" "$(ratio "$hit" "$echo")" \
    "$(column "$work/forward.hit.$name" 2)" "$miss" "$(ratio "$miss" "$echo")" "$(column "$work/forward.miss.$name" 2)" \
    "$(column "$work/forward.miss.$name" 5)"
}

forward() {
  local name run echo names=() ports=() servers=()
  for name in udpecho fairlead before coredns unbound dnsmasq dnsdist; do
    if ! forwarder "$name" "$ENTRIES"; then say "$name is not here"; continue; fi
    names+=("$name") ports+=("$port") servers+=("$pid")
  done
  for run in $(seq "$RUNS"); do
    say "run $run of $RUNS"
    for i in "${!names[@]}"; do forward_round "${names[i]}" "${ports[i]}" "${servers[i]}"; done
  done
  stop "${servers[@]}"
  echo=$(column "$work/forward.hit.udpecho" 1)
  printf '\nCPU µs of the server per answer, medians of %s runs of %s s; hit: one of %s names, miss: a name never asked before; ' \
    "$RUNS" "$SECONDS_PER_RUN" "$HOT_NAMES"
  printf 'server on one core, client and upstream on the other\n\n'
  printf '| server | hit | : echo | hits/s | miss | : echo | misses/s | lost in a run |\n|---|---|---|---|---|---|---|---|\n'
  printf '| udpecho | %.2f | 1.00 | %.0f | | | | |\n' "$echo" "$(column "$work/forward.hit.udpecho" 2)"
  for name in "${names[@]:1}"; do forward_row "$name" "$echo"; done
}

# ask_all FILE PORT: every question of the file once, answered
ask_all() {
  python3 - "$1" "$2" <<'P'
import socket, sys
link = socket.socket(type=socket.SOCK_DGRAM)
link.settimeout(5)
link.connect(("127.0.0.1", int(sys.argv[2])))
for line in open(sys.argv[1]):
    name = b"".join(bytes([len(label)]) + label.encode() for label in line.split()[0].split("."))
    link.send(b"\0\7\1\0\0\1\0\0\0\0\0\0" + name + b"\0\0\1\0\1")
    link.recv(4096)
P
}

entries() {
  local name before after
  printf '\nMemory of %s cached answers of one record each\n\n' "$ENTRIES"
  printf '| server | RSS MB before | after | octets per entry |\n|---|---|---|---|\n'
  for name in fairlead coredns unbound dnsmasq dnsdist; do
    forwarder "$name" "$((ENTRIES * 2))" || continue
    blast "$work/new" "$port" "$pid" -U -t 0.2 -r 5000 >/dev/null   # what the first questions take is not the entries'
    before=$(status "$pid" VmRSS)
    ask_all "$work/entries" "$port"
    after=$(status "$pid" VmRSS)
    printf '| %s | %s | %s | %.0f |\n' "$name" "$before" "$after" "$(awk "BEGIN { print ($after - $before) * 1048576 / $ENTRIES }")"
    stop "$pid"
  done
}

# Two upstreams that never answer: nobody listens at one, nobody reads from the other. Sets `closed` and `mute`.
dead_upstreams() {
  closed=$(free_port)
  python3 -c 'import socket, sys, time
s = socket.socket(type=socket.SOCK_DGRAM); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1], flush=True); time.sleep(1e6)' >"$work/mute" &
  pids+=("$!")
  until [ -s "$work/mute" ]; do sleep 0.05; done
  mute=$(cat "$work/mute")
}

# Keeps both cores from sleeping, at the lowest priority there is: a virtual machine's core takes milliseconds to wake now and
# then. Sets `spinners`.
awake() {
  local cpu
  spinners=()
  for cpu in "$SERVER_CPU" "$CLIENT_CPU"; do
    chrt --idle 0 taskset -c "$cpu" sh -c 'while :; do :; done' & spinners+=("$!")
  done
  pids+=("${spinners[@]}")
}

# windows PORT RESULT FILE [FLAG...]: measures cluster names WINDOWS times while the questions of FILE are asked at PORT
windows() {
  local beside
  on_cpu "$CLIENT_CPU" "$TOOLS/bench/dnsblast" -p "$1" -d "$3" "${@:4}" -r "$EXTERNAL_RATE" -k 64 -w 1024 \
    -t $((SECONDS_PER_RUN * WINDOWS + 3)) >>"$work/beside.log" 2>&1 & beside=$!; pids+=("$beside")
  sleep 2
  for ((i = 0; i < WINDOWS; i++)); do blast "$work/queries/a" "$port" "$server" -S -r "$CLUSTER_RATE" >>"$2"; done
  wait "$beside" || true
}

isolation_row() {
  local file=$work/isolation.$2 p99
  p99=$(cut -d' ' -f4 "$file" | quartile)
  printf '| %s | %s | %s | %s |\n' "$1" "$p99" "$(ratio "$p99" "$(cut -d' ' -f4 "$work/isolation.quiet" | quartile)")" "$(column "$file" 5)"
}

# The latency of cluster names with external names on their way to dead upstreams, and with the same load elsewhere.
isolation() {
  local run sink server
  dead_upstreams; port=$(free_port)
  cat >"$work/isolation.conf" <<C
.:$port {
    bind 127.0.0.1
    errors
    prometheus 127.0.0.1:$(free_port)
    kubernetes cluster.local in-addr.arpa ip6.arpa {
        $source
        startup_timeout 300s
    }
    forward . 127.0.0.1:$closed 127.0.0.1:$mute {
        max_concurrent $MAX_CONCURRENT
    }
    cache 30
    loadbalance
}
C
  launch isolation "$FAIRLEAD" -conf "$work/isolation.conf"; server=$pid
  await isolation "$server" "$port" "$(head -1 "$work/queries/a" | cut -d' ' -f1)"
  sink=$(free_port); launch sink "$TOOLS/bench/udpecho" "$sink"
  awake
  for run in $(seq "$RUNS"); do
    say "run $run of $RUNS"
    windows "$sink" "$work/isolation.quiet" "$work/new" -U
    windows "$port" "$work/isolation.cluster" "$work/queries/a"
    windows "$port" "$work/isolation.dead" "$work/new" -U
  done
  stop "$pid" "$server" "${spinners[@]}"
  printf '\nCluster names at %s/s beside %s other questions/s; the lower quartile of %s windows of %s s, so that pauses of the machine fall out\n\n' \
    "$CLUSTER_RATE" "$EXTERNAL_RATE" $((RUNS * WINDOWS)) "$SECONDS_PER_RUN"
  printf '| the other questions | p99 µs of cluster names | ratio | lost |\n|---|---|---|---|\n'
  isolation_row "go to another program" quiet
  isolation_row "are cluster names, too" cluster
  isolation_row "are external names, all upstreams are dead" dead
}
