# shellcheck shell=bash
# shellcheck disable=SC2154  # pid, work: of common.sh; here: of bench/run
# The cluster that is measured, and what a server takes to hold it; sourced by bench/run.

# Makes the cluster and sets `source`, the line of the kubernetes directive that says where it is. In a real API server there are
# PODS running pods besides.
PODS=${PODS:-150000}

cluster() {
  "$here/scale_cluster.py" queries "$work/queries" "$SERVICES" "$ENDPOINTS"
  if [ -z "$LAB" ]; then
    say "writing manifests"
    "$here/scale_cluster.py" manifests "$work/manifests" "$SERVICES" "$ENDPOINTS"
    source="manifests $work/manifests"
    return
  fi
  api "$work/api" "$SERVICES" "$ENDPOINTS" "$PODS"
}

# api FOLDER SERVICES ENDPOINTS PODS: a real API server with that cluster, its caches warm; sets `source`
api() {
  say "starting etcd and kube-apiserver"
  "$here/scale-api" up "$1" "$LAB"
  say "$("$here/etcd_fill.py" "$(cat "$1/etcd.url")" "${@:2}")"
  source="kubeconfig $1/kubeconfig"
}

# kubeadm_corefile: kubeadm's at $port, without loop and without the pause at the end
kubeadm_corefile() {
  cat <<C
.:$port {
    bind 127.0.0.1
    errors
    health 127.0.0.1:$(free_port)
    ready 127.0.0.1:$(free_port)
    kubernetes cluster.local in-addr.arpa ip6.arpa {
        $source
        pods ${pods:-insecure}
        fallthrough in-addr.arpa ip6.arpa
        ttl 30
        startup_timeout 300s
    }
    prometheus 127.0.0.1:$(free_port)
    forward . 127.0.0.1:$upstream {
        max_concurrent 1000
    }
    cache 30 {
        disable success cluster.local
        disable denial cluster.local
    }
    reload
    loadbalance
}
C
}

# serve NAME BINARY: starts a DNS server on SERVER_CPU; sets `pid` and `port`.
serve() {
  port=$(free_port)
  kubeadm_corefile >"$work/$1.corefile"
  launch "$1" "$2" -conf "$work/$1.corefile"
  await "$1" "$pid" "$port" "$(head -1 "$work/queries/a" | cut -d' ' -f1)"
}

# of_corefile NAME WORD: the address behind a directive of a server's Corefile
of_corefile() { awk -v word="$2" '$1 == word { print $2 }' "$work/$1.corefile"; }

# first NAME BINARY SETTLE QUESTION: ms to the first answer, ms to /ready, RSS, its peak, CPU ms; the server may use all cores
first() {
  port=$(free_port)
  kubeadm_corefile >"$work/$1.corefile"
  "$here/first_answer.py" "$4" "127.0.0.1:$port" "$(of_corefile "$1" ready)" "$3" "$2" -conf "$work/$1.corefile"
}

a_service() { head -1 "$work/queries/a" | cut -d' ' -f1; }

# memory WHAT NAME BINARY: RUNS starts and a row of the table of rss
memory() {
  local run file="$work/result.rss.$2.${1// /-}"
  for run in $(seq "$RUNS"); do
    say "rss of $2, $1, run $run of $RUNS"
    first "$2" "$3" 3 "$(a_service)" >>"$file"
  done
  printf '| %s | %s | %s | %s | %s | %s | %s |\n' "$2" "$1" "$(spread "$file" 3 %.1f)" "$(spread "$file" 4 %.1f)" \
    "$(ratios_of "$file" 4 3)" "$(spread "$file" 2 %.0f)" "$(spread "$file" 5 %.0f)"
}

# ratios_of FILE N M: the middle of the ratios of two of its columns
ratios_of() { awk -v n="$2" -v m="$3" '{ print $n / $m }' "$1" | middle %.2f; }

