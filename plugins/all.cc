// Every directive there is, in the order in which questions pass them: that of CoreDNS 1.15. The
// only list: what is supported, what `-plugins` prints and what parsers know follow from it.
#include <array>

#include "plugins/acl/setup.h"
#include "plugins/any/setup.h"
#include "plugins/auto/setup.h"
#include "plugins/autopath/setup.h"
#include "plugins/bind/setup.h"
#include "plugins/bufsize/setup.h"
#include "plugins/cache/setup.h"
#include "plugins/cancel/setup.h"
#include "plugins/chaos/setup.h"
#include "plugins/debug/setup.h"
#include "plugins/directive.h"
#include "plugins/dns64/setup.h"
#include "plugins/dnssec/setup.h"
#include "plugins/dnstap/setup.h"
#include "plugins/erratic/setup.h"
#include "plugins/errors/setup.h"
#include "plugins/etcd/setup.h"
#include "plugins/file/setup.h"
#include "plugins/forward/alternate.h"
#include "plugins/forward/setup.h"
#include "plugins/header/setup.h"
#include "plugins/health/setup.h"
#include "plugins/hosts/setup.h"
#include "plugins/https/setup.h"
#include "plugins/k8s_external/setup.h"
#include "plugins/kubernetes/setup.h"
#include "plugins/loadbalance/setup.h"
#include "plugins/local/setup.h"
#include "plugins/log/setup.h"
#include "plugins/loop/setup.h"
#include "plugins/metadata/setup.h"
#include "plugins/minimal/setup.h"
#include "plugins/multisocket/setup.h"
#include "plugins/nsid/setup.h"
#include "plugins/pprof/setup.h"
#include "plugins/prometheus/setup.h"
#include "plugins/ready/setup.h"
#include "plugins/reload/setup.h"
#include "plugins/rewrite/setup.h"
#include "plugins/root/setup.h"
#include "plugins/secondary/setup.h"
#include "plugins/shed/setup.h"
#include "plugins/sign/setup.h"
#include "plugins/siit/setup.h"
#include "plugins/template/setup.h"
#include "plugins/timeouts/setup.h"
#include "plugins/tls/setup.h"
#include "plugins/transfer/setup.h"
#include "plugins/tsig/setup.h"
#include "plugins/view/setup.h"
#include "plugins/whoami/setup.h"

namespace fairlead::plugins {
namespace {

// A name alone is a directive of CoreDNS that is not here yet.
constexpr Directive kDirectives[] = {
    {"root", root::read},
    {"metadata", metadata::read},
    {.name = "geoip",
     .instead = "there is no database of places; view with incidr(client_ip(), ...) tells networks "
                "apart"},
    {"cancel", cancel::read},
    {.name = "proxyproto",
     .instead = "headers of the PROXY protocol are not read; a balancer that keeps clients' "
                "addresses needs none (externalTrafficPolicy: Local)"},
    {.name = "quic",
     .instead = "QUIC is not spoken; a CoreDNS in front that does can forward to this server"},
    {.name = "grpc_server",
     .instead = "gRPC is not spoken; a CoreDNS in front that does can forward to this server"},
    {"https", https::read},
    {.name = "https3",
     .instead = "HTTP/3 is not spoken; a CoreDNS in front that does can forward to this server"},
    {"timeouts", timeouts::read},
    {"multisocket", multisocket::read},
    {"reload", reload::read},
    {"nsid", nsid::read},
    {"bufsize", bufsize::read},
    {"bind", bind::read},
    {"debug", debug::read},
    {.name = "trace",
     .instead = "no spans are sent; log has the time of each query, prometheus histograms of "
                "them"},
    {"ready", ready::read},
    {"health", health::read, health::start},
    {"pprof", pprof::read},
    {"shed", shed::read},
    {"prometheus", prometheus::read},
    {"errors", errors::read},
    {"log", log::read},
    {"dnstap", dnstap::read},
    {"local", local::read},
    {"dns64", dns64::read},
    {"siit", siit::read},
    {"any", any::read},
    {"chaos", chaos::read},
    {"loadbalance", loadbalance::read},
    {"tsig", tsig::read},
    {"rewrite", rewrite::read},
    {"autopath", autopath::read},
    {"acl", acl::read},
    {"cache", cache::read},
    {"header", header::read},
    {"dnssec", dnssec::read},
    {"tls", tls::read},
    {"minimal", minimal::read},
    {"template", templates::read},
    {"transfer", transfer::read},
    {.name = "dynupdate",
     .instead = "zones are not changed by UPDATE; forward the zone to a server that takes them"},
    {"hosts", hosts::read},
    {.name = "route53",
     .instead = "AWS is not asked for records; forward the zone to the VPC's resolver"},
    {.name = "azure",
     .instead = "Azure is not asked for records; forward the zone to 168.63.129.16"},
    {.name = "clouddns",
     .instead = "Google is not asked for records; forward the zone to 169.254.169.254"},
    {"k8s_external", k8s_external::read},
    {"kubernetes", kubernetes::read},
    {"file", file::read},
    {"auto", auto_::read},
    {"secondary", secondary::read},
    {"etcd", etcd::read},
    {"loop", loop::read},
    {"alternate", alternate::read},  // not CoreDNS's own
    {"forward", forward::read},
    {.name = "grpc",
     .instead = "upstreams are not asked over gRPC; forward asks them over UDP, TCP and TLS"},
    {"erratic", erratic::read},
    {"whoami", whoami::read},
    {.name = "on",
     .instead = "no commands are run; the pod's lifecycle hooks and ExecStartPost of systemd run "
                "them"},
    {"sign", sign::read},
    {"view", view::read},
    {.name = "nomad",
     .instead = "Nomad is not asked for records; forward the zone to a CoreDNS that has it"},
};

auto make_names() {
  std::array<corefile::DirectiveName, std::size(kDirectives)> names{};
  for (size_t i = 0; i < names.size(); ++i)
    names[i] = {kDirectives[i].name, kDirectives[i].read != nullptr, kDirectives[i].instead};
  return names;
}

}  // namespace

std::span<const Directive> directives() {
  return kDirectives;
}

std::span<const corefile::DirectiveName> directive_names() {
  static const auto kNames = make_names();
  return kNames;
}

}  // namespace fairlead::plugins
