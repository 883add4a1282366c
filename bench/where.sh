# shellcheck shell=bash
# shellcheck disable=SC2154  # pid, port, part, work: of common.sh, cluster.sh and run
# Where the time of one answer goes, by samples of perf; sourced by bench/run.

# Samples, one stack per blank-separated paragraph, innermost frame first; kernel frames have the high addresses; as shares of the places of `where_row`.
classify() {
  awk '
    function place() {
      if (kernel ~ /recvmmsg|recvfrom/) return "receive"
      if (kernel ~ /sendmmsg|sendto/) return "send"
      if (kernel != "") return "kernel"
      if (first ~ /fairlead::dns::(parse|Reader|walk_name|read_|canonical|lower|hash)/) return "parse"
      if (first ~ /fairlead::zones::/) return "lookup"
      if (first ~ /fairlead::dns::/) return "render"
      if (first ~ /fairlead|std::|boost::/) return "server"
      return "library"
    }
    function take() { if (first != "") { count[place()]++; all++ } kernel = first = "" }
    NF == 0 { take(); next }
    /^[[:space:]]+[0-9a-f]+ / { if (first == "") first = $0; if ($1 ~ /^ffff/) kernel = kernel " " $2 }
    END {
      take()
      split("receive send kernel parse lookup render server library", names)
      for (i = 1; i <= 8; i++) printf "%.4f ", count[names[i]] / all
    }'
}

# where_row KIND: nanoseconds and percent of each place
where_row() {
  local us shares  # the load outlasts the samples, however long perf takes to begin
  perf record -q -o "$work/perf" -e cpu-clock -F 9999 -g -p "$pid" -- sleep "$SECONDS_PER_RUN" >/dev/null 2>&1 &
  local recorder=$!
  us=$(blast "$work/queries/$1" "$port" "$pid" -t "$(awk "BEGIN { print $SECONDS_PER_RUN + 3 }")" | cut -d' ' -f1)
  wait "$recorder" || die "perf cannot record"
  shares=$(perf script -i "$work/perf" -F ip,sym 2>/dev/null | classify)
  awk -v kind="$1" -v us="$us" '{ printf "| %s | %d |", kind, us * 1000
    for (i = 1; i <= NF; i++) printf " %d (%.0f %%) |", us * 1000 * $i, 100 * $i
    print "" }' <<<"$shares"
}

where() {
  local kind
  command -v perf >/dev/null || { say "perf is not here"; return; }
  serve fairlead "$FAIRLEAD"
  printf '\nWhere the time of one answer goes, ns and percent; samples of %s s at full load\n\n' "$SECONDS_PER_RUN"
  printf '| question | ns | kernel, receive | kernel, send | kernel, the rest | parse | lookup | render | the rest of Fairlead | libraries |\n'
  printf '|---|---|---|---|---|---|---|---|---|---|\n'
  for kind in "$work"/queries/*; do where_row "${kind##*/}"; done
  stop "$pid"
}
