// Operators on two values.
#pragma once

#include "expression/node.h"
#include "expression/value.h"

namespace fairlead::expression {

/// Op::Equal to Op::Power, but Matches. Null, or why there is no result.
const char* apply(Op op, const Value& a, const Value& b, Scratch& scratch, Value& out);

}  // namespace fairlead::expression
