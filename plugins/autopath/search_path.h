// The names that stand for one that a client has looked up in the first domain of its search list.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "dns/name.h"
#include "dns/query.h"

namespace fairlead::plugins::autopath {

/// How a question's name is made of what the client was looking for and the first domain of its
/// list.
struct SearchPath {
  size_t in_front = 0;              // labels of the name in front of the first domain
  size_t own = 1;                   // domains that are the first one, or that without labels
  std::span<const dns::Name> rest;  // further domains
};

/// How many domains of one list are tried: questions in between are few (query::Walk). The client
/// walks what is longer by itself.
inline constexpr size_t kMostTried = 12;

/// The `number`th name; the question's own is the 0th, the last is in no domain. Nothing behind
/// that. The root instead of a name: there is none with this number, but more may follow.
std::optional<dns::Name> name_of(const SearchPath& path, const dns::Query& question, size_t number);

/// `lower_qname` is below the first domain of `list`, not that domain itself.
std::optional<SearchPath> path_in(std::span<const dns::Name> list, const dns::Query& question);

}  // namespace fairlead::plugins::autopath
