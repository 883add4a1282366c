// Any octets as what etcd says: a page of keys, a line of a watch, a value; and questions to what
// has come of it.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string_view>

#include "plugins/etcd/answer.h"
#include "plugins/etcd/gateway_messages.h"
#include "plugins/etcd/key_store.h"

namespace {

using namespace fairlead;
using namespace fairlead::plugins::etcd;

struct NoLeases final : Leases {
  std::shared_ptr<const Lease> lease(int64_t id) override { return std::make_shared<Lease>(id); }
};

void ask(const Tree& tree, const char* text, dns::RrType type) {
  const Settings settings;
  const dns::Name zone = *dns::Name::from_text("d");
  const dns::Name name = *dns::Name::from_text(text);
  dns::Query query;
  query.set_name(name.view());
  query.qtype = type;
  dns::Answer answer;
  Lookup lookup(tree, settings, 1);
  const Response said = respond({query, zone, {}, 1}, lookup, answer);
  if (said.outside.size() > kMostOutside) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr size_t kEnough = 16'384;
  if (size > kEnough) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  NoLeases leases;
  KeyStore store(leases);
  if (const auto page = read_range(text))
    for (const KeyValue& key : page->keys) store.put(key);
  if (const auto line = read_watch(text))
    for (const WatchEvent& event : line->events) store.put(event.key);
  store.put({.key = "/skydns/d/a", .value = std::string(text)});
  store.put({.key = "/skydns/d/a/b", .value = std::string(text)});
  static_cast<void>(read_token(text));
  static_cast<void>(read_lease_ttl(text));
  static_cast<void>(error_text(text));
  const auto tree = store.freeze();
  for (const auto type : {dns::RrType::A, dns::RrType::Aaaa, dns::RrType::Txt, dns::RrType::Srv,
                          dns::RrType::Mx, dns::RrType::Ns, dns::RrType::Ptr, dns::RrType::Cname})
    for (const char* name : {"d", "a.d", "*.d"}) ask(*tree, name, type);
  return 0;
}
