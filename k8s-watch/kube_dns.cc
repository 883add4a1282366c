#include "k8s-watch/kube_dns.h"

#include <simdjson.h>

#include <algorithm>
#include <stdexcept>

#include "dns/address.h"
#include "dns/name.h"
#include "dns/printable.h"
#include "k8s-watch/yaml_json.h"
#include "net/endpoint.h"

namespace fairlead::k8s_watch {
namespace {

constexpr size_t kMaxDomain = 253;
constexpr size_t kMaxServers = 15;  // as many as one `forward` line takes

// What errors are told of: the file and the key.
struct Place {
  const std::string& file;
  std::string key;

  [[noreturn]] void fail(const std::string& what) const {
    throw std::runtime_error(file + ": " + (key.empty() ? "" : key + ": ") + what);
  }
};

// For messages: one line, not too long.
std::string shortened(std::string_view text) {
  constexpr size_t kMaxShown = 80;
  const std::string out = dns::printable(text, kMaxShown);
  return text.size() > kMaxShown ? out + "..." : out;
}

std::string shown(std::string_view text) {
  return "'" + shortened(text) + "'";
}

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

// RFC 1123, as Kubernetes checks names: kube-dns takes no others.
bool is_label(std::string_view label) {
  return !label.empty() && label.size() <= 63 && is_letter_or_digit(label.front()) &&
         is_letter_or_digit(label.back()) &&
         std::ranges::all_of(label, [](char c) { return is_letter_or_digit(c) || c == '-'; });
}

bool is_domain(std::string_view text) {
  if (text.size() > kMaxDomain) return false;
  for (;;) {
    const size_t dot = text.find('.');
    if (!is_label(text.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

// ADDRESS, ADDRESS:PORT or [ADDRESS]:PORT.
bool is_address(std::string_view text) {
  const auto parts = net::split_host_port(text);
  const auto address = parts ? dns::IpAddress::from_text(parts->host) : std::nullopt;
  if (!address) return false;
  if (!parts->port) return !parts->brackets;
  return net::parse_port(*parts->port).value_or(0) > 0 && address->is_v6() == parts->brackets;
}

std::vector<std::string> read_servers(simdjson::dom::element json, const Place& place,
                                      bool names_allowed) {
  simdjson::dom::array array;
  if (json.get(array) != simdjson::SUCCESS) place.fail("must be a list of addresses");
  std::vector<std::string> servers;
  for (const simdjson::dom::element item : array) {
    std::string_view text;
    if (item.get(text) != simdjson::SUCCESS) place.fail("an address must be a text");
    if (!is_address(text) && !(names_allowed && is_domain(text)))
      place.fail(shown(text) + " is no address");
    servers.emplace_back(text);
    if (servers.size() > kMaxServers)
      place.fail("more than " + std::to_string(kMaxServers) + " servers");
  }
  return servers;
}

void read_stub_domains(simdjson::dom::element json, Place place, KubeDnsConfig& config) {
  simdjson::dom::object object;
  if (json.get(object) != simdjson::SUCCESS)
    place.fail("must be an object of domains and their servers");
  const std::string key = place.key;
  for (const auto [name, value] : object) {
    std::string domain = dns::lowered(name.substr(0, name.size() - (name.ends_with('.') ? 1 : 0)));
    place.key = key;
    if (!is_domain(domain)) place.fail(shown(name) + " is no domain");
    place.key += "." + domain;
    const bool known = std::ranges::any_of(
        config.stub_domains, [&](const auto& other) { return other.domain == domain; });
    if (known) place.fail("is there twice");
    auto servers = read_servers(value, place, true);
    if (servers.empty()) place.fail("has no servers");
    for (const std::string& server : servers) {
      if (is_address(server)) continue;
      config.warnings.push_back(place.file + ": " + place.key + ": " + shown(server) +
                                " is a name: it is asked for when the server starts, and must be "
                                "known to the node's resolver");
    }
    config.stub_domains.push_back({std::move(domain), std::move(servers)});
  }
}

// One value of the ConfigMap, which is JSON in a text.
void read_value(std::string_view name, std::string_view text, const Place& place,
                KubeDnsConfig& config) {
  if (name != "stubDomains" && name != "upstreamNameservers") {
    const char* why = name == "federations" ? "federations are no longer part of Kubernetes"
                                            : "kube-dns has no such key";
    config.warnings.push_back(place.file + ": " + place.key + " left out: " + why);
    return;
  }
  const bool blank = text.find_first_not_of(" \t\r\n") == std::string_view::npos;
  if (blank) return;
  simdjson::dom::parser parser;
  simdjson::dom::element json;
  const auto error = parser.parse(simdjson::padded_string(text)).get(json);
  if (error != simdjson::SUCCESS)
    place.fail(std::string("not JSON: ") + simdjson::error_message(error));
  if (json.is_null()) return;
  if (name == "stubDomains") return read_stub_domains(json, place, config);
  config.upstreams = read_servers(json, place, false);
}

// The document of `text` as JSON.
std::string only_document(const Place& place, std::string_view text) {
  if (text.size() > kMaxConfigMap) place.fail("larger than any ConfigMap");
  const std::vector<YamlDocument> documents = split_documents(text);
  if (documents.size() != 1)
    place.fail("one ConfigMap is expected, here are " + std::to_string(documents.size()) +
               " documents");
  try {
    return yaml_to_json(documents.front().text);
  } catch (const YamlError& error) {
    place.fail("line " + std::to_string(documents.front().line + error.line - 1) + ": " +
               error.what());
  }
}

}  // namespace

KubeDnsConfig read_kube_dns(const std::string& file, std::string_view text) {
  const Place whole{file, ""};
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  simdjson::dom::object object;
  const std::string json = only_document(whole, text);
  if (parser.parse(json).get(root) != simdjson::SUCCESS || root.get(object) != simdjson::SUCCESS)
    whole.fail("not a ConfigMap");
  std::string_view kind;
  if (object["kind"].get(kind) != simdjson::SUCCESS || kind != "ConfigMap")
    Place{file, "kind"}.fail(kind.empty() ? "missing: a ConfigMap is expected"
                                          : shown(kind) + " instead of ConfigMap");
  KubeDnsConfig config;
  simdjson::dom::element data;
  if (object["data"].get(data) != simdjson::SUCCESS || data.is_null()) return config;
  simdjson::dom::object values;
  if (data.get(values) != simdjson::SUCCESS) Place{file, "data"}.fail("must be an object");
  for (const auto [name, value] : values) {
    const Place place{file, "data." + shortened(name)};
    std::string_view content;
    if (value.get(content) != simdjson::SUCCESS) place.fail("must be a text that holds JSON");
    read_value(name, content, place, config);
  }
  return config;
}

}  // namespace fairlead::k8s_watch
