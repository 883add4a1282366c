// The secondary directive: which zones are copied from which servers.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "corefile/arguments.h"
#include "corefile/cursor.h"
#include "dns/name.h"
#include "plugins/secondary/primary.h"
#include "plugins/signed_with.h"

namespace fairlead::plugins {
class Plan;
}

namespace fairlead::plugins::secondary {

/// Where something is written: it is the same elsewhere.
struct Written {
  corefile::Token at;

  friend bool operator==(const Written&, const Written&) { return true; }
};

struct Source {
  dns::Name origin;                       // lower-cased
  Primaries primaries;                    // asked in this order; at least one
  std::vector<dns::Name> fall_through;    // empty: none
  bool catalog = false;                   // the zones that it lists are copied, too (RFC 9432)
  std::vector<dns::Name> member_zones;    // those of them that lie here; empty: all
  std::optional<SignedWith> signed_with;  // what is asked and answered; the key has its name only
  std::string folder;                     // that keeps the copies, also of members; empty: none
  Written folder_written;
  fairlead::forward::TlsSettings tls;  // for primaries that have it
  Written tls_written;
  std::shared_ptr<const PrimaryTls> encrypted = nullptr;  // made when the zones are followed; null:
                                                          // no primary has TLS

  friend bool operator==(const Source&, const Source&) = default;
};
using Sources = std::vector<Source>;

/// Every zone of every line in the block, in file order. Of two with one origin the later is
/// served, with a warning. `keys` are those of the block's tsig. Throws corefile::ConfigError.
Sources parse(corefile::Cursor& cursor, const corefile::Context& context,
              std::span<const signing::TsigKey> keys = {});

/// What parse() says, into the block's plan. Throws corefile::ConfigError.
void read(corefile::Cursor& cursor, Plan& plan);

}  // namespace fairlead::plugins::secondary
