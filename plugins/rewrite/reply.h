// What rules that have fired make of the answer.
#pragma once

#include <optional>
#include <string>

#include "dns/answer.h"
#include "dns/name.h"
#include "plugins/rewrite/rules.h"
#include "plugins/rewrite/trail.h"

namespace fairlead::plugins::rewrite {

/// Records of the name that was asked belong to `asked` from now on, whatever the client has sent.
void name_owners(dns::Answer& answer, dns::NameView asked);

/// Does what one rule has to do with an answer; nothing for rules of CNAME targets. A name that
/// would be none stays what it is.
void change(dns::Answer& answer, const Rule& rule, const Fired& fired);

/// The first CNAME record of the answer section whose target the rule is for.
struct Target {
  size_t record = 0;  // its place in answer.records()
  dns::Name name;     // the new target
};
std::optional<Target> find_target(const dns::Answer& answer, const CnameRule& rule);

/// Gives the record that target, and takes away what stood behind the old one: what is left is the
/// chain up to it, without a failure.
void cut_chain(dns::Answer& answer, const Target& target);

}  // namespace fairlead::plugins::rewrite
