// What a key of etcd says: a message of SkyDNS, as CoreDNS's plugin/etcd/msg has it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "dns/address.h"
#include "dns/name.h"
#include "plugins/etcd/lease.h"

namespace fairlead::plugins::etcd {

/// Constant once it is in a Tree.
struct Service {
  enum class Host : uint8_t { None, Address, Name };

  std::string key;
  Host host = Host::None;
  dns::IpAddress address;  // of an address; never an IPv4 address within IPv6
  std::string host_name;   // of a name, in wire form, in its own case
  int64_t port = 0;
  int64_t priority = 0;
  int64_t weight = 0;
  std::string text;
  std::string group;
  uint32_t ttl = 0;                    // 0: not said
  int64_t target_strip = 0;            // labels that a target made of the key loses
  bool mail = false;                   // answers MX, too
  std::shared_ptr<const Lease> lease;  // null: it has none

  [[nodiscard]] dns::NameView host_view() const {
    return {reinterpret_cast<const uint8_t*>(host_name.data()), host_name.size()};
  }
};

/// 0 stands for 10.
inline int64_t priority_of(const Service& service) {
  constexpr int64_t kPriority = 10;
  return service.priority == 0 ? kPriority : service.priority;
}

/// What is wrong with a value: `reason` is one of "json", "host", "size", `text` for the log.
struct Unusable {
  std::string reason;
  std::string text;
};

/// Octets of key and value; longer ones are not kept.
inline constexpr size_t kMaxEntry = 65'536;

/// Reads the JSON `value` as Go would: members in any case, null is nothing, unknown ones do not
/// count. The lease is the caller's.
std::variant<Service, Unusable> read_service(std::string_view key, std::string_view value);

}  // namespace fairlead::plugins::etcd
