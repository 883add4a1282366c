#include "plugins/etcd/tree.h"

#include <algorithm>
#include <string>

namespace fairlead::plugins::etcd {
namespace {

std::string_view key_in(const Tree::Entry& entry) {
  return entry->key;
}

}  // namespace

std::span<const Tree::Entry> Tree::below(std::string_view key) const {
  std::string first(key);
  if (!first.ends_with('/')) first += '/';
  const auto from = std::ranges::lower_bound(entries_, std::string_view(first), {}, key_in);
  const auto to = std::partition_point(
      from, entries_.end(), [&](const Entry& entry) { return entry->key.starts_with(first); });
  return {from, to};
}

std::span<const Tree::Entry> Tree::at(std::string_view key) const {
  const auto found = std::ranges::lower_bound(entries_, key, {}, key_in);
  if (found == entries_.end() || (*found)->key != key) return {};
  return {found, found + 1};
}

}  // namespace fairlead::plugins::etcd
