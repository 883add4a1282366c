#include "plugins/shared_listeners.h"

#include "corefile/corefile.h"

namespace fairlead::plugins {

void SharedListeners::add(const Plan& plan, const ServedKey& served,
                          const net::ListenAddress& address, const corefile::Token& at) {
  const std::string& transport = served.key.transport;
  const auto [known, is_first] = first_.try_emplace(
      address, First{transport, served.key.to_string(), served.key.zone, plan.place, plan.tls});
  if (is_first) return;
  const First& first = known->second;
  if (first.transport != transport) {
    throw corefile::ConfigError("cannot serve " + served.key.to_string() + " (" + plan.place +
                                    ") at " + address.to_text() + ": " + first.key + " (" +
                                    first.place + ") is served there",
                                at.file, at.line);
  }
  if (transport == "dns") return;
  std::string why;
  if (first.tls.has_value() != plan.tls.has_value()) {
    why = "TLS is configured for only one server block";
  } else if (plan.tls) {
    why = first.tls->conflict(*plan.tls);
  }
  if (why.empty()) return;
  throw corefile::ConfigError("conflicting TLS configuration for shared listener " +
                                  served.server_label(address) + " between zones \"" + first.zone +
                                  "\" and \"" + served.key.zone + "\": " + why,
                              at.file, at.line);
}

}  // namespace fairlead::plugins
