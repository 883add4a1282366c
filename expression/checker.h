// Types of an expression, and what its names stand for.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "expression/environment.h"
#include "expression/node.h"

namespace fairlead::expression {

/// Completes a tree that parse() made of `text`. Throws CompileError.
void check(Node& root, std::string_view text, const Environment& environment);

/// Makes of a checked tree what is evaluated faster: constant lists, and comparisons of an address
/// with constants, which become one search in all their networks where || joins many. The tree must
/// not move any more. Returns what can never be true, as sentences for the operator.
std::vector<std::string> optimize(Node& root);

}  // namespace fairlead::expression
