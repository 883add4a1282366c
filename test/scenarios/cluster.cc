#include "test/scenarios/cluster.h"

#include <algorithm>
#include <map>
#include <sstream>
#include <stdexcept>
#include <utility>

#include "k8s-watch/manifests.h"

namespace fairlead::scenarios {
namespace {

using zones::Kind;

constexpr uint32_t kNow = 1700000000;

[[noreturn]] void fail(const std::string& what) {
  throw std::runtime_error(what);
}

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, separator);) parts.push_back(part);
  return parts;
}

zones::Addresses addresses_of(const std::string& text) {
  zones::Addresses addresses;
  for (const std::string& part : split(text, ',')) addresses.push_back(address_of(part));
  return addresses;
}

// NAME/PROTOCOL/NUMBER
zones::Port port_of(const std::string& text) {
  const auto parts = split(text, '/');
  if (parts.size() != 3) fail("port=NAME/PROTOCOL/NUMBER, not " + text);
  return {parts[0], parts[1], static_cast<uint16_t>(std::stoi(parts[2]))};
}

zones::ObjectKey key_of(const std::string& text) {
  const size_t slash = text.find('/');
  if (slash == std::string::npos) return {"", text};
  return {text.substr(0, slash), text.substr(slash + 1)};
}

Kind kind_of(const std::string& text) {
  static const std::map<std::string, Kind> kKinds{{"namespace", Kind::Namespace},
                                                  {"service", Kind::Service},
                                                  {"slice", Kind::EndpointSlice},
                                                  {"pod", Kind::Pod},
                                                  {"import", Kind::ServiceImport}};
  const auto at = kKinds.find(text);
  if (at == kKinds.end()) fail("no kind: " + text);
  return at->second;
}

struct Word {
  explicit Word(const std::string& text) : key(text.substr(0, text.find('='))) {
    if (key.size() < text.size()) value = text.substr(key.size() + 1);
  }
  std::string key, value;
};

zones::Service service_of(const std::string& key, std::istream& in) {
  zones::Service service{.key = key_of(key)};
  for (std::string text; in >> text;) {
    const Word word(text);
    if (word.key == "clusterIP") {
      service.cluster_ips = addresses_of(word.value);
    } else if (word.key == "headless") {
      service.type = zones::Service::Type::Headless;
    } else if (word.key == "externalName") {
      service.type = zones::Service::Type::ExternalName;
      service.external_name = word.value;
    } else if (word.key == "port") {
      service.ports.push_back(port_of(word.value));
    } else {
      fail("unknown word of a service: " + text);
    }
  }
  return service;
}

// ADDRESS[,hostname=NAME][,pod=NAME]
zones::Endpoint endpoint_of(const std::string& text) {
  zones::Endpoint endpoint;
  for (const std::string& part : split(text, ',')) {
    const Word word(part);
    if (word.key == "hostname") {
      endpoint.hostname = word.value;
    } else if (word.key == "pod") {
      endpoint.pod_name = word.value;
    } else if (const auto address = dns::IpAddress::from_text(part)) {
      endpoint.addresses.push_back(*address);
    } else {
      endpoint.names.push_back(part);
    }
  }
  return endpoint;
}

zones::EndpointSlice slice_of(const std::string& key, std::istream& in) {
  zones::EndpointSlice slice{.key = key_of(key)};
  for (std::string text; in >> text;) {
    const Word word(text);
    if (word.key == "service") {
      slice.service_name = word.value;
    } else if (word.key == "port") {
      slice.ports.push_back(port_of(word.value));
    } else if (word.key == "endpoint") {
      slice.endpoints.push_back(endpoint_of(word.value));
    } else {
      fail("unknown word of a slice: " + text);
    }
  }
  return slice;
}

}  // namespace

dns::IpAddress address_of(const std::string& text) {
  const auto address = dns::IpAddress::from_text(text);
  if (!address) fail("no address: " + text);
  return *address;
}

