// Keys of server blocks, `[transport://]zone[:port]`, and zone names as directives take them.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "corefile/corefile.h"

namespace fairlead::corefile {

struct Key {
  std::string transport;  // dns, tls, quic, https, https3, grpc
  std::string zone;       // lower-case, with its final dot
  uint16_t port = 53;

  [[nodiscard]] std::string to_string() const;  // dns://example.org.:53
  friend bool operator==(const Key&, const Key&) = default;
};

// A key as written; several when a CIDR does not end on an octet (IPv4) or nibble (IPv6) boundary.
// `default_port` is for the transport dns. Throws ConfigError at `token`.
std::vector<Key> parse_key(const Token& token, uint16_t default_port);
// All keys of a block, in order.
std::vector<Key> parse_keys(const ServerBlock& block, uint16_t default_port);

// Zone names (no duplicates) of keys: what directives without zones of their own take.
std::vector<std::string> zones_of(const std::vector<Key>& keys);

// A zone argument of a directive, with an optional transport and port that are dropped; several
// zones for a CIDR. Throws std::invalid_argument with CoreDNS's words.
std::vector<std::string> normalize_zone(std::string_view text);

// Lower-case with a final dot; the empty name is the root.
std::string fully_qualified(std::string_view name);
// Text that dns::Name::from_text() takes.
bool is_domain_name(std::string_view name);
// Letters, digits, hyphens (and underscores, as SRV owners need) only: RFC 1035 §2.3.1's preferred
// syntax.
bool is_preferred_name(std::string_view name);
// The remark on a zone that is none.
std::string odd_name(std::string_view zone);

// Which zones are served where, to find two that collide. A block without `bind` listens on the
// empty address, which stands for all and collides with any other.
class ListenTable {
 public:
  // Throws ConfigError at `token`: `cannot serve dns://.:53 - it is already defined` and its like.
  void add(const Key& key, const std::string& address, const Token& token);

 private:
  std::set<std::string> exact_;             // key and address
  std::map<std::string, std::string> any_;  // key -> the last one of it with its address
};

// The check for what keys alone can tell (blocks without `bind` and `view`).
void check_keys(const Config& config, uint16_t default_port);

}  // namespace fairlead::corefile
