// The https directive: how much clients of DNS over HTTPS may do at once.
#pragma once

#include "corefile/cursor.h"
#include "plugins/plan.h"

namespace fairlead::plugins::https {

// Throws corefile::ConfigError.
HttpsSettings parse(corefile::Cursor& cursor);

// What parse() says, into the block's plan. Throws corefile::ConfigError.
void read(corefile::Cursor& cursor, Plan& plan);

}  // namespace fairlead::plugins::https
