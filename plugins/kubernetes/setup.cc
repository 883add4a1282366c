#include "plugins/kubernetes/setup.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string_view>

#include "k8s-watch/label_selector.h"

namespace fairlead::plugins::kubernetes {
namespace {

using corefile::Cursor;
using Words = std::vector<std::string>;

// Requests a second; beyond them a limit is none, or nothing would ever be asked.
constexpr double kLeastRate = 0.001;
constexpr double kMostRate = 1e6;

bool is_reverse(std::string_view zone) {
  for (const std::string_view top : {"in-addr.arpa.", "ip6.arpa."}) {
    if (zone == top || (zone.ends_with(top) && zone[zone.size() - top.size() - 1] == '.'))
      return true;
  }
  return false;
}

std::string primary_zone(const Cursor& cursor, const Words& zones) {
  const auto forward = std::find_if_not(zones.begin(), zones.end(), is_reverse);
  if (forward == zones.end()) throw cursor.error("non-reverse zone name must be used");
  return *forward;
}

Words some_args(Cursor& cursor) {
  Words args = cursor.remaining_args();
  if (args.empty()) throw cursor.arg_error();
  return args;
}

int64_t positive(Cursor& cursor) {
  const std::string option = cursor.value();
  const int64_t number = corefile::integer_argument(cursor, cursor.only_arg());
  if (number <= 0) throw cursor.error(option + " must be positive: " + std::to_string(number));
  return std::min<int64_t>(number, std::numeric_limits<int32_t>::max());
}

double positive_rate(Cursor& cursor) {
  const std::string option = cursor.value();
  const std::string text = cursor.only_arg();
  double rate = 0;
  const auto [end, ec] =
      std::from_chars(text.data(), text.data() + text.size(), rate, std::chars_format::fixed);
  if (ec != std::errc() || end != text.data() + text.size() || !std::isfinite(rate) || rate <= 0) {
    throw cursor.error(option + " must be a positive number: " + text);
  }
  return std::clamp(rate, kLeastRate, kMostRate);
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

Pods parse_pods(Cursor& cursor) {
  const std::string mode = cursor.only_arg();
  if (mode == "disabled") return Pods::Disabled;
  if (mode == "insecure") return Pods::Insecure;
  if (mode == "verified") return Pods::Verified;
  throw cursor.error("wrong value for pods: " + mode +
                     ",  must be one of: disabled, verified, insecure");
}

void parse_endpoint(Cursor& cursor, Options& options) {
  const Words urls = some_args(cursor);
  options.endpoint = urls[0];
  if (urls.size() > 1) {
    cursor.warn("Multiple endpoints have been deprecated, only the first specified endpoint '" +
                urls[0] + "' is used");
  }
}

void parse_tls(Cursor& cursor, const corefile::Context& context, Options& options) {
  const Words files = cursor.remaining_args();
  if (files.size() != 3) throw cursor.arg_error();
  options.client_cert = rooted_path(context, files[0]);
  options.client_key = rooted_path(context, files[1]);
  options.ca_file = rooted_path(context, files[2]);
}

void parse_kubeconfig(Cursor& cursor, const corefile::Context& context, Options& options) {
  const Words args = cursor.remaining_args();
  if (args.empty() || args.size() > 2) throw cursor.arg_error();
  options.kubeconfig = rooted_path(context, args[0]);
  options.kubeconfig_context = args.size() == 2 ? args[1] : std::string();
}

// The options that say where the cluster is and how hard its API may be asked. False for any other.
bool parse_cluster_option(Cursor& cursor, const corefile::Context& context, Options& options) {
  const std::string name = cursor.value();
  if (name == "endpoint") {
    parse_endpoint(cursor, options);
  } else if (name == "tls") {
    parse_tls(cursor, context, options);
  } else if (name == "kubeconfig") {
    parse_kubeconfig(cursor, context, options);
  } else if (name == "manifests") {
    options.manifests = rooted_path(context, cursor.only_arg());
  } else if (name == "apiserver_qps") {
    options.apiserver_qps = positive_rate(cursor);
  } else if (name == "apiserver_burst") {
    options.apiserver_burst = positive(cursor);
  } else if (name == "apiserver_max_inflight") {
    options.apiserver_max_inflight = positive(cursor);
  } else if (name == "startup_timeout") {
    options.startup_timeout = corefile::duration_argument(cursor, cursor.only_arg());
    if (options.startup_timeout.count() < 0)
      throw cursor.error("startup_timeout can't be negative");
  } else {
    return false;
  }
  return true;
}

// The options that choose objects.
bool parse_choice_option(Cursor& cursor, Options& options) {
  const std::string name = cursor.value();
  if (name == "namespaces") {
    for (std::string& space : some_args(cursor)) options.namespaces.push_back(std::move(space));
  } else if (name == "namespace_labels") {
    options.namespace_labels = selector(cursor, "namespace_label");
  } else if (name == "labels") {
    options.labels = selector(cursor, "label");
  } else if (name == "pods") {
    options.pods = parse_pods(cursor);
  } else if (name == "noendpoints") {
    cursor.no_args();
    options.endpoints = false;
  } else if (name == "ignore") {
    const std::string what = cursor.only_arg();
    if (what != "empty_service") throw cursor.error("unable to parse ignore value: '" + what + "'");
    options.ignore_empty_service = true;
  } else {
    return false;
  }
  return true;
}

// The options that shape answers.
bool parse_answer_option(Cursor& cursor, Options& options) {
  const std::string name = cursor.value();
  if (name == "endpoint_pod_names") {
    cursor.no_args();
    options.endpoint_pod_names = true;
  } else if (name == "ttl") {
    const int64_t ttl = corefile::integer_argument(cursor, cursor.only_arg());
    if (ttl < 0 || ttl > 3600)
      throw cursor.error("ttl must be in range [0, 3600]: " + std::to_string(ttl));
    options.ttl = static_cast<uint32_t>(ttl);
  } else if (name == "fallthrough") {
    options.fall_through = corefile::zone_arguments(cursor, cursor.remaining_args(), {"."});
  } else {
    return false;
  }
  return true;
}

[[noreturn]] void refuse(const Cursor& cursor) {
  const std::string& name = cursor.value();
  if (name == "multicluster" || name == "zonal")
    throw cursor.error("'" + name + "' is not supported yet");
  if (name == "upstream" || name == "resyncperiod" || name == "transfer") {
    throw cursor.error("unknown property '" + name +
                       "' (it was removed from the kubernetes plugin, delete the line)");
  }
  throw cursor.unknown_property();
}

void check_together(const Cursor& cursor, const Options& options) {
  if (!options.namespaces.empty() && !options.namespace_labels.empty()) {
    throw cursor.error("namespaces and namespace_labels cannot both be set");
  }
  const bool api =
      !options.endpoint.empty() || !options.kubeconfig.empty() || !options.client_cert.empty();
  if (!options.manifests.empty() && api) {
    throw cursor.error("manifests cannot be set together with endpoint, tls or kubeconfig");
  }
}

}  // namespace

Options parse(Cursor& cursor, const corefile::Context& context) {
  Options options;
  while (cursor.next()) {
    cursor.require_once();
    options.zones = corefile::zone_arguments(cursor, cursor.remaining_args(), context.block_zones);
    options.primary_zone = primary_zone(cursor, options.zones);
    while (cursor.next_block()) {
      if (!parse_cluster_option(cursor, context, options) &&
          !parse_choice_option(cursor, options) && !parse_answer_option(cursor, options)) {
        refuse(cursor);
      }
    }
    check_together(cursor, options);
  }
  return options;
}

}  // namespace fairlead::plugins::kubernetes
