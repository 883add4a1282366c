// All keys that one mirror has read, as the workers see them.
#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "plugins/etcd/service.h"

namespace fairlead::plugins::etcd {

/// Immutable, but for what its leases say. Any thread.
class Tree {
 public:
  using Entry = std::shared_ptr<const Service>;

  Tree() = default;
  /// `entries` are in the order of their keys, octet by octet; no key is there twice.
  explicit Tree(std::vector<Entry> entries) : entries_(std::move(entries)) {}

  /// Those whose keys begin with `key` and a slash.
  [[nodiscard]] std::span<const Entry> below(std::string_view key) const;
  /// That of exactly this key, or none.
  [[nodiscard]] std::span<const Entry> at(std::string_view key) const;
  [[nodiscard]] size_t size() const { return entries_.size(); }

 private:
  std::vector<Entry> entries_;
};

}  // namespace fairlead::plugins::etcd
