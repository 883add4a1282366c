#!/bin/bash
# Releases of the chart in the API server that KUBECONFIG names (without a node: no pod runs): the place of a release of the CoreDNS
# chart, of kubeadm's addon, and back; every manifest and values file as the API server sees it. Ends with 'N passed, N failed'.
# The CoreDNS chart is played by this one under its name and version, with that chart's default values: what counts here is that
# selectors, names and address stay.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
# shellcheck source=../e2e/lab/env.sh
. "$here/../e2e/lab/env.sh"
chart=$here/../../charts/fairlead deploy=$here/../../deploy
passed=0 failed=0 work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

check() { # check WHAT COMMAND...: its output is shown only when it fails
  local what=$1 out; shift
  if out=$("$@" 2>&1); then passed=$((passed + 1)); echo "ok    $what"
  else failed=$((failed + 1)); printf 'FAIL  %s\n%s\n' "$what" "$(tail -20 <<<"$out")"
  fi
}
in_system() { "$1" -n kube-system "${@:2}"; }
field() { in_system kubectl get "$1" -o jsonpath="$2"; }
refused() { # refused TEXT COMMAND...: it fails and says the text
  local text=$1 out; shift
  if out=$("$@" 2>&1); then echo "it was not refused: $out"; return 1; fi
  grep -qF -- "$text" <<<"$out" || { echo "$out"; return 1; }
}

# What must stay: the objects, the address, what the pods are selected by.
identity() {
  field deployment/coredns '{.metadata.uid}{.spec.selector.matchLabels.k8s-app}'
  field service/coredns '{.metadata.uid}{.spec.clusterIP}{.spec.selector.k8s-app}{.spec.ports[*].name}'
}
# upgraded OPTION...: the objects are the same ones as before, with another image and chart
upgraded() {
  local before; before=$(identity)
  in_system helm upgrade coredns "$chart" "$@" && [ "$(identity)" = "$before" ] &&
    [ "$(field deployment/coredns '{.spec.template.spec.containers[0].image}')" = ghcr.io/fairlead-dns/fairlead:0.1.0 ] &&
    field deployment/coredns '{.metadata.labels.helm\.sh/chart}' | grep -q '^fairlead-'
}
rolled_back() {
  local before; before=$(identity)
  in_system helm rollback coredns 1 && [ "$(identity)" = "$before" ] &&
    field deployment/coredns '{.metadata.labels.helm\.sh/chart}' | grep -q '^coredns-'
}
# What stays of the addon under every change: the objects, the Service's address and the names of its ports.
addon() {
  local object
  for object in deployment/coredns configmap/coredns serviceaccount/coredns clusterrole/system:coredns clusterrolebinding/system:coredns; do
    field $object '{.metadata.uid}{"\n"}'
  done
  field service/kube-dns '{.metadata.uid}{.spec.clusterIP}{.spec.ports[*].name}{.spec.ipFamilyPolicy}{"\n"}'
}
runs() { # runs IMAGE CONTAINER...: the pods of the Deployment
  [ "$(field deployment/coredns '{.spec.template.spec.containers[*].image}')" = "$1" ] &&
    [ "$(field deployment/coredns '{.spec.template.spec.initContainers[*].name}')" = "${2:-}" ]
}
ours=ghcr.io/fairlead-dns/fairlead:0.1.0 coredns=registry.k8s.io/coredns/coredns:v1.13.1
taken_over() { # taken_over OPTION...
  local before; before=$(addon)
  in_system helm install coredns "$chart" --take-ownership -f "$chart/values/kubeadm.yaml" "$@" &&
    [ "$(addon)" = "$before" ] && runs $ours check-config
}
stays() { # stays COMMAND...: it leaves the addon's objects
  local before; before=$(addon)
  "$@" && [ "$(addon)" = "$before" ]
}
# The commands of docs/migrate.md, from one file to the other and back.
saved() {
  in_system kubectl get deployment/coredns service/kube-dns configmap/coredns serviceaccount/coredns \
    clusterrole/system:coredns clusterrolebinding/system:coredns -o yaml | sed -E '/^    (resourceVersion|uid): /d' >"$work/saved.yaml"
  [ "$(grep -c '^- apiVersion' "$work/saved.yaml")" = 6 ]
}
put_back() { kubectl replace -f "$work/saved.yaml" && runs $coredns && [ -z "$(field service/kube-dns '{.metadata.annotations.helm\.sh/resource-policy}')" ]; }
printed() { # what `kubeadm init phase addon coredns --print-manifest` prints
  PYTHONPATH=$here K8S_SOURCE=$LAB/source/$K8S_VERSION /usr/bin/python3 -c 'import yaml, manifests
print(yaml.safe_dump_all(manifests.rendered_addon()))' >"$work/printed.yaml"
  kubectl replace -f "$work/printed.yaml" && runs registry.k8s.io/coredns/coredns:v1
}
patched() {
  in_system kubectl patch deployment coredns --patch-file "$deploy/kubeadm-image.yaml" &&
    [ "$(field deployment/coredns '{.spec.template.spec.containers[*].image}')" = ghcr.io/fairlead-dns/fairlead:0.1.0 ]
}
# What a values file makes is what the API server takes, once the Service's address is one of its own. It knows no custom resources, and in
# a dry run there is no account for the pod of the test.
accepted() {
  sed -E 's/clusterIP: [0-9.]+/clusterIP: 10.96.0.10/' "$1" >"$work/values.yaml"
  helm template dns "$chart" -n kube-system -f "$work/values.yaml" --set prometheus.monitor.enabled=false,prometheus.podMonitor.enabled=false \
    --set prometheus.rules.enabled=false,prometheus.dashboards.namespace= | sed '/^  serviceAccountName:/d' >"$work/made.yaml" || return 1
  if ! kubectl apply --dry-run=server --validate=strict -f "$work/made.yaml" >"$work/applied" 2>&1; then cat "$work/applied"; return 1; fi
  case $1 in */everything.yaml | */external.yaml) return ;; esac    # their own containers, ports of the host
  ! grep 'would violate PodSecurity' "$work/applied"
}

