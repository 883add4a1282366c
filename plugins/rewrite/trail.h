// What a question leaves behind for its reply: the question as it was, and which rules have fired,
// as octets that stay with it while it waits.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "dns/name.h"
#include "dns/types.h"

namespace fairlead::plugins::rewrite {

/// A rule that has fired and has something to do with the reply.
struct Fired {
  uint32_t rule = 0;
  dns::NameView before, after;  // the question's name; empty for rules that do not need it
};

/// Views point into the octets it was read from.
struct Trail {
  dns::NameView qname;  // as the client sent it
  dns::RrType qtype{};
  dns::RrClass qclass{};
  bool renamed = false;              // another name was asked
  std::span<const uint8_t> options;  // that a client with EDNS is shown
  std::vector<Fired> fired;          // in their order
};

/// `out` becomes the octets.
void write(const Trail& trail, std::vector<uint8_t>& out);

/// Reads what write() has written; octets behind it do no harm.
Trail read_trail(std::span<const uint8_t> octets);

}  // namespace fairlead::plugins::rewrite
