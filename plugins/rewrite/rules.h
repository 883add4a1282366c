// What lines of the rewrite directive say, as values.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "dns/types.h"
#include "plugins/rewrite/pattern.h"

namespace fairlead::plugins::rewrite {

/// Which names a rule is for: text with a final dot, in lower case, is compared with `from`.
struct Match {
  enum class Kind : uint8_t { Exact, Prefix, Suffix, Substring, Regex };
  Kind kind = Kind::Exact;
  std::string from;    // a prefix, suffix or substring of text, not of labels
  PatternPtr pattern;  // of Regex: searched for anywhere in the name
};

/// `answer name|value RE TO`: names in replies that become TO when RE is found in them.
struct AnswerRule {
  enum class Field : uint8_t { Owner, Value };
  Field field = Field::Owner;
  PatternPtr pattern;
  Replacement to;
};

struct NameRule {
  Match match;
  std::string to;          // but for Regex
  Replacement whole;       // of Regex: the whole name
  bool automatic = false;  // names in replies become again what was asked
  std::vector<AnswerRule> answers;
};

struct TypeRule {
  dns::RrType from{};
  dns::RrType to{};
};

struct ClassRule {
  dns::RrClass from{};
  dns::RrClass to{};
};

struct TtlRule {
  Match match;
  uint32_t least = 0;
  uint32_t most = 0;
};

struct RcodeRule {
  Match match;
  dns::Rcode from{};
  dns::Rcode to{};
};

/// For targets of CNAME records in replies; fires whatever is asked.
struct CnameRule {
  Match match;
  std::string to;
  Replacement whole;
};

struct EdnsRule {
  enum class Action : uint8_t { Set, Append, Replace, Unset };
  enum class Source : uint8_t {
    Data,
    Qname,
    Qtype,
    ClientAddress,
    ClientPort,
    ServerAddress,
    ServerPort,
    Protocol,
    Label,  // of metadata
    Subnet,
  };
  Action action = Action::Set;
  Source source = Source::Data;
  bool local = false;  // clients see these options in the reply
  bool revert = false;
  uint16_t code = 0;
  std::string data;  // octets, or the label
  uint8_t v4_bits = 0;
  uint8_t v6_bits = 0;
};

struct Rule {
  using What = std::variant<NameRule, TypeRule, ClassRule, TtlRule, RcodeRule, CnameRule, EdnsRule>;
  bool goes_on = false;  // the rules behind it are tried though it has fired
  std::string text;      // as it is written, in one line
  std::string place;     // "Corefile:7"
  What what;

  /// Null for rules that no name is compared for: they are tried for every question.
  [[nodiscard]] const Match* match() const;
};

inline const Match* Rule::match() const {
  if (const auto* name = std::get_if<NameRule>(&what)) return &name->match;
  if (const auto* ttl = std::get_if<TtlRule>(&what)) return &ttl->match;
  if (const auto* rcode = std::get_if<RcodeRule>(&what)) return &rcode->match;
  return nullptr;
}

}  // namespace fairlead::plugins::rewrite
