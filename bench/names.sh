# shellcheck shell=bash
# shellcheck disable=SC2154  # pid, port, work: of common.sh and cluster.sh
# What an answer about the cluster's names costs; sourced by bench/run.

cpu() {
  local kind name run c us echo_port echo_pid
  serve fairlead "$FAIRLEAD"; local fairlead_port=$port fairlead_pid=$pid coredns_port='' coredns_pid=''
  if [ -n "$COREDNS" ] && [ -n "$LAB" ]; then serve coredns "$COREDNS"; coredns_port=$port coredns_pid=$pid; fi
  echo_port=$(free_port)
  launch echo "$TOOLS/bench/udpecho" "$echo_port"; echo_pid=$pid
  for run in $(seq "$RUNS"); do
    say "run $run of $RUNS"
    for kind in "$work"/queries/*; do
      name=${kind##*/}
      blast "$kind" "$echo_port" "$echo_pid" -E >>"$work/result.echo.$name"
      blast "$kind" "$fairlead_port" "$fairlead_pid" >>"$work/result.fairlead.$name"
      if [ -n "$coredns_pid" ]; then blast "$kind" "$coredns_port" "$coredns_pid" >>"$work/result.coredns.$name"; fi
    done
  done
  printf '\nCPU µs per answer, medians of %s runs of %s s; %s services, %s endpoints; server and client on one core each\n\n' \
    "$RUNS" "$SECONDS_PER_RUN" "$SERVICES" "$ENDPOINTS"
  printf '| question | octets | udpecho | Fairlead | ratio | Fairlead answers/s | CoreDNS |\n|---|---|---|---|---|---|---|\n'
  for kind in "$work"/queries/*; do
    name=${kind##*/}
    us=$(cut -d' ' -f1 "$work/result.fairlead.$name" | median) c=$(cut -d' ' -f1 "$work/result.echo.$name" | median)
    printf '| %s | %s | %.2f | %.2f | %.2f | %.0f | %s |\n' "$name" "$(cut -d' ' -f3 "$work/result.fairlead.$name" | median)" \
      "$c" "$us" "$(awk "BEGIN { print $us / $c }")" "$(cut -d' ' -f2 "$work/result.fairlead.$name" | median)" \
      "$(if [ -n "$coredns_pid" ]; then cut -d' ' -f1 "$work/result.coredns.$name" | median; else echo 'not measured'; fi)"
  done
  [ -n "$coredns_pid" ] || printf '\nCoreDNS was not measured: set COREDNS to its binary and LAB to a folder with an API server.\n'
  stop "$echo_pid" "$fairlead_pid" ${coredns_pid:+"$coredns_pid"}
}
