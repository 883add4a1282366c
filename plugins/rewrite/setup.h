// The rewrite directive: questions that are asked as others, and replies that are changed back.
#pragma once

#include <vector>

#include "corefile/cursor.h"
#include "plugins/rewrite/rules.h"

namespace fairlead::plugins {
class Plan;
}

namespace fairlead::plugins::rewrite {

inline constexpr size_t kMaxPattern = 10'000;  // octets

// One rule for each use, in their order. Throws corefile::ConfigError. Rules that no question
// reaches are warnings of the cursor.
std::vector<Rule> parse(corefile::Cursor& cursor);

// What parse() says, into the block's plan. Throws corefile::ConfigError.
void read(corefile::Cursor& cursor, Plan& plan);

}  // namespace fairlead::plugins::rewrite
