# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154  # here is of bench/run; settings are used by the scripts that source this
# Settings and functions of the benchmarks; sourced by bench/run.
FAIRLEAD=${FAIRLEAD:-build/fairlead} TOOLS=${TOOLS:-build-bench}
SERVICES=${SERVICES:-8000} ENDPOINTS=${ENDPOINTS:-144000}
RUNS=${RUNS:-5} SECONDS_PER_RUN=${SECONDS_PER_RUN:-4} SERVER_CPU=${SERVER_CPU:-0} CLIENT_CPU=${CLIENT_CPU:-1}
LAB=${LAB:-} COREDNS=${COREDNS:-} BEFORE=${BEFORE:-} PLOTS=${PLOTS:-}
# What else runs on the machine waits when there is work here (that needs root).
PRIORITY=${PRIORITY:-$([ "$(id -u)" = 0 ] && echo -15 || echo 0)}
work=$(mktemp -d) pids=()

# ahead NICE: this session among all sessions, where the kernel shares the cores out by session first (autogroup of sched(7))
ahead() { if [ -w /proc/$$/autogroup ]; then echo "$1" >/proc/$$/autogroup 2>/dev/null || true; fi; }

say() { printf '%s %s\n' "$(date +%H:%M:%S)" "$*" >&2; }
die() { say "bench: $*"; exit 1; }
stop() { # stop PID...: and wait until it has ended
  local p
  for p in "$@"; do kill "$p" 2>/dev/null || true; done
  for p in "$@"; do wait "$p" 2>/dev/null || true; done
}

free_port() { # for UDP and TCP
  python3 -c 'import socket
while True:
    s, t = socket.socket(type=socket.SOCK_DGRAM), socket.socket()
    try:
        s.bind(("127.0.0.1", 0)); t.bind(s.getsockname()); print(s.getsockname()[1]); break
    except OSError:
        pass'
}
median() { sort -n | awk '{ v[NR] = $1 } END { print (NR % 2) ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }
quartile() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 3) / 4)] }'; }  # the lower one
column() { cut -d' ' -f"$2" "$1" | median; }  # column FILE N: the median of its N-th column
ratio() { awk "BEGIN { printf \"%.2f\", $1 / $2 }"; }
# middle FORMAT: of numbers on standard input, "median (lowest–highest)"
middle() { sort -n | awk -v f="$1" '{ v[NR] = $1 } END { m = NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2
  printf f " (" f "–" f ")", m, v[1], v[NR] }'; }
spread() { cut -d' ' -f"$2" "$1" | middle "${3:-%.2f}"; }  # spread FILE N [FORMAT]: the middle of its N-th column
# ratios FILE OTHER N: the middle of the ratios of their N-th columns, run by run: what slows the machine slows both
ratios() { paste -d' ' <(cut -d' ' -f"$3" "$1") <(cut -d' ' -f"$3" "$2") | awk '{ print $1 / $2 }' | middle %.2f; }
# point GROUP SERIES FILE N: a line for plot bars
point() { printf '%s\t%s\t%s\n' "$1" "$2" "$(cut -d' ' -f"$4" "$3" | sort -n \
  | awk -v OFS='\t' '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2, v[1], v[NR] }')"; }
# plot NAME KIND TITLE...: draws standard input into the folder PLOTS, when that is set
plot() {
  if [ -z "$PLOTS" ]; then cat >/dev/null; return; fi
  mkdir -p "$PLOTS"
  "$here/plot" "${@:2}" >"$PLOTS/$1.svg"
}
status() { awk -v key="$2:" '$1 == key { printf "%.1f", $2 / 1024 }' "/proc/$1/status"; }  # status PID VmRSS|VmHWM, in MB

tools() {
  say "building the tools in $TOOLS"
  { cmake -S . -B "$TOOLS" -G Ninja -DCMAKE_BUILD_TYPE=Release -DFAIRLEAD_BENCH=ON -DFAIRLEAD_TESTS=OFF
    ninja -C "$TOOLS" dnsblast tcpblast udpecho; } >"$work/tools.log" 2>&1 || { cat "$work/tools.log"; die "cannot build the tools"; }
}

# await NAME PID PORT QUESTION: until the server answers QUESTION with an address
await() {
  for _ in $(seq 6000); do
    kill -0 "$2" 2>/dev/null || { cat "$work/$1.log" >&2; die "$1 stopped"; }
    dig @127.0.0.1 -p "$3" +short +tries=1 +time=1 "$4" A 2>/dev/null | grep -q '^[0-9]' && return
    sleep 0.05
  done
  cat "$work/$1.log" >&2; die "$1 does not answer $4"
}

# on_cpu CPU COMMAND...: in place of this shell, which must be one of its own
on_cpu() { exec taskset -c "$1" nice -n "$PRIORITY" "${@:2}"; }

# launch NAME COMMAND...: a server on SERVER_CPU; sets `pid`
launch() {
  local name=$1; shift
  on_cpu "$SERVER_CPU" "$@" >"$work/$name.log" 2>&1 &
  pid=$!; pids+=("$pid")
}

ticks() { sed 's/.*) //' "/proc/$1/stat" | cut -d' ' -f12,13 | tr ' ' +; }  # ticks PID: that it has had the processor

# by_dnsperf FILE PORT PID: what blast says, by Debian's dnsperf, which nobody here wrote; it knows no percentiles
by_dnsperf() {
  local before after
  before=$(ticks "$3")
  (on_cpu "$CLIENT_CPU" dnsperf -s 127.0.0.1 -p "$2" -d "$1" -l "$SECONDS_PER_RUN" -q 128 -c 1 -T 1) >"$work/dnsperf.log" 2>&1
  after=$(ticks "$3")
  awk -v ticks="$((after - (before)))" -v hz="$(getconf CLK_TCK)" '
    /Queries completed/ { n = $3 }  /Queries lost/ { lost = $3 }  /Queries per second/ { qps = $4 }
    /Run time/ { took = $4 }  /Average packet size/ { octets = $NF }
    END { s = ticks / hz; print s * 1e6 / n, qps, octets, 0, lost, 0, 0, s / took }' "$work/dnsperf.log"
}

# blast FILE PORT PID [FLAG...]: CPU µs per answer, answers per second, octets of one, p99 in µs, lost, p50, p99.9, cores that the
# server took; by GENERATOR
blast() {
  local file=$1 port=$2 pid=$3; shift 3
  if [ "${GENERATOR:-}" = dnsperf ]; then by_dnsperf "$file" "$port" "$pid"; return; fi
  on_cpu "$CLIENT_CPU" "$TOOLS/bench/${GENERATOR:-dnsblast}" -p "$port" -P "$pid" -d "$file" -t "$SECONDS_PER_RUN" "$@" \
    | awk '{ for (i = 1; i < NF; i += 2) v[$i] = $(i + 1)
        print v["cpu_us"], v["qps"], v["octets"], v["p99_us"], v["lost"], v["p50_us"], v["p999_us"], v["cores"] }'
}
