// Keys of etcd in memory, and what the server mirrors of them.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "plugins/etcd/key_store.h"
#include "plugins/etcd/mirror.h"

namespace fairlead::scenarios {

/// Used by one thread. Must outlive the mirrors it makes.
class EtcdKeys final : private plugins::etcd::Leases {
 public:
  EtcdKeys() : store_(*this) {}

  /// There is none any more; nobody mirrors it.
  void clear();

  /// A line behind "etcd" (see README.md): from the first one on there is an etcd that can be read.
  /// Throws when it is wrong.
  void change(const std::string& line);

  /// What stands in for plugins::etcd::make_mirror().
  std::unique_ptr<plugins::etcd::Mirror> mirror(plugins::etcd::Publish publish,
                                                plugins::etcd::MirrorObserver& observer);

 private:
  class Mirror;
  std::shared_ptr<const plugins::etcd::Lease> lease(int64_t id) override;
  void put(const std::string& key, std::string value);

  plugins::etcd::KeyStore store_;
  std::map<int64_t, std::shared_ptr<plugins::etcd::Lease>> leases_;
  bool readable_ = false;
  std::vector<Mirror*> mirrors_;
};

}  // namespace fairlead::scenarios
