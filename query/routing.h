// Which server block answers a name that was asked at a listening address.
#pragma once

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "dns/name.h"
#include "dns/query.h"
#include "net/endpoint.h"
#include "query/block.h"

namespace fairlead::query {

/// How clients of a listening address speak to it, as far as that is more than datagrams and
/// connections.
enum class Carrier : uint8_t { Plain, Tls, Https };

/// One zone of one listening address, with the counters of one worker.
struct ServedZone {
  dns::Name zone;  // lower case
  std::shared_ptr<const Block> block;
  std::vector<void*> counters;  // by number of the block's counters (Walk::counters); may be null
  Carrier carrier = Carrier::Plain;
};

/// Told of questions that no zone of their listener matches, once REFUSED. One worker's thread.
class Unmatched {
 public:
  virtual ~Unmatched() = default;
  virtual void refused(const dns::Query& query, const net::Peers& peers, const Reply& reply) = 0;
};

/// One worker's view of a configuration. Used by that worker's thread only.
class Routing {
 public:
  /// Zones of one name and listener are asked in the order in which they were added.
  void add(uint32_t listener, ServedZone zone);

  /// Who is told of the questions of `listener` that none of its zones matches.
  void tell_unmatched(uint32_t listener, std::shared_ptr<Unmatched> observer) {
    listeners_[listener].unmatched = std::move(observer);
  }

  /// The longest zone of `listener` that the query is at or below and whose block's condition
  /// holds, null when there is none. Classes other than IN only where some block of the listener
  /// takes them. DS belongs to the parent: it goes to the shortest zone that matches, the root only
  /// if there is no other (CoreDNS's rule).
  [[nodiscard]] const ServedZone* find(uint32_t listener, const Asked& asked) const;

  /// Those that find() looks at for this question, in their order, whether or not their conditions
  /// hold. For people.
  [[nodiscard]] std::vector<const ServedZone*> candidates(uint32_t listener,
                                                          const dns::Query& query) const;

  /// What tell_unmatched() was given; null without.
  [[nodiscard]] Unmatched* unmatched(uint32_t listener) const;

 private:
  struct Listener;
  [[nodiscard]] const Listener* listener_for(uint32_t listener, const dns::Query& query) const;

  struct Listener {
    std::vector<ServedZone> zones;  // longest first
    bool other_classes = false;
    std::shared_ptr<Unmatched> unmatched;
  };
  std::unordered_map<uint32_t, Listener> listeners_;
};

}  // namespace fairlead::query
