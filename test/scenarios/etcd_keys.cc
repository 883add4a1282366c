#include "test/scenarios/etcd_keys.h"

#include <sstream>
#include <stdexcept>
#include <utility>

#include "net/clock.h"

namespace fairlead::scenarios {

class EtcdKeys::Mirror final : public plugins::etcd::Mirror {
 public:
  Mirror(EtcdKeys& keys, plugins::etcd::Publish publish, plugins::etcd::MirrorObserver& observer)
      : keys_(keys), publish_(std::move(publish)), observer_(observer) {
    keys_.mirrors_.push_back(this);
  }
  ~Mirror() override { std::erase(keys_.mirrors_, this); }
  Mirror(const Mirror&) = delete;
  Mirror& operator=(const Mirror&) = delete;

  void start() override {}
  void stop() override {}
  void publish() { publish_(keys_.store_.freeze()); }
  void skip(const std::string& reason) { observer_.skipped(reason); }

 private:
  EtcdKeys& keys_;
  const plugins::etcd::Publish publish_;
  plugins::etcd::MirrorObserver& observer_;
};

std::unique_ptr<plugins::etcd::Mirror> EtcdKeys::mirror(plugins::etcd::Publish publish,
                                                        plugins::etcd::MirrorObserver& observer) {
  auto made = std::make_unique<Mirror>(*this, std::move(publish), observer);
  if (readable_) made->publish();
  return made;
}

void EtcdKeys::clear() {
  store_.begin_list();
  store_.end_list();
  leases_.clear();
  readable_ = false;
}

void EtcdKeys::change(const std::string& line) {
  std::istringstream in(line);
  std::string verb, key, value;
  in >> verb >> key >> std::ws;
  std::getline(in, value);
  if (verb == "put" && !key.empty()) {
    put(key, value);
  } else if (verb == "delete" && !key.empty()) {
    store_.erase(key);
  } else if (verb != "empty") {
    throw std::runtime_error("not understood: etcd " + line);
  }
  readable_ = true;
  for (Mirror* mirror : mirrors_) mirror->publish();
}

void EtcdKeys::put(const std::string& key, std::string value) {
  const std::string lease = "lease=";
  plugins::etcd::KeyValue said{.key = key, .value = {}};
  if (value.starts_with(lease)) {
    const size_t end = value.find(' ');
    said.lease = static_cast<int64_t>(leases_.size()) + 1;
    auto& made = leases_[said.lease] = std::make_shared<plugins::etcd::Lease>(said.lease);
    made->set(net::now_ns(), std::stoll(value.substr(lease.size(), end - lease.size())));
    value.erase(0, std::min(end, value.size()));
  }
  said.value = std::move(value);
  const auto wrong = store_.put(said);
  if (wrong == nullptr) return;
  for (Mirror* mirror : mirrors_) mirror->skip(wrong->reason);
}

std::shared_ptr<const plugins::etcd::Lease> EtcdKeys::lease(int64_t id) {
  return leases_.at(id);
}

}  // namespace fairlead::scenarios
