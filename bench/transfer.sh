# shellcheck shell=bash
# shellcheck disable=SC2154  # pid, port, source, work: of common.sh and cluster.sh; here: of bench/run
# What a cluster's zones take on their way to a follower; sourced by bench/run.

# handing_on NAME BINARY: a server that hands the zones on; sets `pid` and `port`
handing_on() {
  port=$(free_port)
  cat >"$work/$1.corefile" <<C
cluster.local:$port 10.in-addr.arpa:$port {
    bind 127.0.0.1
    transfer {
        to *
    }
    kubernetes cluster.local 10.in-addr.arpa {
        $source
        startup_timeout 300s
    }
}
C
  launch "$1" "$2" -conf "$work/$1.corefile"
  await "$1" "$pid" "$port" "$(a_service)"
}

# whole NAME ZONE FORM: RUNS transfers and a row of the table
whole() {
  local run file="$work/result.transfer.$1.$2.$3"
  for run in $(seq "$RUNS"); do
    say "transfer of $2, $3, from $1, run $run of $RUNS"
    "$here/transfer.py" "127.0.0.1:$port" "$pid" "$2" "$3" >>"$file"
  done
  printf '| %s | %s | %s | %s | %s | %s | %s |\n' "$1" "$2" "$3" "$(spread "$file" 1)" "$(spread "$file" 2 %.0f)" \
    "$(spread "$file" 3 %.0f)" "$(spread "$file" 5 %.0f)"
}

transfer() {
  local zone
  printf '\nWhole zones of %s services with %s endpoints, %s transfers of each\n\n' "$SERVICES" "$ENDPOINTS" "$RUNS"
  printf '| server | zone | form | MB | messages | records | CPU ms |\n|---|---|---|---|---|---|---|\n'
  handing_on Fairlead "$FAIRLEAD"
  for zone in cluster.local 10.in-addr.arpa; do
    whole Fairlead "$zone" plain
    whole Fairlead "$zone" compact
  done
  stop "$pid"
  # CoreDNS takes its cluster from an API server only, and has no pointers to hand on.
  if [ -n "$COREDNS" ] && [ -n "$LAB" ]; then
    handing_on CoreDNS "$COREDNS"
    whole CoreDNS cluster.local plain
    stop "$pid"
  fi
}