# The API server says of each workload what the Pod Security Standard has against it.
kubectl label --overwrite namespace kube-system pod-security.kubernetes.io/warn=restricted >/dev/null
says_what_is_loose() {
  kubectl apply --dry-run=server -f "$deploy/kubeadm.yaml" 2>&1 | grep 'would violate PodSecurity "restricted'
}
check "admission warns of kubeadm's addon" says_what_is_loose

noted() {
  in_system helm install fairlead "$chart" >"$work/notes" && grep -q 'label k8s-app: kube-dns' "$work/notes" &&
    [ "$(grep -o 'NOTE: Service [a-z-]* selects' "$work/notes")" = "NOTE: Service kube-dns selects" ]
}

"$here/coredns-chart" "$work/coredns"
check "a release of the CoreDNS chart" in_system helm install coredns "$work/coredns"
check "without compat it is not replaced" refused "set compat=coredns" in_system helm upgrade coredns "$chart"
check "with compat it is upgraded in place" upgraded --reset-then-reuse-values --set compat=coredns
check "and rolled back" rolled_back
check "with all the values of its chart reused too" upgraded --reuse-values --set compat=coredns
check "an upgrade of an upgraded release" upgraded -f "$here/values/compat.yaml" --set replicaCount=3
check "a misspelt value changes nothing" refused "additional properties 'replicaCuont' not allowed" \
  in_system helm upgrade coredns "$chart" --set compat=coredns,replicaCuont=1
check "it is removed" in_system helm uninstall coredns

sed "s#ghcr.io/fairlead-dns/fairlead:.*#$coredns#" "$deploy/kubeadm.yaml" >"$work/addon.yaml"
check "kubeadm's addon" kubectl apply -f "$work/addon.yaml"
check "with another image" patched
check "and its own again" kubectl apply -f "$work/addon.yaml"
check "the addon is saved" saved
check "taken over by a release" taken_over
check "an upgrade of that release" stays in_system helm upgrade coredns "$chart" -f "$chart/values/kubeadm.yaml" --set replicaCount=3
check "the addon is put back" stays put_back
check "the release is removed" stays in_system helm uninstall coredns
check "taken over again, without a word of what is to stay" taken_over --set keepOnUninstall=null,service.portNames=
check "an upgrade of that" stays in_system helm upgrade coredns "$chart" --reuse-values --set replicaCount=3
check "this release is removed first" stays in_system helm uninstall coredns
check "and DNS runs on" runs $ours check-config
check "kubeadm's own manifest is put back" stays printed
check "the notes of a release in its namespace tell who sends it questions" noted
check "which is removed" stays in_system helm uninstall fairlead
check "a release beside it changes nothing of it" stays helm install fairlead "$chart" -n fairlead --create-namespace
check "and goes as it came" stays helm uninstall fairlead -n fairlead
check "deploy/fairlead.yaml beside it" stays kubectl apply --validate=strict -f "$deploy/fairlead.yaml"
check "and its end" stays kubectl delete -f "$deploy/fairlead.yaml"
check "the addon's end" kubectl delete -f "$deploy/kubeadm.yaml"

check "deploy/fairlead.yaml with a Service" kubectl apply --validate=strict -f "$deploy/fairlead.yaml" -f "$deploy/service.yaml"
check "has one family of addresses" [ "$(field service/kube-dns '{.spec.ipFamilyPolicy}')" = SingleStack ]
check "is removed" kubectl delete -f "$deploy/fairlead.yaml" -f "$deploy/service.yaml"
for file in "$here"/values/*.yaml "$chart"/values/*.yaml; do check "values/${file##*/}" accepted "$file"; done
echo "$passed passed, $failed failed"
[ $failed = 0 ]
