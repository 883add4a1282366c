// What acl says of a question: rules in their order, without anything of a server.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "dns/address.h"
#include "dns/name.h"
#include "dns/types.h"
#include "net/network_set.h"
#include "plugins/acl/setup.h"

namespace fairlead::plugins::acl {

/// A line of a rule as questions meet it, or several that differ in their networks alone.
struct Policy {
  explicit Policy(const Line& line);

  [[nodiscard]] bool is_about(dns::RrType type) const;

  Action action;
  std::vector<dns::RrType> types;
  bool all_types;
  std::optional<net::NetworkSet> clients;  // none: all
  std::string clients_text;                // "10.0.0.0/8, …", for those who read
};

struct Rule {
  std::vector<dns::Name> zones;      // lower case
  std::vector<size_t> zone_numbers;  // of the same, in Rules::zones()
  std::vector<Policy> policies;
};

/// What is done with a question.
struct Verdict {
  Action action = Action::Allow;
  size_t zone = 0;  // that of the rule, in Rules::zones(); none when no rule spoke
};

/// Constant: any thread.
class Rules {
 public:
  /// `zones`: those of `options`, as names, in the same order.
  Rules(const Options& options, std::vector<std::vector<dns::Name>> zones);

  /// The first policy about the type and the client decides, of the first rule about the name that
  /// has one. `name` is in lower case; ANY is a type like others. No allocation.
  [[nodiscard]] Verdict judge(dns::NameView name, dns::RrType type,
                              const dns::IpAddress& client) const;

  [[nodiscard]] const std::vector<Rule>& rules() const { return rules_; }

  /// Each zone that some rule names, once; normalised text.
  [[nodiscard]] const std::vector<std::string>& zones() const { return zones_; }

 private:
  size_t number_of(const std::string& zone);

  std::vector<Rule> rules_;
  std::vector<std::string> zones_;
};

}  // namespace fairlead::plugins::acl
