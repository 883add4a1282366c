// Catalog zones: a zone whose records say which zones a server is to have (RFC 9432, version 2).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "dns/name.h"
#include "records/zone.h"

namespace fairlead::records {

struct CatalogMember {
  std::string id;                      // the label below "zones", in wire form
  dns::Name zone;                      // lower-cased
  std::optional<dns::Name> new_owner;  // the catalog that may take it over ("coo"), lower-cased
};

struct Catalog {
  static constexpr size_t kMostMembers = 10'000;

  std::vector<CatalogMember> members;
  std::string error;  // why it is none, a sentence; empty: nothing
};

/// What `zone` says as a catalog. Properties that are not known (`group`, extensions) are passed
/// over.
Catalog read_catalog(const Zone& zone);

}  // namespace fairlead::records