rss() {
  local from=manifests pods=insecure; [ -z "$LAB" ] || from="a real API server"
  printf '\nMemory after the start with %s services and %s endpoints from %s; %s starts\n\n' "$SERVICES" "$ENDPOINTS" "$from" "$RUNS"
  printf '| server | pods | RSS MB | peak MB | peak : RSS | ms until ready | CPU ms |\n|---|---|---|---|---|---|---|\n'
  memory insecure Fairlead "$FAIRLEAD"
  [ -n "$LAB" ] || return 0
  pods=verified memory "verified, $PODS pods" Fairlead "$FAIRLEAD"
  if [ -n "$COREDNS" ]; then memory insecure CoreDNS "$COREDNS"; fi
}

# start: over the manifests of examples/, and the memory of a server that has little to keep
start() {
  local run source="manifests $PWD/examples/cluster" file="$work/result.start"
  for run in $(seq "$RUNS"); do
    first start "$FAIRLEAD" 2 kubernetes.default.svc.cluster.local >>"$file"
  done
  printf '\nStart of the process over the manifests of examples/, %s runs: ms until the first answer %s, until /ready %s; RSS MB %s\n' \
    "$RUNS" "$(spread "$file" 1 %.0f)" "$(spread "$file" 2 %.0f)" "$(spread "$file" 3 %.1f)"
  [ -n "$LAB" ] || return 0
  api "$work/small" 10 30 0
  "$here/scale_cluster.py" queries "$work/small.queries" 10 30
  for run in $(seq "$RUNS"); do
    first small "$FAIRLEAD" 3 "$(head -1 "$work/small.queries/a" | cut -d' ' -f1)" >>"$file.small"
  done
  "$here/scale-api" down "$work/small"
  printf '\nWith 11 services of a real API server: ms until /ready %s; RSS MB %s, peak %s\n' \
    "$(spread "$file.small" 2 %.0f)" "$(spread "$file.small" 3 %.1f)" "$(spread "$file.small" 4 %.1f)"
}

relists() { curl -fsS "http://$(of_corefile "$1" prometheus)/metrics" | awk '/^fairlead_kubernetes_relists_total/ { n += $2 } END { print n + 0 }'; }

# await_relists NAME COUNT: until so many kinds have been listed, and some seconds more
await_relists() {
  for _ in $(seq 600); do [ "$(relists "$1")" -ge "$2" ] && { sleep 5; return; }; sleep .5; done
  die "$1 has not listed again: $(relists "$1") of $2"
}

# relist: memory while the cluster is listed again, because the API server restarted without its history
relist() {
  local pods run kinds before file
  [ -n "$LAB" ] || die "relist needs LAB"
  printf '\nMemory during a relist, after the API server was restarted with its history compacted; %s runs\n\n' "$RUNS"
  printf '| pods | RSS MB before | peak MB during the relist | peak : before | RSS MB after |\n|---|---|---|---|---|\n'
  for pods in ${RELIST_PODS:-insecure verified}; do
    file="$work/result.relist.$pods" kinds=3; [ "$pods" = insecure ] || kinds=4
    serve relist "$FAIRLEAD"
    await_relists relist "$kinds"; sleep 3
    for run in $(seq "$RUNS"); do
      say "relist, pods $pods, run $run of $RUNS"
      before=$(status "$pid" VmRSS)
      echo 5 >"/proc/$pid/clear_refs"
      "$here/changes.py" stream "$(cat "$work/api/url")" 2 20 endpoints >/dev/null
      "$here/scale-api" forget "$work/api" "$LAB"
      await_relists relist $((kinds * (run + 1)))
      echo "$before $(status "$pid" VmHWM) $(status "$pid" VmRSS)" >>"$file"
    done
    stop "$pid"
    printf '| %s | %s | %s | %s | %s |\n' "$pods" "$(spread "$file" 1 %.1f)" "$(spread "$file" 2 %.1f)" "$(ratios_of "$file" 2 1)" "$(spread "$file" 3 %.1f)"
  done
}
