#include "plugins/foreign.h"

namespace fairlead::plugins {
namespace {

// What most of them come to.
constexpr std::string_view kForwardZone =
    "it is another project's plugin; forward its zone to a CoreDNS that has it";
constexpr std::string_view kDatabase =
    "records are not read from databases; forward the zone to a server that does";
constexpr std::string_view kBlocking =
    "there are no lists to block names by; forward to a resolver that has them, or use template "
    "for a few names";
constexpr std::string_view kGateways =
    "Gateways, Ingresses and their hosts are not watched; external-dns writes them into a zone, or "
    "forward theirs to a CoreDNS that has this plugin";

// Names as they stand in Corefiles.
constexpr corefile::ForeignName kForeign[] = {
    {"ads", kBlocking},
    {"alias", "use rewrite with cname, or template"},
    {"amazondns", "forward the zone to the VPC's resolver"},
    {"blocklist", kBlocking},
    {"docker", kForwardZone},
    {"dnsredir", "use forward, with one line for each list of names"},
    {"dump", "use log, or dnstap of a CoreDNS in front"},
    {"edgecdnxgeolookup", kForwardZone},
    {"ens", kForwardZone},
    {"fanout",
     "upstreams are not all asked at once; forward asks a second one within 400 ms, and policy "
     "fastest the nearest"},
    {"finalize", "CNAMEs of what upstreams say are followed by them; use forward alone"},
    {"git", "files are not fetched; run git-sync beside the server and read what it leaves"},
    {"gslb", kForwardZone},
    {"ipecho", kForwardZone},
    {"ipset", "sets of the kernel are not changed by answers; use forward to a resolver that does"},
    {"k8s_crd", "DNSEndpoint objects are not watched; external-dns writes them into a zone"},
    {"k8s_event", "no events are written; use log"},
    {"k8s_gateway", kGateways},
    {"kubenodes", "names of nodes are not served; use hosts with a file of them"},
    {"kubernetai", "use kubernetes more than once: one server block for each cluster"},
    {"lighthouse", kForwardZone},
    {"mdns", "multicast DNS is not asked; use hosts"},
    {"meship", kForwardZone},
    {"multicluster", "names of clusterset.local: forward them to a CoreDNS that has this plugin"},
    {"mysql", kDatabase},
    {"netbox", "NetBox is not asked for records; export a hosts file, or forward the zone"},
    {"omada", kForwardZone},
    {"pdsql", kDatabase},
    {"records", "use template for single records, or hosts for addresses"},
    {"recursor", "use forward to a resolver"},
    {"redis", kDatabase},
    {"redisc", kDatabase},
    {"rrl", "replies are not limited by client; a firewall can (nftables, limit rate over)"},
    {"tailscale", "tailnets are not read; forward the tailnet's domain to 100.100.100.100"},
    {"unbound", "use forward to an unbound(8) beside the server"},
    {"warnlist", "use log, and look for the names there"},
    {"wgsd", kForwardZone},
};

}  // namespace

std::span<const corefile::ForeignName> foreign_names() {
  return kForeign;
}

}  // namespace fairlead::plugins
