# shellcheck shell=bash
# shellcheck disable=SC2154  # pid, port, work: of common.sh and run
# What questions cost over TLS and HTTPS: Fairlead beside CoreDNS, dnsdist and Unbound, each with one name of its own and one
# thread; sourced by bench/run. Questions are Debian's dnsperf's (over HTTPS h2load's), connections with one question openssl's through Python.
IDLE=${IDLE:-10000}
SECURE="fairlead coredns dnsdist unbound"
dot=0 doh=0  # ports of the server at hand

secure_corefile() { # secure_corefile PLAIN
  local key
  for key in ".:$1" "tls://.:$dot" "https://.:$doh"; do
    printf '%s {\n    bind 127.0.0.1\n' "$key"
    if [[ $key = *://* ]]; then printf '    tls %s/cert.pem %s/key.pem\n' "$work" "$work"; fi
    printf '    hosts {\n        192.0.2.1 a.test\n    }\n}\n'
  done
}

secure_unbound() { # secure_unbound PLAIN
  cat <<C
server:
  interface: 127.0.0.1@$1
  interface: 127.0.0.1@$dot
  interface: 127.0.0.1@$doh
  tls-port: $dot
  https-port: $doh
  tls-service-key: "$work/key.pem"
  tls-service-pem: "$work/cert.pem"
  incoming-num-tcp: 1000
  username: ""
  chroot: ""
  directory: "$work"
  pidfile: ""
  do-daemonize: no
  use-syslog: no
  num-threads: 1
  access-control: 127.0.0.0/8 allow
  module-config: "iterator"
  local-zone: "test." static
  local-data: "a.test. 3600 IN A 192.0.2.1"
C
}

secure_dnsdist() { # secure_dnsdist PLAIN
  cat <<C
setLocal("127.0.0.1:$1")
setACL({"127.0.0.0/8"})
setSecurityPollSuffix("")
setMaxTCPClientThreads(1)
addTLSLocal("127.0.0.1:$dot", "$work/cert.pem", "$work/key.pem")
addDOHLocal("127.0.0.1:$doh", "$work/cert.pem", "$work/key.pem", "/dns-query")
newServer({address = "127.0.0.1:$upstream"})
addAction(QNameRule("a.test."), SpoofAction("192.0.2.1"))
C
}

# secure NAME: starts it; sets `pid`, `dot` and `doh`. False when it is not installed.
secure() {
  local conf=$work/secure.$1.conf program
  port=$(free_port) dot=$(free_port) doh=$(free_port)
  case $1 in
    fairlead) program=$FAIRLEAD ;;
    coredns) program=$COREDNS ;;
    *) program=$(PATH=$PATH:/usr/sbin command -v "$1" || true) ;;
  esac
  [ -n "$program" ] || return 1
  case $1 in
    unbound) secure_unbound "$port" >"$conf"; launch "$1" "$program" -d -c "$conf" ;;
    dnsdist) secure_dnsdist "$port" >"$conf"; launch "$1" "$program" --supervised --disable-syslog -C "$conf" ;;
    *) secure_corefile "$port" >"$conf"; launch "$1" "$program" -conf "$conf" ;;
  esac
  await "$1" "$pid" "$port" a.test
}

# share_of PID COMMAND...: runs it, with the first number of its output as how many there were: CPU µs for one of them
share_of() {
  local pid=$1 before after count; shift
  before=$(ticks "$pid")
  count=$(on_cpu "$CLIENT_CPU" "$@" 2>&1 | awk '{ for (i = 1; i <= NF; i++) if ($i + 0 > 0) { print $i; exit } }')
  after=$(ticks "$pid")
  awk "BEGIN { printf \"%.2f\n\", ($after - ($before)) / $(getconf CLK_TCK) * 1e6 / ${count:-0} }"
}

# A of a.test, GET, by HTTP/2: a hundred streams at a time
fetched() {
  h2load -D "$(awk "BEGIN { print int($SECONDS_PER_RUN + 1) }")" -c 1 -m 100 "https://127.0.0.1:$1/dns-query?dns=AAABAAABAAAAAAAAAWEEdGVzdAAAAQAB" 2>&1 | awk '/^requests:/ { print $8 }'
}
# The same over TLS alone; answered COUNT FLAG...: so many under way at a time
answered() { dnsperf -s 127.0.0.1 -d "$work/secure.question" -l "$SECONDS_PER_RUN" -T 1 -c 1 -q "$@" 2>&1 | grep 'Queries completed'; }
shaken() { openssl s_time -connect "127.0.0.1:$1" -new -tls1_3 -time 1 2>&1 | awk '/connections in .* real/ { print $1 }'; }

