# shellcheck shell=bash
# shellcheck disable=SC2154  # pid, port, part, work, names: of common.sh, names.sh and run
# What the directives that change questions and answers cost, beside CoreDNS with the same Corefile; sourced by bench/run.
# Each stands before `hosts`, whose cost alone is the first row.
DIRECTIVES=${DIRECTIVES:-"hosts template rewrite rewrite-200-idle acl-1000 view dns64 autopath dnstap"}
NETWORKS=1000 RULES=200

# hosts_lines: 100 hosts of host.test
hosts_lines() {
  local i
  echo '    hosts {'
  for i in $(seq 100); do echo "        192.0.2.$i host$i.host.test"; done
  echo '    }'
}

acl_lines() {
  local i
  echo '    acl {'
  for i in $(seq 0 $((NETWORKS - 1))); do echo "        block net 10.$((i / 250)).$((i % 250)).0/24"; done
  echo '        allow'; echo '    }'
}

# directive KIND: the lines of the Corefile before hosts
directive() {
  local i
  case $1 in
    template)
      # shellcheck disable=SC2016
      echo '    template IN A ip.test {
        match "^node-(?P<a>[0-9]+)-(?P<b>[0-9]+)-(?P<c>[0-9]+)-(?P<d>[0-9]+)[.]ip[.]test[.]$"
        answer "{{ .Name }} 60 IN A {{ .Group.a }}.{{ .Group.b }}.{{ .Group.c }}.{{ .Group.d }}"
    }' ;;
    rewrite) echo '    rewrite stop name suffix .shop.test .host.test answer auto' ;;
    rewrite-200-idle)
      for i in $(seq "$RULES"); do
        case $((i % 4)) in
          0) echo "    rewrite name exact alias$i.other.test host$i.host.test" ;;
          1) echo "    rewrite stop name suffix .zone$i.test .host.test answer auto" ;;
          2) echo "    rewrite name prefix old$i- new-" ;;
          3) echo "    rewrite name substring .legacy$i. .host." ;;
        esac
      done ;;
    acl-1000) acl_lines ;;
    view) echo "    view inside {
        expr incidr(client_ip(), '127.0.0.0/8') && name() endsWith 'host.test.'
    }" ;;
    dns64) echo '    dns64 {
        allow_ipv4
    }' ;;
    autopath) echo "    autopath $work/search" ;;
    dnstap) echo "    dnstap unix://$work/tap full" ;;
  esac
}

directive_corefile() { # directive_corefile KIND
  printf '.:%s {\n    bind 127.0.0.1\n    errors\n    prometheus 127.0.0.1:%s\n' "$port" "$(free_port)"
  directive "$1"; hosts_lines
  echo '}'
}

# directive_questions KIND
directive_questions() {
  local i
  for i in $(seq 100); do
    case $1 in
      template) echo "node-10-0-$i-7.ip.test A" ;;
      rewrite) echo "host$i.shop.test A" ;;
      dns64) echo "host$i.host.test AAAA" ;;
      autopath) echo "host$i.a.svc.host.test A" ;;
      *) echo "host$i.host.test A" ;;
    esac
  done
}

# directive_server KIND NAME BINARY
directive_server() {
  port=$(free_port)
  directive_corefile "$1" >"$work/$2.$1.corefile"
  launch "$2.$1" "$3" -conf "$work/$2.$1.corefile"
  await "$2.$1" "$pid" "$port" host1.host.test
  enlist "$2"
}

# tap_reader: Debian's, for all servers at once, on the client's core
tap_reader() {
  command -v fstrm_capture >/dev/null || { say "fstrm_capture is not here (apt install fstrm-bin)"; return 1; }
  on_cpu "$CLIENT_CPU" fstrm_capture -t protobuf:dnstap.Dnstap -u "$work/tap" -w /dev/null 2>/dev/null & pids+=("$!")
  until [ -S "$work/tap" ]; do sleep 0.1; done
}

# directive_row KIND: measures and prints
directive_row() {
  local run file=$work/queries.$1 ours
  directive_questions "$1" >"$file"
  if [ "$1" = dnstap ]; then tap_reader || return 0; fi
  port=$(free_port); launch echo "$TOOLS/bench/udpecho" "$port"; enlist udpecho
  directive_server "$1" Fairlead "$FAIRLEAD"
  if [ -n "$COREDNS" ]; then directive_server "$1" CoreDNS "$COREDNS"; fi
  for run in $(seq "$RUNS"); do
    say "$1, run $run of $RUNS"
    ask "$1" "$file"
  done
  ours=$(result "$1" Fairlead)
  printf '| %s | %.0f | %s | %s | %s |' "$1" "$(column "$ours" 3)" "$(spread "$(result "$1" udpecho)" 1)" "$(spread "$ours" 1)" \
    "$(ratios "$ours" "$(result "$1" udpecho)" 1)"
  if [ -n "$COREDNS" ]; then printf ' %s | %s |' "$(spread "$(result "$1" CoreDNS)" 1)" "$(ratios "$(result "$1" CoreDNS)" "$ours" 1)"; fi
  printf '\n'
  dismiss
}

directives() {
  local kind
  printf 'search a.svc.host.test svc.host.test host.test\n' >"$work/search"
  printf '\nCPU µs of the server per answer over UDP; %s runs of %s s, the servers in turn\n\n' "$RUNS" "$SECONDS_PER_RUN"
  printf '| directive | octets | udpecho | Fairlead | Fairlead : udpecho |%s\n' "${COREDNS:+ CoreDNS | CoreDNS : Fairlead |}"
  printf '|---|---|---|---|---|%s\n' "${COREDNS:+---|---|}"
  for kind in $DIRECTIVES; do directive_row "$kind"; done
}
