#include "explain/server_health.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <exception>
#include <map>
#include <memory>

#include "corefile/duration.h"
#include "dns/printable.h"
#include "k8s-watch/transport.h"
#include "k8s-watch/whole_body.h"
#include "net/asio.h"

namespace fairlead::explain {
namespace {

constexpr size_t kMostUpstreams = 64;
constexpr size_t kLongestName = 300;
constexpr uint16_t kMetricsPort = 9153;
constexpr int kOk = 200;

constexpr std::string_view kDown = "fairlead_forward_upstream_down";
constexpr std::string_view kDownSeconds = "fairlead_forward_upstream_down_seconds";
constexpr std::string_view kLatency = "fairlead_forward_upstream_latency_seconds";
// CoreDNS's, before and since 1.11.
constexpr std::string_view kFailures[] = {"coredns_forward_healthcheck_failures_total",
                                          "coredns_proxy_healthcheck_failures_total"};

// The value of a label, as it was before it was escaped; empty without it.
std::string label(std::string_view labels, std::string_view name) {
  const std::string begin = std::string(name) + "=\"";
  size_t at = labels.find(begin);
  if (at == std::string_view::npos || (at != 0 && labels[at - 1] != ',')) return {};
  std::string value;
  for (at += begin.size(); at < labels.size() && labels[at] != '"'; ++at) {
    if (labels[at] == '\\' && ++at == labels.size()) break;
    value += labels[at];
  }
  return at < labels.size() ? value : std::string();
}

std::optional<double> number(std::string_view text) {
  const size_t first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return std::nullopt;
  text.remove_prefix(first);
  double value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  return read.ec == std::errc() ? std::optional(value) : std::nullopt;
}

// What a server says of itself is not believed to be short or printable.
std::string shown(std::string_view reason) {
  constexpr size_t kLongestReason = 200;
  return dns::printable(reason.substr(0, kLongestReason));
}

void take(std::string_view metric, double value, UpstreamHealth& health) {
  if (metric == kDown) {
    health.down = value != 0;
  } else if (metric == kDownSeconds) {
    health.down_seconds = value;
  } else if (metric == kLatency) {
    health.latency_seconds = value;
  } else {
    health.failed_checks = std::max(health.failed_checks, value);
  }
}

// Since when it is down and why, as far as the server says it.
std::string outage_of(const UpstreamHealth& health) {
  constexpr double kLongest = 1e9;  // some thirty years
  if (!(health.down_seconds > 0 && health.down_seconds < kLongest)) return "is down";
  const std::chrono::seconds lasts(static_cast<int64_t>(health.down_seconds));
  std::string text = "is down for " + corefile::format_duration(lasts);
  if (!health.reason.empty()) text += " (" + health.reason + ")";
  return text;
}

// One upstream, as people read it.
std::string text_of(const UpstreamHealth& health) {
  constexpr double kMilliseconds = 1000;
  char text[160];
  std::string line = health.to;
  if (health.down.value_or(false)) {
    line += ": " + outage_of(health) + ", and asked only when all are";
  } else if (health.down) {
    line += ": is up";
    if (health.latency_seconds > 0) {
      std::snprintf(text, sizeof text, ", answers in %.1f ms",
                    health.latency_seconds * kMilliseconds);
      line += text;
    }
  } else {
    line += ": whether it is down is not among the server's metrics";
  }
  if (health.failed_checks > 0) {
    std::snprintf(text, sizeof text, "; %.0f health checks have failed since the server started",
                  health.failed_checks);
    line += text;
  }
  return line;
}

}  // namespace

std::vector<UpstreamHealth> read_upstreams(std::string_view metrics) {
  std::map<std::string, UpstreamHealth> found;
  while (!metrics.empty()) {
    const std::string_view line = metrics.substr(0, metrics.find('\n'));
    metrics.remove_prefix(std::min(line.size() + 1, metrics.size()));
    const size_t open = line.find('{');
    const size_t close = line.rfind('}');
    if (open == std::string_view::npos || close == std::string_view::npos || close < open) continue;
    const std::string_view metric = line.substr(0, open);
    const bool known = metric == kDown || metric == kDownSeconds || metric == kLatency ||
                       std::ranges::find(kFailures, metric) != std::end(kFailures);
    const std::string_view labels = line.substr(open + 1, close - open - 1);
    const std::string to = known ? label(labels, "to") : std::string();
    const auto value = number(line.substr(close + 1));
    if (to.empty() || to.size() > kLongestName || !value) continue;
    std::string name = dns::printable(to);
    if (found.size() == kMostUpstreams && !found.contains(name)) continue;
    UpstreamHealth& health = found[name];
    health.to = std::move(name);
    take(metric, *value, health);
    if (metric == kDownSeconds) health.reason = shown(label(labels, "reason"));
  }
  std::vector<UpstreamHealth> all;
  all.reserve(found.size());
  for (auto& [name, health] : found) all.push_back(std::move(health));
  return all;
}

std::vector<std::string> health_lines(const std::vector<UpstreamHealth>& upstreams,
                                      std::string_view explanation) {
  std::vector<std::string> lines;
  for (const UpstreamHealth& health : upstreams) {
    if (explanation.empty() || explanation.find(health.to) != std::string_view::npos)
      lines.push_back(text_of(health));
  }
  return lines;
}

std::optional<net::Endpoint> metrics_of(const net::Endpoint& server, const std::string& address) {
  if (address.empty()) return net::Endpoint{server.address, kMetricsPort};
  const auto parts = net::split_host_port(address);
  const auto port = parts && parts->port ? net::parse_port(*parts->port) : std::nullopt;
  if (!port || *port == 0) return std::nullopt;
  const std::string host(parts->host);
  const auto literal = dns::IpAddress::from_text(host);
  const bool everywhere = host.empty() || host == "0.0.0.0" || host == "::";
  if (literal && !everywhere && !literal->is_loopback()) return net::Endpoint{*literal, *port};
  if (!everywhere && !server.address.is_loopback()) return std::nullopt;
  return net::Endpoint{server.address, *port};
}

Scrape scrape(const net::Endpoint& at, std::chrono::milliseconds patience) try {
  asio::io_context io(1);
  const auto transport =
      k8s_watch::make_transport(io, k8s_watch::ApiAccess{.url = "http://" + to_text(at)});
  k8s_watch::WholeBody reply(io, "more than 16 MiB");
  const auto exchange = transport->send({.target = "/metrics", .headers = {}, .body = {}}, reply);
  io.run_for(patience);
  if (!reply.error.empty()) return {{}, reply.error};
  if (!reply.ended) return {{}, "no reply in time"};
  if (reply.status != kOk) return {{}, "HTTP " + std::to_string(reply.status)};
  return {std::move(reply.text), {}};
} catch (const std::exception& error) {
  return {{}, error.what()};
}

}  // namespace fairlead::explain
