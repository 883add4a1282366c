#include "corefile/directives.h"

#include <algorithm>
#include <vector>

namespace fairlead::corefile {
namespace {

constexpr DirectiveName kDirectives[] = {
    {"root", false},       {"metadata", false},     {"geoip", false},       {"cancel", false},
    {"proxyproto", false}, {"quic", false},         {"grpc_server", false}, {"https", false},
    {"https3", false},     {"timeouts", false},     {"multisocket", false}, {"reload", true},
    {"nsid", false},       {"bufsize", true},       {"bind", true},         {"debug", false},
    {"trace", false},      {"ready", true},         {"health", true},       {"pprof", false},
    {"shed", false},       {"prometheus", true},    {"errors", true},       {"log", true},
    {"dnstap", false},     {"local", false},        {"dns64", false},       {"any", false},
    {"chaos", false},      {"loadbalance", true},   {"tsig", false},        {"rewrite", false},
    {"autopath", false},   {"acl", false},          {"cache", true},        {"header", false},
    {"dnssec", false},     {"tls", false},          {"minimal", false},     {"template", false},
    {"transfer", false},   {"hosts", true},         {"route53", false},     {"azure", false},
    {"clouddns", false},   {"k8s_external", false}, {"kubernetes", true},   {"file", false},
    {"auto", false},       {"secondary", false},    {"etcd", false},        {"loop", true},
    {"forward", true},     {"grpc", false},         {"erratic", false},     {"whoami", true},
    {"on", false},         {"sign", false},         {"view", false},        {"nomad", false},
};

// Edits (insert, delete, replace, swap of neighbours) from `a` to `b`.
int distance(std::string_view a, std::string_view b) {
  std::vector<int> two_up(b.size() + 1), up(b.size() + 1), row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) up[j] = static_cast<int>(j);
  for (size_t i = 1; i <= a.size(); ++i) {
    row[0] = static_cast<int>(i);
    for (size_t j = 1; j <= b.size(); ++j) {
      const int change = a[i - 1] == b[j - 1] ? 0 : 1;
      row[j] = std::min({up[j] + 1, row[j - 1] + 1, up[j - 1] + change});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], two_up[j - 2] + 1);
    }
    std::swap(two_up, up);
    std::swap(up, row);
  }
  return up[b.size()];
}

}  // namespace

std::span<const DirectiveName> directive_names() {
  return kDirectives;
}

int directive_order(std::string_view name) {
  const auto* const end = std::end(kDirectives);
  const auto* const found = std::find_if(
      std::begin(kDirectives), end, [&](const DirectiveName& known) { return known.name == name; });
  return found == end ? -1 : static_cast<int>(found - std::begin(kDirectives));
}

std::string_view nearest_directive(std::string_view name) {
  constexpr size_t kLongest = 32;
  if (name.empty() || name.size() > kLongest) return {};
  std::string_view best;
  // A third of the letters may be wrong, two at most; more is a guess.
  int limit = std::min(2, static_cast<int>(name.size()) / 3 + (name.size() > 1 ? 1 : 0));
  for (const DirectiveName& known : kDirectives) {
    const int edits = distance(name, known.name);
    if (edits <= limit) {
      best = known.name;
      limit = edits - 1;
    }
  }
  return best;
}

}  // namespace fairlead::corefile
