#include "plugins/etcd/key_store.h"

#include <utility>
#include <variant>

namespace fairlead::plugins::etcd {
namespace {

size_t octets_of(const Service& service) {
  return service.key.size() + service.host_name.size() + service.text.size() +
         service.group.size() + sizeof(Service);
}

}  // namespace

void KeyStore::begin_list() {
  listed_ = std::make_unique<Kept>();
}

void KeyStore::end_list() {
  kept_ = std::move(*listed_);
  listed_.reset();
}

std::unique_ptr<Unusable> KeyStore::put(const KeyValue& key) {
  Kept& to = listed_ ? *listed_ : kept_;
  erase(key.key, to);
  auto read = read_service(key.key, key.value);
  if (auto* wrong = std::get_if<Unusable>(&read))
    return std::make_unique<Unusable>(std::move(*wrong));
  auto service = std::make_shared<Service>(std::move(std::get<Service>(read)));
  const size_t octets = octets_of(*service);
  if (to.keys.size() >= kMostKeys || to.octets + octets > kMostOctets)
    return std::make_unique<Unusable>(Unusable{"room", "there is no room for more keys"});
  if (key.lease != 0) service->lease = leases_.lease(key.lease);
  to.octets += octets;
  to.keys.emplace(service->key, service);
  return nullptr;
}

void KeyStore::erase(std::string_view key) {
  erase(key, kept_);
}

void KeyStore::erase(std::string_view key, Kept& from) {
  const auto known = from.keys.find(key);
  if (known == from.keys.end()) return;
  from.octets -= octets_of(*known->second);
  from.keys.erase(known);
}

std::shared_ptr<const Tree> KeyStore::freeze() const {
  std::vector<Tree::Entry> entries;
  entries.reserve(kept_.keys.size());
  for (const auto& [key, entry] : kept_.keys) entries.push_back(entry);
  return std::make_shared<const Tree>(std::move(entries));
}

}  // namespace fairlead::plugins::etcd