/// One reader of the cluster, with the objects that its options select.
class Cluster::Watch final : public k8s_watch::ClusterWatch {
 public:
  Watch(Cluster& cluster, const k8s_watch::WatchOptions& options, k8s_watch::Publish publish)
      : cluster_(cluster),
        options_(options),
        store_({options.endpoint_pod_names}),
        publish_(std::move(publish)) {
    cluster_.watches_.push_back(this);
  }
  ~Watch() override { std::erase(cluster_.watches_, this); }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  void start() override {}
  void stop() override {}

  [[nodiscard]] const k8s_watch::WatchOptions& options() const { return options_; }
  [[nodiscard]] zones::Store& store() { return store_; }

  void publish(bool synced) {
    if (synced) {
      store_.set_synced();
      if (cluster_.imports_) store_.set_imports_synced();
    }
    publish_(store_.freeze(kNow));
  }

 private:
  Cluster& cluster_;
  const k8s_watch::WatchOptions options_;
  zones::Store store_;
  const k8s_watch::Publish publish_;
};

std::unique_ptr<k8s_watch::ClusterWatch> Cluster::watch(const k8s_watch::WatchOptions& options,
                                                        k8s_watch::Publish publish) {
  auto made = std::make_unique<Watch>(*this, options, std::move(publish));
  for (const Change& change : history_) change(*made);
  return made;
}

void Cluster::apply(Change change) {
  for (Watch* watch : watches_) change(*watch);
  history_.push_back(std::move(change));
}

void Cluster::publish() {
  for (Watch* watch : watches_) watch->publish(synced_);
}

void Cluster::load_yaml(const std::string& text) {
  apply([text](Watch& watch) {
    const auto objects = k8s_watch::read_manifests({{"objects", text}}, watch.options());
    if (!objects.skipped.empty()) fail("skipped: " + objects.skipped[0].skip.detail);
    for (const auto& [key, object] : objects.namespaces) watch.store().put(object);
    for (const auto& [key, object] : objects.services) watch.store().put(object);
    for (const auto& [key, object] : objects.pods) watch.store().put(object);
    for (const auto& [key, object] : objects.slices) watch.store().put(object);
    for (const auto& [key, object] : objects.imports) watch.store().put(object);
  });
}

void Cluster::put_line(const std::string& kind, std::istream& in) {
  const auto put = [this](auto object) {
    apply([object](Watch& watch) { watch.store().put(object); });
  };
  std::string key;
  if (!(in >> key)) fail(kind + " without a name");
  switch (kind_of(kind)) {
    case Kind::Namespace:
      return put(zones::Namespace{key});
    case Kind::Service:
      return put(service_of(key, in));
    case Kind::EndpointSlice:
      return put(slice_of(key, in));
    case Kind::ServiceImport:
      fail("imports are put as yaml");
    case Kind::Pod:
      break;
  }
  zones::Pod pod{.key = key_of(key)};
  for (std::string text; in >> text;) pod.ips.push_back(address_of(Word(text).value));
  put(pod);
}

bool Cluster::change(std::string_view line) {
  std::istringstream in{std::string(line)};
  std::string verb, kind, key;
  in >> verb;
  if (verb == "synced") {
    sync();
  } else if (verb == "unsynced") {
    unsync();
  } else if (verb == "no-imports") {
    imports_ = false;
  } else if (verb == "delete") {
    in >> kind >> key;
    apply([kind, key](Watch& watch) {
      if (watch.store().erase(kind_of(kind), key_of(key)) == zones::Change::None)
        fail("nothing to delete: " + key);
    });
  } else if (verb == "relist") {
    in >> kind;
    apply([kind](Watch& watch) { watch.store().begin_relist(kind_of(kind)); });
  } else if (verb == "relisted") {
    in >> kind;
    apply([kind](Watch& watch) { watch.store().end_relist(kind_of(kind)); });
  } else if (verb == "namespace" || verb == "service" || verb == "slice" || verb == "pod") {
    put_line(verb, in);
  } else {
    return false;
  }
  return true;
}

}  // namespace fairlead::scenarios
