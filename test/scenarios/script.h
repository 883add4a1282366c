// What an upstream of a scenario says: lines of text, made into messages.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "test/scenarios/wire.h"

namespace fairlead::scenarios {

/// What happens to one query.
struct Saying {
  std::vector<Octets> messages;      // in their order; none: silence
  std::chrono::nanoseconds delay{};  // before the first
  bool to_server = false;            // the query goes to the server under test, its reply back
};

/// Lines `NAME TYPE [udp|tcp] -> PART, PART…`; README.md has the parts. The first line that fits a
/// query counts; none: REFUSED.
class Script {
 public:
  Script() = default;

  /// Throws std::runtime_error on a line that cannot be read; what PARTs say is found out when they
  /// are said.
  explicit Script(const std::vector<std::string>& lines);

  [[nodiscard]] Saying answer(std::span<const uint8_t> query, bool tcp) const;

 private:
  struct Rule {
    std::string name, type, transport;  // "*": any
    std::vector<std::string> parts;
    [[nodiscard]] bool fits(const std::string& qname, const std::string& qtype, bool tcp) const;
  };
  std::vector<Rule> rules_;
};

/// `NAME TYPE [tcp] [nord] [cd] [do] [option=CODE:HEX]…`, as a scenario writes that a query was
/// asked.
std::string query_text(std::span<const uint8_t> query, bool tcp);

}  // namespace fairlead::scenarios
