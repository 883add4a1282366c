#!/bin/bash
# A real Kubernetes control plane on loopback: etcd, kube-apiserver (TLS, RBAC, ServiceAccount tokens,
# dual-stack service range), kube-controller-manager and kube-scheduler.
#   control-plane.sh up|down|status|reset          'down' keeps the data, 'reset' removes it
#   control-plane.sh api up|down|kill|freeze|thaw   the API server alone
#   control-plane.sh compact                        etcd forgets all but the present revision
# Writes $RUN/kubeconfig/admin.conf.
set -euo pipefail
# shellcheck source=env.sh
. "$(dirname "$(readlink -f "$0")")/env.sh"
P=$RUN/pki; K=$RUN/kubeconfig

pki() {
  [ -e "$P/.done" ] && return
  mkdir -p "$P" "$K"; chmod 700 "$P"
  local t0; t0=$(now_ms)
  key() { openssl ecparam -name prime256v1 -genkey -noout -out "$P/$1.key" 2>/dev/null; }
  ca() { key "$1"; openssl req -x509 -new -key "$P/$1.key" -days 3650 -subj "/CN=$2" -out "$P/$1.crt" \
      -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign 2>/dev/null; }
  # cert NAME SUBJECT EKU [SAN]
  cert() {
    key "$1"; openssl req -new -key "$P/$1.key" -subj "$2" -out "$P/$1.csr" 2>/dev/null
    { echo "keyUsage=critical,digitalSignature"; echo "extendedKeyUsage=$3"; [ -n "${4:-}" ] && echo "subjectAltName=$4"; } >"$P/$1.ext"
    openssl x509 -req -in "$P/$1.csr" -CA "$P/ca.crt" -CAkey "$P/ca.key" -CAcreateserial -days 3650 -sha256 \
      -extfile "$P/$1.ext" -out "$P/$1.crt" 2>/dev/null
    rm -f "$P/$1.csr" "$P/$1.ext"
  }
  ca ca kubernetes-ca
  cert apiserver /CN=kube-apiserver serverAuth \
    "DNS:localhost,DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc,DNS:kubernetes.default.svc.$CLUSTER_DOMAIN,IP:127.0.0.1,IP:::1,IP:10.96.0.1,IP:fd00:10:96::1,IP:$HOST_IP4,IP:$HOST_IP6"
  cert apiserver-kubelet-client /O=system:masters/CN=kube-apiserver-kubelet-client clientAuth
  cert admin /O=system:masters/CN=kubernetes-admin clientAuth
  cert controller-manager /CN=system:kube-controller-manager clientAuth
  cert scheduler /CN=system:kube-scheduler clientAuth
  cert kubelet "/O=system:nodes/CN=system:node:$NODE_NAME" clientAuth
  cert kubelet-serving "/O=system:nodes/CN=system:node:$NODE_NAME" serverAuth "DNS:$NODE_NAME,IP:$NODE_IP4,IP:$NODE_IP6"
  cert proxy /CN=system:kube-proxy clientAuth
  cert nobody /CN=lab-nobody clientAuth            # authenticated, no rights: for 403 recordings
  key sa; openssl ec -in "$P/sa.key" -pubout -out "$P/sa.pub" 2>/dev/null
  # kubeconfigs; the node's components go through the veth address
  kc() { # NAME SERVER
    kubectl config --kubeconfig="$K/$1.conf" set-cluster lab --server="$2" --certificate-authority="$P/ca.crt" --embed-certs
    kubectl config --kubeconfig="$K/$1.conf" set-credentials "$1" --client-certificate="$P/$1.crt" --client-key="$P/$1.key" --embed-certs
    kubectl config --kubeconfig="$K/$1.conf" set-context lab --cluster=lab --user="$1"
    kubectl config --kubeconfig="$K/$1.conf" use-context lab; } >/dev/null
  for n in admin controller-manager scheduler nobody; do kc $n "$API"; done
  for n in kubelet proxy; do kc $n "https://$HOST_IP4:$API_PORT"; done
  touch "$P/.done"; say "keys and kubeconfigs made in $(( $(now_ms)-t0 )) ms"
}

api_up() {
  start kube-apiserver kube-apiserver \
    --etcd-servers "http://127.0.0.1:$ETCD_PORT" --bind-address 127.0.0.1 --secure-port "$API_PORT" --advertise-address "$HOST_IP4" \
    --tls-cert-file "$P/apiserver.crt" --tls-private-key-file "$P/apiserver.key" --client-ca-file "$P/ca.crt" \
    --authorization-mode Node,RBAC --enable-admission-plugins NodeRestriction --allow-privileged=true \
    --service-account-issuer "https://kubernetes.default.svc.$CLUSTER_DOMAIN" \
    --service-account-key-file "$P/sa.pub" --service-account-signing-key-file "$P/sa.key" \
    --kubelet-client-certificate "$P/apiserver-kubelet-client.crt" --kubelet-client-key "$P/apiserver-kubelet-client.key" \
    --kubelet-certificate-authority "$P/ca.crt" --kubelet-preferred-address-types InternalIP \
    --service-cluster-ip-range "$SERVICE_CIDR4,$SERVICE_CIDR6" --service-node-port-range 30000-32767 \
    --event-ttl 10m --profiling=false
  wait_for 120 kube-apiserver kubectl --kubeconfig "$K/admin.conf" get --raw /readyz
}

