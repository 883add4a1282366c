// Rules that no question reaches.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "plugins/rewrite/rules.h"

namespace fairlead::plugins::rewrite {

/// A sentence for each rule that an earlier one always keeps from being tried, and for each that
/// can never fire. What cannot be told from the words alone is left out.
std::vector<std::string> warnings_about(std::span<const Rule> rules);

}  // namespace fairlead::plugins::rewrite
