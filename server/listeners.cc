#include "server/listeners.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

namespace fairlead::server {
namespace {

using std::chrono::milliseconds;

milliseconds or_default(const std::optional<std::chrono::nanoseconds>& set,
                        milliseconds otherwise) {
  return set ? std::chrono::duration_cast<milliseconds>(*set) : otherwise;
}

listen::TcpSettings tcp_settings(const plugins::ConnectionSettings& of) {
  listen::TcpSettings settings;
  settings.first = or_default(of.read, settings.first);
  settings.read = or_default(of.read, settings.read);
  settings.idle = or_default(of.idle, settings.idle);
  settings.write = or_default(of.write, settings.write);
  const int64_t queries = of.max_queries.value_or(0);
  settings.queries_per_connection = queries > 0 ? static_cast<uint64_t>(queries) : 0;
  return settings;
}

}  // namespace

std::vector<Listeners::Opened> Listeners::open_new(std::span<const plugins::Listening> wanted,
                                                   size_t workers) const {
  std::vector<Opened> opened;
  for (const plugins::Listening& listening : wanted) {
    const net::ListenAddress& address = listening.address;
    if (numbers_.contains(place_of(listening))) continue;
    const auto same_port = [&](const net::ListenAddress& other) {
      return other.port == address.port;
    };
    const bool ours =
        std::ranges::any_of(numbers_,
                            [&](const auto& entry) { return same_port(entry.first.first); }) ||
        std::ranges::any_of(opened,
                            [&](const Opened& o) { return same_port(o.listening.address); });
    const size_t wished = listening.settings.sockets.value_or(0);
    opened.push_back({listening, listen::open_listen_sockets(
                                     address, {.sockets = wished != 0 ? wished : workers,
                                               .check_free = !ours,
                                               .datagrams = listening.has_datagrams()})});
  }
  return opened;
}

void Listeners::number(std::span<const Opened> opened) {
  for (const Opened& entry : opened) numbers_.emplace(place_of(entry.listening), next_++);
}

// Counts go on over reloads.
std::vector<std::shared_ptr<const listen::DohSettings>> Listeners::doh_settings(
    const plugins::Listening& listening, size_t workers) {
  if (listening.transport != "https")
    return std::vector<std::shared_ptr<const listen::DohSettings>>(workers);
  Doh& doh = doh_[listening.address];
  if (doh.connections == nullptr) {
    doh.connections = std::make_shared<listen::DohConnections>();
    for (size_t i = 0; i < workers; ++i)
      doh.workers.push_back(std::make_shared<listen::DohCounters>());
  }
  const plugins::HttpsSettings& said = listening.settings.https;
  std::vector<std::shared_ptr<const listen::DohSettings>> all;
  for (size_t i = 0; i < workers; ++i) {
    listen::DohSettings one{.connections = doh.connections, .counters = doh.workers[i]};
    one.max_connections = said.max_connections.value_or(one.max_connections);
    if (said.max_streams.value_or(0) != 0) one.max_streams = *said.max_streams;
    all.push_back(std::make_shared<const listen::DohSettings>(one));
  }
  return all;
}

void Listeners::add_http_replies(HttpReplies& totals) const {
  for (const auto& [address, doh] : doh_) {
    auto& total = totals["https://" + address.to_text()];
    for (const auto& counters : doh.workers) {
      for (size_t i = 0; i < counters->replies.size(); ++i)
        total[std::to_string(listen::DohCounters::kStatuses[i])] += counters->replies[i].value();
    }
  }
}

void Listeners::set(std::span<const plugins::Listening> wanted, const Workers& workers) {
  for (const plugins::Listening& listening : wanted) {
    listen::TcpSettings settings = tcp_settings(listening.settings.connections);
    settings.tls = listening.tls;
    const uint32_t listener = numbers_.at(place_of(listening));
    const auto doh = doh_settings(listening, workers.size());
    for (size_t i = 0; i < workers.size(); ++i) {
      settings.doh = doh[i];
      workers[i]->set_tcp(listener, settings);
    }
  }
}

void Listeners::adopt(std::vector<Opened> opened, const Workers& workers) {
  for (Opened& entry : opened) {
    const uint32_t listener = numbers_.at(place_of(entry.listening));
    Drops& drops = drops_[entry.listening.address];
    retire(drops);
    for (size_t i = 0; i < entry.sockets.size(); ++i) {
      drops.open.push_back(std::make_shared<listen::SocketDrops>());
      entry.sockets[i].drops = drops.open.back();
      workers[i % workers.size()]->adopt(listener, std::move(entry.sockets[i]));
    }
  }
}

// Sockets that are gone count no more: their counters need not be kept.
void Listeners::retire(Drops& drops) {
  std::erase_if(drops.open, [&](const auto& one) {
    if (one.use_count() != 1) return false;
    drops.closed.queries += one->queries.value();
    drops.closed.replies += one->replies.value();
    return true;
  });
}

void Listeners::add_drops(std::map<std::string, metrics::SocketTotals::Drops>& totals) const {
  for (const auto& [address, drops] : drops_) {
    metrics::SocketTotals::Drops& total = totals[address.to_text()];
    total = drops.closed;
    for (const auto& one : drops.open) {
      total.queries += one->queries.value();
      total.replies += one->replies.value();
    }
  }
}

void Listeners::keep_only(std::span<const plugins::Listening> wanted, const Workers& workers) {
  for (auto at = numbers_.begin(); at != numbers_.end();) {
    if (std::ranges::find(wanted, at->first, place_of) != wanted.end()) {
      ++at;
      continue;
    }
    for (const auto& worker : workers) worker->remove(at->second, {});
    at = numbers_.erase(at);
  }
}

}  // namespace fairlead::server
