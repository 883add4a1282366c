// The tls directive: who the server is to clients of DNS over TLS, and whom it wants them to be.
#pragma once

#include "corefile/arguments.h"
#include "corefile/cursor.h"
#include "plugins/plan.h"
#include "plugins/tls_identity.h"

namespace fairlead::plugins::tls {

// Of several uses the last holds. Reads the files that it names and finds out whether they are of
// use. Throws corefile::ConfigError.
TlsIdentity parse(corefile::Cursor& cursor, const corefile::Context& context);

// What parse() says, into the block's plan. Throws corefile::ConfigError.
void read(corefile::Cursor& cursor, Plan& plan);

}  // namespace fairlead::plugins::tls
