#include "plugins/kubernetes/setup.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string_view>

#include "k8s-watch/label_selector.h"
#include "plugins/names.h"

namespace fairlead::plugins::kubernetes {
namespace {

using corefile::Cursor;
using Words = std::vector<std::string>;

// Requests a second; beyond them a limit is none, or nothing would ever be asked.
constexpr double kLeastRate = 0.001;
constexpr double kMostRate = 1e6;

bool is_reverse_top(std::string_view zone) {
  return zone == "in-addr.arpa." || zone == "ip6.arpa.";
}

bool is_reverse(std::string_view zone) {
  for (const std::string_view top : {"in-addr.arpa.", "ip6.arpa."}) {
    if (zone == top || (zone.ends_with(top) && zone[zone.size() - top.size() - 1] == '.'))
      return true;
  }
  return false;
}

void parse_zones(Cursor& cursor, const corefile::Context& context, zones::ClusterZone& zone) {
  const Words texts =
      corefile::zone_arguments(cursor, cursor.remaining_args(), context.block_zones);
  auto forward = std::find_if_not(texts.begin(), texts.end(), is_reverse);
  if (forward == texts.end()) {
    // What is left of `kubernetes {$DOMAIN} in-addr.arpa ip6.arpa` when there is no such variable.
    forward = std::find_if(texts.begin(), texts.end(), is_reverse_top);
    if (forward == texts.end()) throw cursor.error("non-reverse zone name must be used");
    cursor.warn("no cluster domain among the zones: services have no names but below " + *forward);
  }
  zone.zones = names_at(cursor, texts);
  zone.primary = static_cast<size_t>(forward - texts.begin());
}

// PTR records lead to services, which have no names in a zone of the cluster set.
void choose_primary(zones::ClusterZone& zone) {
  for (size_t i = 0; i < zone.zones.size(); ++i) {
    const dns::Name& at = zone.zones[i];
    if (dns::is_reverse_name(at.view()) || zone.is_multicluster(at)) continue;
    zone.primary = i;
    return;
  }
}

Words some_args(Cursor& cursor) {
  Words args = cursor.remaining_args();
  if (args.empty()) throw cursor.arg_error();
  return args;
}

int positive(Cursor& cursor) {
  const std::string option = cursor.value();
  const int64_t number = corefile::integer_argument(cursor, cursor.only_arg());
  if (number <= 0) throw cursor.error(option + " must be positive: " + std::to_string(number));
  return static_cast<int>(std::min<int64_t>(number, std::numeric_limits<int>::max()));
}

float positive_rate(Cursor& cursor) {
  const std::string option = cursor.value();
  const std::string text = cursor.only_arg();
  double rate = 0;
  const auto [end, ec] =
      std::from_chars(text.data(), text.data() + text.size(), rate, std::chars_format::fixed);
  if (ec != std::errc() || end != text.data() + text.size() || !std::isfinite(rate) || rate <= 0) {
    throw cursor.error(option + " must be a positive number: " + text);
  }
  return static_cast<float>(std::clamp(rate, kLeastRate, kMostRate));
}

std::string selector(Cursor& cursor, const char* what) {
  std::string text;
  for (const std::string& word : some_args(cursor)) text += (text.empty() ? "" : " ") + word;
  try {
    k8s_watch::LabelSelector::parse(text);
  } catch (const std::runtime_error& wrong) {
    throw cursor.error(std::string("unable to parse ") + what + " selector value: '" + text +
                       "': " + wrong.what());
  }
  return text;
}

zones::PodMode parse_pods(Cursor& cursor) {
  const std::string mode = cursor.only_arg();
  if (mode == "disabled") return zones::PodMode::Disabled;
  if (mode == "insecure") return zones::PodMode::Insecure;
  if (mode == "verified") return zones::PodMode::Verified;
  throw cursor.error("wrong value for pods: " + mode +
                     ",  must be one of: disabled, verified, insecure");
}

void parse_endpoint(Cursor& cursor, k8s_watch::ApiOptions& api) {
  const Words urls = some_args(cursor);
  api.endpoint = urls[0];
  if (urls.size() > 1) {
    cursor.warn("Multiple endpoints have been deprecated, only the first specified endpoint '" +
                urls[0] + "' is used");
  }
}

void parse_tls(Cursor& cursor, const corefile::Context& context, k8s_watch::ApiOptions& api) {
  const Words files = cursor.remaining_args();
  if (files.size() != 3) throw cursor.arg_error();
  api.tls_cert_file = rooted_path(context, files[0]);
  api.tls_key_file = rooted_path(context, files[1]);
  api.tls_ca_file = rooted_path(context, files[2]);
}

void parse_kubeconfig(Cursor& cursor, const corefile::Context& context,
                      k8s_watch::ApiOptions& api) {
  const Words args = cursor.remaining_args();
  if (args.empty() || args.size() > 2) throw cursor.arg_error();
  api.kubeconfig_file = rooted_path(context, args[0]);
  api.kubeconfig_context = args.size() == 2 ? args[1] : std::string();
}

// The options that say where the cluster is and how hard its API may be asked. False for any other.
bool parse_cluster_option(Cursor& cursor, const corefile::Context& context, Config& config) {
  const std::string name = cursor.value();
  k8s_watch::ApiOptions& api = config.watch.api;
  if (name == "endpoint") {
    parse_endpoint(cursor, api);
  } else if (name == "tls") {
    parse_tls(cursor, context, api);
  } else if (name == "kubeconfig") {
    parse_kubeconfig(cursor, context, api);
  } else if (name == "manifests") {
    config.watch.manifests_path = rooted_path(context, cursor.only_arg());
  } else if (name == "apiserver_qps") {
    api.qps = positive_rate(cursor);
  } else if (name == "apiserver_burst") {
    api.burst = positive(cursor);
  } else if (name == "apiserver_max_inflight") {
    api.max_inflight = positive(cursor);
  } else if (name == "startup_timeout") {
    config.startup_timeout = corefile::duration_argument(cursor, cursor.only_arg());
    if (config.startup_timeout.count() < 0) throw cursor.error("startup_timeout can't be negative");
  } else {
    return false;
  }
  return true;
}

// The options that choose objects.
bool parse_choice_option(Cursor& cursor, Config& config) {
  const std::string name = cursor.value();
  if (name == "namespaces") {
    for (const std::string& space : some_args(cursor))
      config.zone.namespaces.push_back(dns::lowered(space));
  } else if (name == "namespace_labels") {
    config.watch.namespace_labels = selector(cursor, "namespace_label");
  } else if (name == "labels") {
    config.watch.labels = selector(cursor, "label");
  } else if (name == "pods") {
    config.zone.pods = parse_pods(cursor);
    config.watch.pods = config.zone.pods == zones::PodMode::Verified;
  } else if (name == "noendpoints") {
    cursor.no_args();
    config.watch.endpoint_slices = false;
  } else if (name == "ignore") {
    const std::string what = cursor.only_arg();
    if (what != "empty_service") throw cursor.error("unable to parse ignore value: '" + what + "'");
    config.zone.ignore_empty_service = true;
  } else {
    return false;
  }
  return true;
}

// The options that shape answers.
bool parse_answer_option(Cursor& cursor, Config& config) {
  const std::string name = cursor.value();
  if (name == "zonal") {
    cursor.no_args();
    config.zone.zonal = config.watch.extras.zones = true;
  } else if (name == "multicluster") {
    config.zone.multicluster =
        names_at(cursor, corefile::zone_arguments(cursor, cursor.remaining_args(), {}));
    config.watch.extras.imports = !config.zone.multicluster.empty();
  } else if (name == "endpoint_pod_names") {
    cursor.no_args();
    config.watch.endpoint_pod_names = true;
  } else if (name == "ttl") {
    const int64_t ttl = corefile::integer_argument(cursor, cursor.only_arg());
    if (ttl < 0 || ttl > 3600)
      throw cursor.error("ttl must be in range [0, 3600]: " + std::to_string(ttl));
    config.zone.ttl = static_cast<uint32_t>(ttl);
  } else if (name == "fallthrough") {
    const Words texts = corefile::zone_arguments(cursor, cursor.remaining_args(), {"."});
    const bool everything = std::find(texts.begin(), texts.end(), ".") != texts.end();
    config.zone.has_fallthrough = true;
    config.zone.fallthrough_zones = names_at(cursor, everything ? Words() : texts);
  } else {
    return false;
  }
  return true;
}

[[noreturn]] void refuse(const Cursor& cursor) {
  const std::string& name = cursor.value();
  if (name == "upstream" || name == "resyncperiod" || name == "transfer") {
    throw cursor.error("unknown property '" + name +
                       "' (it was removed from the kubernetes plugin, delete the line)");
  }
  throw cursor.unknown_property({"endpoint", "tls", "kubeconfig", "manifests", "apiserver_qps",
                                 "apiserver_burst", "apiserver_max_inflight", "startup_timeout",
                                 "namespaces", "namespace_labels", "labels", "pods", "noendpoints",
                                 "ignore", "endpoint_pod_names", "zonal", "multicluster", "ttl",
                                 "fallthrough"});
}

std::string spaced(const std::vector<dns::Name>& zones) {
  std::string text;
  for (const dns::Name& zone : zones) text += (text.empty() ? "" : " ") + dns::to_text(zone.view());
  return text;
}

void check_together(const Cursor& cursor, const Config& config) {
  const k8s_watch::ApiOptions& api = config.watch.api;
  if (!config.zone.namespaces.empty() && !config.watch.namespace_labels.empty()) {
    throw cursor.error("namespaces and namespace_labels cannot both be set");
  }
  for (const dns::Name& zone : config.zone.multicluster) {
    if (std::ranges::find(config.zone.zones, zone) == config.zone.zones.end())
      throw cursor.error("is not authoritative for the multicluster zone " +
                         dns::to_text(zone.view()) + " (authoritative zones: [" +
                         spaced(config.zone.zones) + "])");
  }
  if (config.zone.zonal && !config.watch.endpoint_slices)
    throw cursor.error("zonal requires the endpoint cache; remove noendpoints");
  const bool asks =
      !api.endpoint.empty() || !api.kubeconfig_file.empty() || !api.tls_cert_file.empty();
  if (!config.watch.manifests_path.empty() && asks) {
    throw cursor.error("manifests cannot be set together with endpoint, tls or kubeconfig");
  }
}

}  // namespace

Config parse(Cursor& cursor, const corefile::Context& context) {
  Config config;
  while (cursor.next()) {
    cursor.require_once();
    parse_zones(cursor, context, config.zone);
    while (cursor.next_block()) {
      if (!parse_cluster_option(cursor, context, config) && !parse_choice_option(cursor, config) &&
          !parse_answer_option(cursor, config)) {
        refuse(cursor);
      }
    }
    check_together(cursor, config);
    choose_primary(config.zone);
  }
  return config;
}

}  // namespace fairlead::plugins::kubernetes
