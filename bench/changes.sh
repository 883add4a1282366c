# shellcheck shell=bash
# shellcheck disable=SC2154  # pid, port, source, work: of common.sh and cluster.sh; here: of bench/run
# What a change of the cluster costs and how soon it is answered, and how both grow with the cluster; sourced by bench/run.

CHANGES=${CHANGES:-1000} CHANGE_RATE=${CHANGE_RATE:-200} QUERY_RATE=${QUERY_RATE:-20000}

value() { awk -v key="$1" '{ for (i = 1; i < NF; i += 2) if ($i == key) print $(i + 1) }'; }  # value KEY: of "key value" pairs

# cost URL service|slice TIMES RATE: CPU µs of the server at `pid` per change
cost() { "$here/changes.py" cost "$1" "127.0.0.1:$port" "$pid" "$2" "$3" "$4" | value cpu_us; }

# changing URL WHAT COMMAND...: the command while CHANGE_RATE changes a second are made
changing() {
  local url=$1 what=$2 writer; shift 2
  "$here/changes.py" stream "$url" $((SECONDS_PER_RUN + 3)) "$CHANGE_RATE" "$what" >>"$work/result.stream.$what" & writer=$!
  sleep 1
  "$@"
  wait "$writer"
}

# p50, p99, longest, and the same of another watch
delays() { "$here/changes.py" delay "$1" "127.0.0.1:$port" "$2" | awk '{ print $2, $4, $6, $8, $10, $12 }'; }

# delays_under_load URL: the same while the server has as many questions as it can answer, and changes besides. The generator shares
# its core with the API server on equal terms.
delays_under_load() {
  taskset -c "$CLIENT_CPU" "$TOOLS/bench/dnsblast" -p "$port" -d "$work/queries/a" -t 600 >/dev/null & local load=$!
  pids+=("$load")
  changing "$1" endpoints delays "$1" 100
  kill "$load"; wait "$load" || true
}

changes() {
  local url run file="$work/result.changes"
  [ -n "$LAB" ] || die "changes needs LAB"
  url=$(cat "$work/api/url")
  serve changes "$FAIRLEAD"
  for run in $(seq "$RUNS"); do
    say "changes, run $run of $RUNS"
    cost "$url" service "$CHANGES" 100 >>"$file.service"
    cost "$url" slice $((CHANGES / 4)) 25 >>"$file.slice"
    delays "$url" 100 >>"$file.delay"
    delays_under_load "$url" >>"$file.loaded"
    changing "$url" nothing blast "$work/queries/a" "$port" "$pid" -r "$QUERY_RATE" -B >>"$file.quiet"
    changing "$url" endpoints blast "$work/queries/a" "$port" "$pid" -r "$QUERY_RATE" -B >>"$file.busy"
  done
  stop "$pid"
  printf '\nChanges in a cluster of %s services with %s endpoints, %s runs\n\n| | |\n|---|---|\n' "$SERVICES" "$ENDPOINTS" "$RUNS"
  printf '| CPU µs per change of one service | %s |\n' "$(spread "$file.service" 1 %.0f)"
  printf '| CPU µs per change of a slice of 1,000 endpoints, of a service with 5,000 | %s |\n' "$(spread "$file.slice" 1 %.0f)"
  printf '| ms from the API server to the right answer, p50; p99; longest | %s; %s; %s |\n' \
    "$(spread "$file.delay" 1)" "$(spread "$file.delay" 2)" "$(spread "$file.delay" 3)"
  printf '| the same at %s changes/s and full load | %s; %s; %s |\n' \
    "$CHANGE_RATE" "$(spread "$file.loaded" 1)" "$(spread "$file.loaded" 2)" "$(spread "$file.loaded" 3)"
  printf "| of these, until another client's watch has the event | %s; %s; %s |\n" \
    "$(spread "$file.loaded" 4)" "$(spread "$file.loaded" 5)" "$(spread "$file.loaded" 6)"
  printf '| p99 µs of %s queries/s while %s writes/s concern other objects | %s |\n' "$QUERY_RATE" "$CHANGE_RATE" "$(spread "$file.quiet" 4 %.0f)"
  printf '| p99 µs while they concern endpoints | %s |\n| ratio | %s |\n' "$(spread "$file.busy" 4 %.0f)" "$(ratios "$file.busy" "$file.quiet" 4)"
}

# grown SERVICES ENDPOINTS: one size of growth; needs less of everything but size
grown() {
  local run url file="$work/result.growth.$1" folder="$work/api.$1"
  api "$folder" "$1" "$2" 0
  url=$(cat "$folder/url")
  "$here/scale_cluster.py" queries "$work/queries.$1" "$1" "$2"
  for run in $(seq "$RUNS"); do
    say "growth to $1 services, run $run of $RUNS"
    first growth "$FAIRLEAD" 3 "$(head -1 "$work/queries.$1/a" | cut -d' ' -f1)" >>"$file"
  done
  port=$(free_port)
  kubeadm_corefile >"$work/growth.corefile"
  launch growth "$FAIRLEAD" -conf "$work/growth.corefile"
  await growth "$pid" "$port" "$(head -1 "$work/queries.$1/a" | cut -d' ' -f1)"
  for run in $(seq "$RUNS"); do
    cost "$url" service 500 100 >>"$file.service"
    cost "$url" slice 125 25 >>"$file.slice"
  done
  stop "$pid"
  "$here/scale-api" down "$folder"
  rm -rf "$folder"
  printf '| %s | %s | %s | %s | %s | %s | %s |\n' "$1" "$2" "$(spread "$file" 3 %.1f)" "$(ratios_of "$file" 4 3)" \
    "$(spread "$file" 2 %.0f)" "$(spread "$file.service" 1 %.0f)" "$(spread "$file.slice" 1 %.0f)"
}

growth() {
  local size
  [ -n "$LAB" ] || die "growth needs LAB"
  printf '\nGrowth, ten endpoints a service, from a real API server; %s runs\n\n' "$RUNS"
  printf '| services | endpoints | RSS MB | peak : RSS | ms until ready | CPU µs per change of a service | of a slice of 1,000 endpoints |\n'
  printf '|---|---|---|---|---|---|---|\n'
  for size in ${SIZES:-1000 10000 100000}; do grown "$size" $((size * 10)); done
  for size in ${SIZES:-1000 10000 100000}; do printf 'RSS\t%s\t%s\n' "$size" "$(column "$work/result.growth.$size" 3)"; done \
    | plot growth-memory lines "Resident memory, ten endpoints a service" services MB
  for size in ${SIZES:-1000 10000 100000}; do
    printf 'one service\t%s\t%s\n' "$size" "$(column "$work/result.growth.$size.service" 1)"
    printf 'one slice of 1,000 endpoints\t%s\t%s\n' "$size" "$(column "$work/result.growth.$size.slice" 1)"
  done | plot growth-changes lines "CPU time per change, ten endpoints a service" services µs
}
