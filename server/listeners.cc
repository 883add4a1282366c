#include "server/listeners.h"

#include <algorithm>
#include <utility>

namespace fairlead::server {

std::vector<Listeners::Opened> Listeners::open_new(std::span<const plugins::Listening> wanted,
                                                   size_t workers) const {
  std::vector<Opened> opened;
  for (const plugins::Listening& listening : wanted) {
    const net::ListenAddress& address = listening.address;
    if (numbers_.contains(address)) continue;
    const auto same_port = [&](const net::ListenAddress& other) {
      return other.port == address.port;
    };
    const bool ours =
        std::ranges::any_of(numbers_, [&](const auto& entry) { return same_port(entry.first); }) ||
        std::ranges::any_of(opened,
                            [&](const Opened& o) { return same_port(o.listening.address); });
    opened.push_back({listening, listen::open_listen_sockets(
                                     address, {.sockets = workers, .check_free = !ours})});
  }
  return opened;
}

void Listeners::number(std::span<const Opened> opened) {
  for (const Opened& entry : opened) numbers_.emplace(entry.listening.address, next_++);
}

void Listeners::adopt(std::vector<Opened> opened, const Workers& workers) {
  for (Opened& entry : opened) {
    const uint32_t listener = numbers_.at(entry.listening.address);
    for (size_t i = 0; i < entry.sockets.size(); ++i)
      workers[i % workers.size()]->adopt(listener, std::move(entry.sockets[i]));
  }
}

void Listeners::keep_only(std::span<const plugins::Listening> wanted, const Workers& workers) {
  for (auto at = numbers_.begin(); at != numbers_.end();) {
    if (std::ranges::find(wanted, at->first, &plugins::Listening::address) != wanted.end()) {
      ++at;
      continue;
    }
    for (const auto& worker : workers) worker->remove(at->second, {});
    at = numbers_.erase(at);
  }
}

}  // namespace fairlead::server