secure_round() { # secure_round NAME DOT DOH PID
  local file=$work/secure.result.$1
  export -f answered fetched; export SECONDS_PER_RUN work
  {
    share_of "$4" bash -c 'answered "$@"' - 100 -m dot -p "$2"
    share_of "$4" bash -c 'answered "$@"' - 1 -m dot -p "$2"
    share_of "$4" bash -c 'fetched "$@"' - "$3"
    share_of "$4" "$here/tls_clients.py" one "$2" "$SECONDS_PER_RUN"
    share_of "$4" "$here/tls_clients.py" one "$2" "$SECONDS_PER_RUN" resume
  } | tr '\n' ' ' >>"$file"
  echo >>"$file"
}

secure_row() { # secure_row NAME
  local column ours=$work/secure.result.fairlead file=$work/secure.result.$1
  printf '| %s |' "$1"
  for column in 1 2 3 4 5; do
    printf ' %s |' "$(spread "$file" $column %.1f)"
    if [ "$1" = fairlead ]; then printf ' 1 |'; else printf ' %s |' "$(ratios "$file" "$ours" $column)"; fi
  done
  printf '\n'
}

tls() {
  local name run names=() dots=() dohs=() servers=()
  for name in dnsperf h2load; do
    command -v $name >/dev/null || { say "$name is not here (apt install dnsperf nghttp2-client)"; return; }
  done
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost \
    -keyout "$work/key.pem" -out "$work/cert.pem" 2>/dev/null
  echo "a.test A" >"$work/secure.question"
  for name in $SECURE; do
    if ! secure "$name"; then say "$name is not here"; continue; fi
    names+=("$name") dots+=("$dot") dohs+=("$doh") servers+=("$pid")
  done
  for run in $(seq "$RUNS"); do
    say "run $run of $RUNS"
    for i in "${!names[@]}"; do secure_round "${names[i]}" "${dots[i]}" "${dohs[i]}" "${servers[i]}"; done
  done
  printf '\nCPU µs of the server per question over TLS 1.3 with a P-256 certificate; %s runs of %s s, the servers in turn; ' "$RUNS" "$SECONDS_PER_RUN"
  printf 'behind each its ratio to Fairlead\n\n'
  printf '| server | DoT, a hundred at a time | | DoT, one at a time | | DoH, HTTP/2 | | DoT, a new connection each | | the same, resumed | |\n|---|---|---|---|---|---|---|---|---|---|---|\n'
  for name in "${names[@]}"; do secure_row "$name"; done
  handshakes "${names[0]}" "${dots[0]}"
  stop "${servers[@]}"
  idle
  flooded
}

# flooded: how long plain questions take while clients begin handshakes that they never end
flooded() {
  local count line input latencies=()
  secure fairlead
  for count in 0 500; do
    coproc flood { if [ $count = 0 ]; then cat; else exec taskset -c "$CLIENT_CPU" "$here/tls_clients.py" flood "$dot" $count; fi; }
    sleep 1
    latencies+=("$(on_cpu "$CLIENT_CPU" dnsperf -s 127.0.0.1 -p "$port" -d "$work/secure.question" -l "${SECONDS_PER_RUN%.*}" -T 1 -c 1 -q 1 -Q 500 2>&1 |
      awk '/Average Latency/ { print $4 * 1000 }')")
    input=${flood[1]}
    exec {input}>&-
    read -r -u "${flood[0]}" line || line=none
    wait "$flood_PID" || true
  done
  printf '\nA plain question over UDP takes %s ms, and %s ms beside 500 handshakes at a time that never end (%s)\n' "${latencies[@]}" "$line"
  stop "$pid"
}

# idle: memory of Fairlead with IDLE connections of TLS
idle() {
  local before line
  secure fairlead
  before=$(status "$pid" VmRSS)
  prlimit --pid "$pid" --nofile="$((IDLE + 1000))"
  coproc held { ulimit -n $((IDLE + 1000)); exec "$here/tls_clients.py" hold "$dot" "$IDLE"; }
  read -r -u "${held[0]}" line || die "connections cannot be held"
  printf '\nRSS of Fairlead: %s MB, with %s idle connections (%s) %s MB\n' "$before" "$IDLE" "$line" "$(status "$pid" VmRSS)"
  kill "$held_PID" 2>/dev/null || true
  stop "$pid"
}

# handshakes NAME PORT: full handshakes a second, beside openssl's own server
handshakes() {
  local port; port=$(free_port)
  launch s_server openssl s_server -accept "$port" -cert "$work/cert.pem" -key "$work/key.pem" -quiet -tls1_3
  sleep 1
  printf '\nFull handshakes in a second of openssl s_time: %s %s, openssl s_server %s\n' "$1" "$(shaken "$2")" "$(shaken "$port")"
  stop "$pid"
}
