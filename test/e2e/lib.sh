# shellcheck shell=bash
# shellcheck disable=SC2034  # settings are used by the scripts that source this
# What the parts that ask from pods share; sourced by them. The cluster is the lab's, or the one of FAIRLEAD_E2E_KUBECONFIG.
here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
# shellcheck source=lab/env.sh
. "$here/lab/env.sh"
CHART=$here/../../charts/fairlead
IMAGE=${FAIRLEAD_E2E_IMAGE:-lab.local/dns:test}
TOOLS=${FAIRLEAD_E2E_TOOLS:-lab.local/dnsutils:1}
Z=$CLUSTER_DOMAIN
passes=0 fails=0

# In a cluster that is not ours the server gets a namespace and an address of its own, and pods name it as their server.
in_lab() { [ -z "${FAIRLEAD_E2E_KUBECONFIG:-}" ]; }
if in_lab; then SYSTEM=kube-system
else export KUBECONFIG=$FAIRLEAD_E2E_KUBECONFIG; SYSTEM=fairlead-e2e
fi
system() { kubectl -n "$SYSTEM" "$@"; }
DNS_PODS=(-l k8s-app=kube-dns)

pod() { kubectl -n e2e exec dnsutils -- "$@"; }
result() { # result WHAT STATUS [DETAIL]
  if [ "$2" = 0 ]; then passes=$((passes + 1)); echo "ok    $1"
  else fails=$((fails + 1)); echo "FAIL  $1${3:+: $3}"; fi
}
# try WHAT COMMAND...: the command succeeds; its output is shown only when not
try() {
  local what=$1 out; shift
  if out=$("$@" 2>&1); then result "$what" 0
  else result "$what" 1; tail -20 <<<"$out"; fi
}
# says WHAT REGEX CMD...: the command's output matches
says() {
  local what=$1 want=$2 out; shift 2
  out=$("$@" 2>&1 || true)
  if grep -qE -- "$want" <<<"$out"; then result "$what" 0
  else result "$what" 1 "expected /$want/, got: ${out%%$'\n'*}"; sed -n 2,20p <<<"$out"; fi
}
# check WHAT REGEX CMD...: the same of a command in the pod
check() { says "$1" "$2" pod "${@:3}"; }
# in_time WHAT REGEX CMD...: within 30 s the output matches, four times in a row: there are several servers
in_time() {
  local _ row=0 what=$1 want=$2; shift 2
  for _ in $(seq 100); do
    if "$@" 2>&1 | grep -qE -- "$want"; then row=$((row + 1)); else row=0; sleep 0.5; fi
    if [ $row = 4 ]; then break; fi
  done
  says "$what" "$want" "$@"
}
field() { kubectl -n "$1" get "$2" -o jsonpath="$3"; }
ip_of() { kubectl -n "$1" get pods -l "$2" -o jsonpath='{.items[0].status.podIP}'; }
restarts() { system get pods "${DNS_PODS[@]}" -o jsonpath='{.items[*].status.containerStatuses[0].restartCount}'; }
finish() { echo "$passes passed, $fails failed"; [ $fails = 0 ]; }

# chart_options: kubeadm's Corefile, names and address, with the image under test
chart_options() {
  printf '%s\n' -n "$SYSTEM" -f "$CHART/values/kubeadm.yaml" --set "image.repository=${IMAGE%:*},image.tag=${IMAGE##*:}" \
    --set keepOnUninstall=false
  in_lab || printf '%s\n' --create-namespace --set service.clusterIP=null,clusterRole.nameOverride=fairlead-e2e
}
# release install|upgrade OPTION...: the chart in the cluster, its pods ready
release() {
  local options; mapfile -t options < <(chart_options)
  helm "$1" coredns "$CHART" "${options[@]}" --wait --timeout 120s "${@:2}"
}
# No server and none of its objects. Pods go first: the garbage collector would take its time.
remove_server() {
  system scale deployment coredns --replicas=0 >/dev/null 2>&1 || true
  wait_for 60 "the end of the server's pods" no_server >/dev/null
  helm -n "$SYSTEM" uninstall coredns --ignore-not-found >/dev/null 2>&1
  system delete --ignore-not-found deployment/coredns configmap/coredns service/kube-dns >/dev/null
}
no_server() { [ -z "$(system get pods -l k8s-app=kube-dns -o name; system get pods -l app.kubernetes.io/name=coredns -o name)" ]; }
# The server as the cluster's DNS, whatever part ran before and left its objects.
ensure_release() {
  if helm -n "$SYSTEM" status coredns >/dev/null 2>&1; then release upgrade >/dev/null || return 1
  else release install --take-ownership >/dev/null || return 1
  fi
  DNS_IP=$(field "$SYSTEM" service/kube-dns '{.spec.clusterIP}')
}

# No pod is ending, and kube-proxy has had time to forget those that did.
settled() { ! system get pods "${DNS_PODS[@]}" -o jsonpath='{.items[*].metadata.deletionTimestamp}' | grep -q . && sleep 2; }

# apply_with_images FILE: with the image of the tools, and pods that ask the server under test
apply_with_images() {
  local policy="dnsPolicy: ClusterFirst" ns=${1%.yaml}; ns=${ns/workload/e2e}
  in_lab || policy="dnsPolicy: None\n  dnsConfig: {nameservers: [$DNS_IP], searches: [$ns.svc.$Z, svc.$Z, $Z], options: [{name: ndots, value: '5'}]}"
  sed "s#image: TOOLS#image: \"$TOOLS\"#; s#dnsPolicy: ASK#$policy#; s#SERVER#\"$DNS_IP\"#" "$here/$1" | kubectl apply -f - >/dev/null
}

# The pods to ask from and the services to ask about. Needs the server's address.
ensure_workload() {
  # a pod cannot be told to ask another server
  apply_with_images workload.yaml 2>/dev/null || { kubectl -n e2e delete pod dnsutils --wait >/dev/null && apply_with_images workload.yaml; }
  kubectl -n e2e wait --for=condition=Ready pod/dnsutils --timeout=60s >/dev/null || die "no pod to ask from"
  kubectl -n e2e rollout status statefulset/db --timeout=60s >/dev/null || die "no pods to ask about"
  wait_for 30 "an answer at $DNS_IP" pod dig +short +time=1 +tries=1 "dual.e2e.svc.$Z" >&2
  KUBERNETES=$(field default service/kubernetes '{.spec.clusterIP}')
  DUAL=$(field e2e service/dual '{.spec.clusterIP}')
}
