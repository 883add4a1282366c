#include "server/deploy.h"

#include <algorithm>

#include "server/version.h"

namespace fairlead::server {
namespace {

#if defined(__x86_64__)
constexpr char kPlatform[] = "linux/amd64";
#elif defined(__aarch64__)
constexpr char kPlatform[] = "linux/arm64";
#else
constexpr char kPlatform[] = "linux";
#endif

}  // namespace

std::vector<net::ListenAddress> listen_addresses_of(const Config& config) {
  std::vector<net::ListenAddress> all;
  for (const BlockConfig& block : config.blocks) {
    for (const ServedKey& served : block.keys)
      all.insert(all.end(), served.addresses.begin(), served.addresses.end());
  }
  std::ranges::sort(all);
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

std::string server_label(const corefile::Key& key, const net::ListenAddress& address) {
  return key.transport + "://" + address.to_text();
}

const plugins::health::Options* first_health(const Config& config) {
  const auto block = std::ranges::find_if(
      config.blocks, [](const BlockConfig& b) { return b.health.has_value(); });
  return block == config.blocks.end() ? nullptr : &*block->health;
}

std::chrono::nanoseconds lameduck_of(const Config& config) {
  std::chrono::nanoseconds longest{};
  for (const BlockConfig& block : config.blocks) {
    if (block.health) longest = std::max(longest, block.health->lameduck);
  }
  return longest;
}

const plugins::reload::Options* reload_options(const Config& config) {
  const auto block = std::ranges::find_if(
      config.blocks, [](const BlockConfig& b) { return b.reload.has_value(); });
  return block == config.blocks.end() ? nullptr : &*block->reload;
}

void add_counters(const listen::WorkerCounters& counters, metrics::SocketTotals& totals) {
  totals.udp_receive_drops += counters.udp.kernel_drops.value();
  totals.tcp_connections += counters.tcp.connections.value();
  totals.tcp_connections_refused += counters.tcp.refused.value();
  totals.dropped_packets["source"] += counters.udp.dropped_source.value();
  totals.dropped_packets["size"] +=
      counters.udp.dropped_size.value() + counters.tcp.malformed.value();
  totals.dropped_packets["send_error"] += counters.udp.send_errors.value();
}

std::string version_text() {
  return std::string("Fairlead-") + kVersion + "\n" + kPlatform + ", g++ " + __VERSION__ + "\n";
}

}  // namespace fairlead::server
