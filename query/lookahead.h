// Several queries read together, so that what their answers are made from comes from memory while
// they are.
#pragma once

#include <array>
#include <span>

#include "dns/parse.h"
#include "dns/query.h"
#include "net/responder.h"
#include "query/live_board.h"
#include "query/routing.h"
#include "zones/lookahead.h"

namespace fairlead::query {

/// Used by one worker's thread.
class QueryLookahead {
 public:
  struct Entry {
    std::span<const uint8_t> packet;
    dns::Query query;  // views into the packet
    dns::Parsed parsed;
    const ServedZone* served = nullptr;  // set when `parsed` says Answer
    zones::Lookahead walk;
  };

  /// Reads the queries of `requests`, Responder::kLookahead at most, in place of those it had.
  void read(std::span<const net::Request> requests, const Routing& routing, const Live& live);

  /// What was read of `request` if that is the next one; null otherwise.
  Entry* take(const net::Request& request);

 private:
  std::array<Entry, net::Responder::kLookahead> entries_;
  size_t count_ = 0;
  size_t next_ = 0;
};

}  // namespace fairlead::query
