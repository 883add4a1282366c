// What blocks that are served at one address must have in common.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "corefile/corefile.h"
#include "net/endpoint.h"
#include "plugins/plan.h"
#include "plugins/tls_identity.h"

namespace fairlead::plugins {

/// Used while a configuration is read, in the order of its blocks.
class SharedListeners {
 public:
  /// Throws corefile::ConfigError when an earlier block at this address speaks another transport
  /// there, or has another identity for TLS or other limits.
  void add(const Plan& plan, const ServedKey& served, const net::ListenAddress& address,
           const corefile::Token& at);

 private:
  struct First {
    std::string transport, key, zone, place;
    std::optional<TlsIdentity> tls;
    std::optional<uint32_t> max_streams;

    // Why another block's cannot be the same listener's; empty: they can.
    [[nodiscard]] std::string tls_conflict(const Plan& plan) const;
    [[nodiscard]] std::string streams_conflict(const Plan& plan);
  };
  std::map<net::ListenAddress, First> first_;
};

}  // namespace fairlead::plugins
