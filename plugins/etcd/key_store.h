// The writer's side of a Tree: keys as they come from etcd.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "plugins/etcd/gateway_messages.h"
#include "plugins/etcd/lease.h"
#include "plugins/etcd/tree.h"

namespace fairlead::plugins::etcd {

/// Who knows the leases.
class Leases {
 public:
  virtual ~Leases() = default;
  /// The same as long as anybody has it.
  virtual std::shared_ptr<const Lease> lease(int64_t id) = 0;
};

/// Used by the mirror's thread.
class KeyStore {
 public:
  static constexpr size_t kMostKeys = 1'000'000;
  static constexpr size_t kMostOctets = 512U << 20U;  // of keys and values

  explicit KeyStore(Leases& leases) : leases_(leases) {}

  /// What is put from here to end_list() replaces everything. Begun anew when it was not ended.
  void begin_list();
  void end_list();

  /// A value that cannot be used makes its key one that is not there. Nothing: it is there now.
  std::unique_ptr<Unusable> put(const KeyValue& key);
  /// Not while a list is read.
  void erase(std::string_view key);

  [[nodiscard]] std::shared_ptr<const Tree> freeze() const;
  [[nodiscard]] size_t size() const { return kept_.keys.size(); }

 private:
  struct Kept {
    std::map<std::string_view, Tree::Entry> keys;  // the views are of the entries' own keys
    size_t octets = 0;
  };
  static void erase(std::string_view key, Kept& from);

  Leases& leases_;
  Kept kept_;
  std::unique_ptr<Kept> listed_;  // while a list is read
};

}  // namespace fairlead::plugins::etcd
