// The tsig directive: who asks shows that he knows a secret, and so does the reply (RFC 8945).
#pragma once

#include <cstdint>
#include <set>
#include <vector>

#include "corefile/arguments.h"
#include "corefile/cursor.h"
#include "dns/name.h"
#include "dns/types.h"
#include "signing/tsig.h"

namespace fairlead::plugins {
class Plan;
}

namespace fairlead::plugins::tsig {

struct Options {
  std::vector<dns::Name> zones;  // lower case
  std::vector<signing::TsigKey> keys;
  bool all = false;          // of every type
  std::set<uint16_t> types;  // or of these: questions that need a signature
  bool all_opcodes = false;  // the same of opcodes
  std::set<dns::Opcode> opcodes;
};

// Reads the file of secrets. Throws corefile::ConfigError.
Options parse(corefile::Cursor& cursor, const corefile::Context& context);

// What parse() says, into the block's plan. Throws corefile::ConfigError.
void read(corefile::Cursor& cursor, Plan& plan);

}  // namespace fairlead::plugins::tsig
