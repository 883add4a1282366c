#include "test/scenarios/cluster.h"

#include <map>
#include <sstream>
#include <stdexcept>

#include "dns/parse.h"
#include "dns/render.h"
#include "k8s-watch/manifests.h"
#include "zones/respond.h"

namespace fairlead::scenarios {
namespace {

using zones::Kind;

constexpr uint32_t kNow = 1700000000;
constexpr int kMaxChase = 8;

[[noreturn]] void fail(const std::string& what) {
  throw std::runtime_error(what);
}

std::vector<std::string> words_of(std::string_view line) {
  std::istringstream in{std::string(line)};
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

dns::Name name_of(const std::string& text) {
  const auto name = dns::Name::from_text(text);
  if (!name) fail("no name: " + text);
  return name->lowered();
}

dns::IpAddress address_of(const std::string& text) {
  const auto address = dns::IpAddress::from_text(text);
  if (!address) fail("no address: " + text);
  return *address;
}

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, separator);) parts.push_back(part);
  return parts;
}

std::vector<dns::IpAddress> addresses_of(const std::string& text) {
  std::vector<dns::IpAddress> addresses;
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
                                                  {"pod", Kind::Pod}};
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
    } else {
      endpoint.addresses.push_back(address_of(part));
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

// One option of the directive.
void set_option(const std::vector<std::string>& words, zones::ClusterZone& zone,
                k8s_watch::WatchOptions& watch) {
  const std::string& key = words[0];
  const auto rest = std::vector<std::string>(words.begin() + 1, words.end());
  if (key == "ttl") {
    zone.ttl = static_cast<uint32_t>(std::stoul(rest.at(0)));
  } else if (key == "pods") {
    const std::string& mode = rest.at(0);
    zone.pods = mode == "insecure"   ? zones::PodMode::Insecure
                : mode == "verified" ? zones::PodMode::Verified
                                     : zones::PodMode::Disabled;
    watch.pods = zone.pods == zones::PodMode::Verified;
  } else if (key == "fallthrough") {
    zone.has_fallthrough = true;
    for (const std::string& text : rest) zone.fallthrough_zones.push_back(name_of(text));
  } else if (key == "namespaces") {
    zone.namespaces.insert(zone.namespaces.end(), rest.begin(), rest.end());
  } else if (key == "ignore") {
    zone.ignore_empty_service = true;
  } else if (key == "local") {
    for (const std::string& text : rest) zone.local_addresses.push_back(address_of(text));
  } else if (key == "labels") {
    watch.labels = rest.at(0);
  } else if (key == "namespace_labels") {
    watch.namespace_labels = rest.at(0);
  } else if (key == "noendpoints") {
    watch.endpoint_slices = false;
  } else if (key == "endpoint_pod_names") {
    watch.endpoint_pod_names = true;
  } else if (key != "kubeconfig") {
    fail("unknown option: " + key);
  }
}

k8s_watch::WatchOptions read_directive(const std::vector<std::string>& lines,
                                       zones::ClusterZone& zone) {
  k8s_watch::WatchOptions watch;
  for (const std::string& line : lines) {
    const auto words = words_of(line);
    if (words.empty()) continue;
    if (words[0] != "kubernetes") {
      set_option(words, zone, watch);
      continue;
    }
    for (size_t i = 1; i < words.size(); ++i) zone.zones.push_back(name_of(words[i]));
  }
  while (zone.primary + 1 < zone.zones.size() &&
         dns::is_reverse_name(zone.zones[zone.primary].view()))
    ++zone.primary;
  return watch;
}

}  // namespace

Cluster::Cluster(const std::vector<std::string>& directive)
    : watch_(read_directive(directive, zone_)), store_({watch_.endpoint_pod_names}) {
  if (zone_.zones.empty()) fail("a kubernetes directive without zones");
}

void Cluster::load_yaml(const std::string& text) {
  const auto objects = k8s_watch::read_manifests({{"objects", text}}, watch_);
  if (!objects.skipped.empty()) fail("skipped: " + objects.skipped[0].skip.detail);
  for (const auto& [key, object] : objects.namespaces) store_.put(object);
  for (const auto& [key, object] : objects.services) store_.put(object);
  for (const auto& [key, object] : objects.pods) store_.put(object);
  if (!watch_.endpoint_slices) return;
  for (const auto& [key, object] : objects.slices) store_.put(object);
}

void Cluster::put_line(const std::string& kind, std::istream& in) {
  std::string key;
  if (!(in >> key)) fail(kind + " without a name");
  switch (kind_of(kind)) {
    case Kind::Namespace:
      store_.put(zones::Namespace{key});
      return;
    case Kind::Service:
      store_.put(service_of(key, in));
      return;
    case Kind::EndpointSlice:
      store_.put(slice_of(key, in));
      return;
    case Kind::Pod:
      break;
  }
  zones::Pod pod{.key = key_of(key)};
  for (std::string text; in >> text;) pod.ips.push_back(address_of(Word(text).value));
  store_.put(pod);
}

bool Cluster::change(std::string_view line) {
  std::istringstream in{std::string(line)};
  std::string verb, kind, key;
  in >> verb;
  if (verb == "synced") {
    sync();
  } else if (verb == "delete") {
    in >> kind >> key;
    if (store_.erase(kind_of(kind), key_of(key)) == zones::Change::None)
      fail("nothing to delete: " + key);
  } else if (verb == "relist") {
    in >> kind;
    store_.begin_relist(kind_of(kind));
  } else if (verb == "relisted") {
    in >> kind;
    store_.end_relist(kind_of(kind));
  } else if (verb == "namespace" || verb == "service" || verb == "slice" || verb == "pod") {
    put_line(verb, in);
  } else {
    return false;
  }
  return true;
}

bool Cluster::resolve(const dns::Query& query, dns::Answer& answer, int depth) {
  const auto snapshot = store_.freeze(kNow);
  const zones::Response response = zones::respond(zone_, *snapshot, query, answer);
  if (response.outcome == zones::Outcome::Answered) return true;
  if (response.outcome != zones::Outcome::Chase) return false;
  if (depth == 0) return true;
  const dns::Name target(answer.name(response.target, query.qname));
  dns::Query next = query;
  next.set_name(target.view());
  dns::Answer found;
  if (resolve(next, found, depth - 1)) answer.append_answers(found, next.qname);
  return true;
}

size_t Cluster::respond(const dns::Query& query, std::span<uint8_t> out) {
  if (query.qclass != dns::RrClass::In) return dns::render_refusal(query, dns::Rcode::Refused, out);
  answer_.clear();
  if (!resolve(query, answer_, kMaxChase))
    return dns::render_refusal(query, dns::Rcode::ServFail, out);
  return dns::render(query, answer_, out);
}

Octets Cluster::ask(const Octets& packet, bool tcp) {
  Octets out(dns::kMaxTcpReply);
  dns::Query query;
  const auto transport = tcp ? dns::Transport::Tcp : dns::Transport::Udp;
  const dns::Parsed parsed = dns::parse_query(packet, transport, query);
  size_t size = 0;
  if (parsed.verdict == dns::Verdict::Answer) size = respond(query, out);
  if (parsed.verdict == dns::Verdict::Refuse) size = dns::render_refusal(query, parsed.rcode, out);
  out.resize(size);
  return out;
}

}  // namespace fairlead::scenarios