up() {
  local T0; T0=$(now_ms)
  mkdir -p "$RUN/etcd" "$RUN/log" "$RUN/pid"
  pki
  # etcd: one member, unsynced writes (a lab), slow ticks to keep it idle
  start etcd env GOMAXPROCS=2 etcd --name lab --data-dir "$RUN/etcd" \
    --listen-client-urls "http://127.0.0.1:$ETCD_PORT" --advertise-client-urls "http://127.0.0.1:$ETCD_PORT" \
    --listen-peer-urls "http://127.0.0.1:$ETCD_PEER_PORT" --initial-advertise-peer-urls "http://127.0.0.1:$ETCD_PEER_PORT" \
    --initial-cluster "lab=http://127.0.0.1:$ETCD_PEER_PORT" \
    --unsafe-no-fsync --heartbeat-interval 500 --election-timeout 5000 --watch-progress-notify-interval 5s --log-level warn
  wait_for 60 etcd curl -fsS "http://127.0.0.1:$ETCD_PORT/health"
  api_up
  # No node-lifecycle or pod GC: fixture nodes have no kubelet, and their pods must stay as they are.
  start kube-controller-manager kube-controller-manager --kubeconfig "$K/controller-manager.conf" \
    --authentication-kubeconfig "$K/controller-manager.conf" --authorization-kubeconfig "$K/controller-manager.conf" \
    --bind-address 127.0.0.1 --secure-port "$KCM_PORT" --leader-elect=false --use-service-account-credentials \
    --root-ca-file "$P/ca.crt" --service-account-private-key-file "$P/sa.key" \
    --cluster-signing-cert-file "$P/ca.crt" --cluster-signing-key-file "$P/ca.key" \
    --cluster-cidr "$POD_CIDR4,$POD_CIDR6" --service-cluster-ip-range "$SERVICE_CIDR4,$SERVICE_CIDR6" --allocate-node-cidrs=false \
    --controllers "*,-node-lifecycle-controller,-pod-garbage-collector-controller,-taint-eviction-controller,-node-ipam-controller,-node-route-controller,-cloud-node-lifecycle-controller,-persistentvolume-attach-detach-controller,-horizontal-pod-autoscaler-controller" \
    --profiling=false
  start kube-scheduler kube-scheduler --kubeconfig "$K/scheduler.conf" \
    --authentication-kubeconfig "$K/scheduler.conf" --authorization-kubeconfig "$K/scheduler.conf" \
    --bind-address 127.0.0.1 --secure-port "$SCHED_PORT" --leader-elect=false --profiling=false
  wait_for 60 "default service account" kubectl --kubeconfig "$K/admin.conf" -n default get serviceaccount default
  wait_for 60 kube-scheduler curl -fsSk "https://127.0.0.1:$SCHED_PORT/healthz"
  say "control plane up in $(( $(now_ms)-T0 )) ms; export KUBECONFIG=$K/admin.conf"
}
down() { local n; for n in kube-scheduler kube-controller-manager kube-apiserver etcd; do stop $n; done; }

api() {
  case ${1:-} in
    up) api_up ;;
    down) stop kube-apiserver ;;
    kill) stop kube-apiserver KILL ;;
    freeze) kill -STOP "$(pid_of kube-apiserver)" ;;
    thaw) kill -CONT "$(pid_of kube-apiserver)" ;;
    *) die "api up|down|kill|freeze|thaw" ;;
  esac
}

compact() {
  local e=(etcdctl --endpoints "http://127.0.0.1:$ETCD_PORT") revision
  revision=$("${e[@]}" endpoint status -w json | grep -oE '"revision":[0-9]+' | head -1 | cut -d: -f2)
  "${e[@]}" compact --physical "$revision" >/dev/null
  say "etcd compacted at revision $revision"
}

status() {
  local n p
  for n in etcd kube-apiserver kube-controller-manager kube-scheduler; do
    if alive $n; then
      p=$(pid_of $n)
      say "$n pid $p, $(ps -o rss= -p "$p" | awk '{printf "%d MiB", $1/1024}'), cpu $(ps -o time= -p "$p")"
    else say "$n not running"; fi
  done
}

case ${1:-} in
  up) up ;;
  down) down ;;
  reset) down; rm -rf "$RUN/etcd" "$P" "$K"; say "data and keys removed" ;;
  status) status ;;
  api) shift; api "$@" ;;
  compact) compact ;;
  *) sed -n '3,6p' "$0" >&2; exit 2 ;;
esac
