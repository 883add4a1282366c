// Questions about a configuration that the runtime asks: pure.
#pragma once

#include <string>
#include <vector>

#include "listen/worker.h"
#include "metrics/metrics.h"
#include "server/config.h"

namespace fairlead::server {

/// Every address that some block is served at, each once.
std::vector<net::ListenAddress> listen_addresses_of(const Config& config);

/// "dns://:53": the `server` label of metrics.
std::string server_label(const corefile::Key& key, const net::ListenAddress& address);

/// The first health directive, null without one: its address is probed, and the longest lameduck of
/// all holds.
const plugins::health::Options* first_health(const Config& config);
std::chrono::nanoseconds lameduck_of(const Config& config);

/// The first reload directive, null without one.
const plugins::reload::Options* reload_options(const Config& config);

/// Adds one worker's counters to the totals.
void add_counters(const listen::WorkerCounters& counters, metrics::SocketTotals& totals);

/// "Fairlead-VERSION" and a line with platform and compiler, each with its newline.
std::string version_text();

}  // namespace fairlead::server
