// The zones of one directive as workers see them: constant, a new set for each change.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "dns/name.h"
#include "records/cluster_copy.h"
#include "records/epoch.h"
#include "records/journal.h"
#include "records/lifetime.h"
#include "records/zone.h"

namespace fairlead::records {

class ZoneSet {
 public:
  struct Entry {
    dns::Name origin;                  // lower-cased, as all names here
    std::shared_ptr<const Zone> zone;  // null: there is none to be served
    std::vector<dns::Name> fall_through;
    std::string from;                                        // the file, or the servers
    Epoch epoch = {};                                        // what the zone's serial belongs to
    Cluster cluster = {};                                    // of a copy in the compact form
    std::shared_ptr<const Journal> journal;                  // null: nobody may have the zone
    std::shared_ptr<const Lifetime> lifetime;                // null: no copy, its SOA's expire
    const char* trouble = "the zone has not been read yet";  // why there is none
  };
  explicit ZoneSet(std::vector<Entry> entries);

  /// The zone that `name` (lower-cased) lies in, the one with the longest origin; null for none.
  /// Of two with one origin the later.
  [[nodiscard]] const Entry* find(dns::NameView name) const;

 private:
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  std::unordered_map<std::string, Entry, Hash, std::equal_to<>> entries_;
};

}  // namespace fairlead::records
