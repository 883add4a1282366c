// The text of an expression as a tree, whose names mean nothing yet.
#pragma once

#include <string_view>

#include "expression/environment.h"
#include "expression/node.h"

namespace fairlead::expression {

/// At most kMostNodes, kMostDeep. A function of `environment` stands before a builtin of that name.
/// Throws CompileError.
Node parse(std::string_view text, const Environment& environment);

}  // namespace fairlead::expression
