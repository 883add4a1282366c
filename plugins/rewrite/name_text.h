// Names as the text that rules are written for.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "dns/name.h"
#include "plugins/rewrite/pattern.h"
#include "plugins/rewrite/rules.h"

namespace fairlead::plugins::rewrite {

/// Puts the presentation form of `name` into `out`, with a final dot. Allocates nothing once `out`
/// has grown.
void write_text(dns::NameView name, std::string& out);

/// What a rule makes of a name. Empty when it is not for that name, or a label of metadata has no
/// value. `to` is for all kinds but Regex, which has `whole`.
struct Change {
  const Match& match;
  const std::string& to;
  const Replacement& whole;
};
std::optional<std::string> apply(const Change& change, std::string_view name,
                                 const LabelValue& label = {});

/// True when the name is one that the rule is for.
bool matches(const Match& match, std::string_view name);

}  // namespace fairlead::plugins::rewrite
