#include "plugins/shared_listeners.h"

#include "corefile/corefile.h"

namespace fairlead::plugins {

using corefile::ConfigError;

void SharedListeners::add(const Plan& plan, const ServedKey& served,
                          const net::ListenAddress& address, const corefile::Token& at) {
  const std::string& transport = served.key.transport;
  const auto [known, is_first] =
      first_.try_emplace(address, First{transport, served.key.to_string(), served.key.zone,
                                        plan.place, plan.tls, plan.listening.https.max_streams});
  if (is_first) return;
  First& first = known->second;
  if (first.transport != transport) {
    throw ConfigError("cannot serve " + served.key.to_string() + " (" + plan.place + ") at " +
                          address.to_text() + ": " + first.key + " (" + first.place +
                          ") is served there",
                      at.file, at.line);
  }
  if (transport == "dns") return;
  const std::string server = served.server_label(address);
  if (const std::string why = first.tls_conflict(plan); !why.empty()) {
    throw ConfigError("conflicting TLS configuration for shared listener " + server +
                          " between zones \"" + first.zone + "\" and \"" + served.key.zone +
                          "\": " + why,
                      at.file, at.line);
  }
  if (const std::string why = first.streams_conflict(plan); !why.empty() && transport == "https") {
    throw ConfigError(
        "conflicting max_streams values for shared HTTPS listener " + server + ": " + why, at.file,
        at.line);
  }
}

std::string SharedListeners::First::tls_conflict(const Plan& plan) const {
  if (tls.has_value() != plan.tls.has_value()) return "TLS is configured for only one server block";
  return plan.tls ? tls->conflict(*plan.tls) : std::string();
}

/// The first block that says something is what the later ones are measured by.
std::string SharedListeners::First::streams_conflict(const Plan& plan) {
  const auto& other = plan.listening.https.max_streams;
  if (!max_streams) max_streams = other;
  if (!other || *other == *max_streams) return {};
  return std::to_string(*max_streams) + " and " + std::to_string(*other);
}

}  // namespace fairlead::plugins
