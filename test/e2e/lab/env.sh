# shellcheck shell=bash
# shellcheck disable=SC2034  # settings are used by the scripts that source this
# Settings and process control of the Kubernetes lab; sourced by the other scripts.
# Everything made (binaries, keys, data, logs, pids) lives under $LAB, outside the tree.
LAB=${FAIRLEAD_LAB:-${XDG_CACHE_HOME:-$HOME/.cache}/fairlead/lab}
BIN=$LAB/bin
RUN=${FAIRLEAD_LAB_RUN:-$LAB/run}
PATH=$BIN:/usr/sbin:/sbin:$PATH

# Versions of everything that is built from source; a change rebuilds it.
K8S_VERSION=v1.35.4
ETCD_VERSION=v3.6.5        # the one this Kubernetes is built against
COREDNS_VERSION=v1.15.0
HELM_VERSION=v3.22.0
KUBECONFORM_VERSION=v0.8.0
GO_VERSION=1.26.0          # got as a module when the machine's Go is older than GO_MINIMUM
GO_MINIMUM=1.26

# Addresses: loopback for the control plane; a veth pair to a private network
# namespace for the node. The namespace has no way out of the machine.
API_PORT=${API_PORT:-6443}
ETCD_PORT=${ETCD_PORT:-2379}
ETCD_PEER_PORT=${ETCD_PEER_PORT:-2380}
KCM_PORT=${KCM_PORT:-10257}
SCHED_PORT=${SCHED_PORT:-10259}
API=https://127.0.0.1:$API_PORT
NODE_NAME=fl-node
HOST_IP4=10.250.0.1 NODE_IP4=10.250.0.2
HOST_IP6=fd00:250::1 NODE_IP6=fd00:250::2
SERVICE_CIDR4=10.96.0.0/16 SERVICE_CIDR6=fd00:10:96::/112
POD_CIDR4=10.244.0.0/24 POD_CIDR6=fd00:10:240::/64
CLUSTER_DNS=10.96.0.10
CLUSTER_DOMAIN=cluster.local

export KUBECONFIG=$RUN/kubeconfig/admin.conf
export LAB BIN RUN PATH

say() { printf '%s %s\n' "$(date +%H:%M:%S)" "$*"; }
die() { say "ERROR: $*" >&2; exit 1; }
now_ms() { date +%s%3N; }

# start NAME CMD...: run as a detached daemon; its pid and start time in $RUN/pid/NAME
start() {
  local name=$1; shift
  mkdir -p "$RUN/pid" "$RUN/log"
  if alive "$name"; then say "$name already runs (pid $(pid_of "$name"))"; return; fi
  rm -f "$RUN/pid/$name"
  # shellcheck disable=SC2016  # expands in the new shell
  setsid bash -c 'echo "$$ $(starttime $$)" > "$1"; shift; exec "$@"' _ "$RUN/pid/$name" "$@" \
    >>"$RUN/log/$name.log" 2>&1 </dev/null &
  disown
  for _ in $(seq 40); do [ -s "$RUN/pid/$name" ] && break; sleep 0.05; done
}
# Start time of a process in ticks; nothing for a zombie or a pid that is gone.
starttime() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | awk '$1 != "Z" { print $20 }'; }
export -f starttime
pid_of() { cut -d' ' -f1 "$RUN/pid/$1"; }
# A pid counts only when the process is the very one that was started (pids are reused).
alive() {
  local p t; [ -s "$RUN/pid/$1" ] || return 1
  read -r p t <"$RUN/pid/$1"
  [ -n "$t" ] && [ "$(starttime "$p")" = "$t" ]
}
# stop NAME [SIGNAL]: ends what 'start' started, with KILL after ten seconds
stop() {
  local name=$1 p; [ -s "$RUN/pid/$name" ] || return 0
  p=$(pid_of "$name")
  if alive "$name"; then
    kill -"${2:-TERM}" "$p" 2>/dev/null || true
    kill -CONT "$p" 2>/dev/null || true
    for _ in $(seq 1 200); do alive "$name" || break; sleep 0.05; done
    if alive "$name"; then kill -9 "$p" 2>/dev/null || true; fi
  fi
  rm -f "$RUN/pid/$name"
}
# wait_for SECONDS WHAT CMD...: until CMD succeeds
wait_for() {
  local t=$1 what=$2 t0; shift 2; t0=$(now_ms)
  until "$@" >/dev/null 2>&1; do
    [ $(( $(now_ms) - t0 )) -gt $((t * 1000)) ] && die "$what not ready after ${t}s"
    sleep 0.2
  done
  say "$what ready after $(( $(now_ms) - t0 )) ms"
}
# go_command: the machine's Go, else the one that tools.sh got
go_command() { command -v go || find "$LAB/gopath/pkg/mod/golang.org" -path '*/bin/go' 2>/dev/null | sort -V | tail -1; }
# free_port: a port that nothing listens on now, for UDP and TCP, on loopback
free_port() {
  python3 - <<'P'
import socket
while True:
    with socket.socket() as t, socket.socket(type=socket.SOCK_DGRAM) as u:
        t.bind(("127.0.0.1", 0))
        try: u.bind(("127.0.0.1", t.getsockname()[1]))
        except OSError: continue
        print(t.getsockname()[1]); break
P
}
