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
#include "plugins/errors/setup.h"
#include "plugins/file/setup.h"
#include "plugins/forward/setup.h"
#include "plugins/header/setup.h"
#include "plugins/health/setup.h"
#include "plugins/hosts/setup.h"
#include "plugins/kubernetes/setup.h"
#include "plugins/loadbalance/setup.h"
#include "plugins/local/setup.h"
#include "plugins/log/setup.h"
#include "plugins/loop/setup.h"
#include "plugins/metadata/setup.h"
#include "plugins/minimal/setup.h"
#include "plugins/multisocket/setup.h"
#include "plugins/nsid/setup.h"
#include "plugins/prometheus/setup.h"
#include "plugins/ready/setup.h"
#include "plugins/reload/setup.h"
#include "plugins/rewrite/setup.h"
#include "plugins/root/setup.h"
#include "plugins/siit/setup.h"
#include "plugins/template/setup.h"
#include "plugins/timeouts/setup.h"
#include "plugins/transfer/setup.h"
#include "plugins/view/setup.h"
#include "plugins/whoami/setup.h"

namespace fairlead::plugins {
namespace {

// A name alone is a directive of CoreDNS that is not here yet.
constexpr Directive kDirectives[] = {
    {"root", root::read},
    {"metadata", metadata::read},
    {"geoip"},
    {"cancel", cancel::read},
    {"proxyproto"},
    {"quic"},
    {"grpc_server"},
    {"https"},
    {"https3"},
    {"timeouts", timeouts::read},
    {"multisocket", multisocket::read},
    {"reload", reload::read},
    {"nsid", nsid::read},
    {"bufsize", bufsize::read},
    {"bind", bind::read},
    {"debug", debug::read},
    {"trace"},
    {"ready", ready::read},
    {"health", health::read, health::start},
    {"pprof"},
    {"shed"},
    {"prometheus", prometheus::read},
    {"errors", errors::read},
    {"log", log::read},
    {"dnstap"},
    {"local", local::read},
    {"dns64", dns64::read},
    {"siit", siit::read},
    {"any", any::read},
    {"chaos", chaos::read},
    {"loadbalance", loadbalance::read},
    {"tsig"},
    {"rewrite", rewrite::read},
    {"autopath", autopath::read},
    {"acl", acl::read},
    {"cache", cache::read},
    {"header", header::read},
    {"dnssec"},
    {"tls"},
    {"minimal", minimal::read},
    {"template", templates::read},
    {"transfer", transfer::read},
    {"dynupdate"},
    {"hosts", hosts::read},
    {"route53"},
    {"azure"},
    {"clouddns"},
    {"k8s_external"},
    {"kubernetes", kubernetes::read},
    {"file", file::read},
    {"auto", auto_::read},
    {"secondary"},
    {"etcd"},
    {"loop", loop::read},
    {"forward", forward::read},
    {"grpc"},
    {"erratic"},
    {"whoami", whoami::read},
    {"on"},
    {"sign"},
    {"view", view::read},
    {"nomad"},
};

auto make_names() {
  std::array<corefile::DirectiveName, std::size(kDirectives)> names{};
  for (size_t i = 0; i < names.size(); ++i)
    names[i] = {kDirectives[i].name, kDirectives[i].read != nullptr};
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
