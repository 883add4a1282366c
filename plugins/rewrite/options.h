// EDNS options of a question as rules change them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "dns/query.h"
#include "net/endpoint.h"
#include "plugins/rewrite/pattern.h"
#include "plugins/rewrite/rules.h"

namespace fairlead::plugins::rewrite {

/// Who asks, and what: variables stand for parts of it.
struct Asker {
  const dns::Query& query;
  const net::Peers& peers;
  const std::string& name;  // as it stands now, as text
  const LabelValue& label;
};

/// What `rule` puts into its option. Empty when a variable has no value.
std::optional<std::string> data_of(const EdnsRule& rule, const Asker& asker);

/// Options one behind the other, as in an OPT record's rdata.
using Options = std::vector<uint8_t>;

/// Changes `options` as `rule` says, with `data`. False when there is nothing to change.
bool edit(const EdnsRule& rule, std::span<const uint8_t> data, Options& options);

}  // namespace fairlead::plugins::rewrite
