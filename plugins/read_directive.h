// The words of one directive of a block, read into its plan.
#pragma once

#include "corefile/corefile.h"
#include "corefile/mistakes.h"
#include "plugins/directive.h"
#include "plugins/plan.h"

namespace fairlead::plugins {

/// Reads all uses. Throws corefile::ConfigError; what has been put into the plan until then stays.
void read_directive(const Directive& directive, const corefile::Directive& words, Plan& plan);

/// The same, with everything that is wrong in it put into `mistakes`: the line of an option that
/// cannot be read is left out, and the rest is read once more. The plan has what is right, or, when
/// nothing is, only that the directive is there.
void check_directive(const Directive& directive, corefile::Directive words, Plan& plan,
                     corefile::Mistakes& mistakes);

}  // namespace fairlead::plugins
