// The words of one rule, and what reads them. Internal to the parser.
#pragma once

#include <span>
#include <stdexcept>
#include <string>

#include "plugins/rewrite/rules.h"

namespace fairlead::plugins::rewrite {

using Words = std::span<const std::string>;

/// What is wrong with a rule, in CoreDNS's words; parse() adds the place.
struct RuleError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// In lower case and with a final dot.
std::string normalized(const std::string& text);

/// "exact", "prefix", …, in lower case.
bool read_kind(const std::string& word, Match::Kind& kind);

/// Each is given the words behind the rule's type, and throws RuleError.
NameRule parse_name(Words words);
TtlRule parse_ttl(Words words);
RcodeRule parse_rcode(Words words);
CnameRule parse_cname(Words words);
EdnsRule parse_edns(Words words);

}  // namespace fairlead::plugins::rewrite
