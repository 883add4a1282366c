# shellcheck shell=bash
# shellcheck disable=SC2154  # pid, work: of common.sh; here: of bench/run
# The cluster that is measured, and what a server takes to hold it; sourced by bench/run.

# Makes the cluster and sets `source`, the line of the kubernetes directive that says where it is.
cluster() {
  "$here/scale_cluster.py" queries "$work/queries" "$SERVICES" "$ENDPOINTS"
  if [ -z "$LAB" ]; then
    say "writing manifests"
    "$here/scale_cluster.py" manifests "$work/manifests" "$SERVICES" "$ENDPOINTS"
    source="manifests $work/manifests"
    return
  fi
  say "starting etcd and kube-apiserver"
  "$here/scale-api" up "$work/api" "$LAB"
  say "$("$here/scale_cluster.py" load "$(cat "$work/api/url")" "$SERVICES" "$ENDPOINTS")"
  source="kubeconfig $work/api/kubeconfig"
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
        pods insecure
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

# memory NAME BINARY: one row of the table of rss
memory() {
  local begin; begin=$(date +%s%3N)
  serve "$1" "$2"
  local ready=$(($(date +%s%3N) - begin)) synced peak
  synced=$(status "$pid" VmRSS) peak=$(status "$pid" VmHWM)
  blast "$work/queries/a" "$port" "$pid" >/dev/null
  printf '| %s | %s | %s | %s | %.1f |\n' "$1" "$synced" "$peak" "$(status "$pid" VmRSS)" "$(awk "BEGIN { print $ready / 1000 }")"
  if [ -n "$LAB" ] && [ "$1" = fairlead ]; then
    "$here/scale_cluster.py" propagate "$(cat "$work/api/url")" "127.0.0.1:$port" 100 >"$work/propagation" 2>&1 || true
  fi
  stop "$pid"
}

rss() {
  local from=manifests; [ -z "$LAB" ] || from="a real API server"
  printf '\nMemory with %s services and %s endpoints from %s\n\n' "$SERVICES" "$ENDPOINTS" "$from"
  printf '| server | RSS MB when synced | peak MB until then | RSS MB under load | seconds to the first answer |\n|---|---|---|---|---|\n'
  memory fairlead "$FAIRLEAD"
  if [ -n "$COREDNS" ] && [ -n "$LAB" ]; then memory coredns "$COREDNS"; fi
  if [ -s "$work/propagation" ]; then
    printf '\nFrom the reply of the API server to the first right answer:\n\n'; sed 's/^/    /' "$work/propagation"
  fi
}
