// What a tree says of a subject.
#pragma once

#include "expression/node.h"
#include "expression/program.h"

namespace fairlead::expression {

/// `root` was checked and optimized.
Outcome evaluate(const Node& root, const Subject& subject, Scratch& scratch);

}  // namespace fairlead::expression
