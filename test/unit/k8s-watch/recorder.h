// What a decoder said, kept as values that tests compare.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "k8s-watch/decode.h"

namespace fairlead::k8s_watch {

inline std::string recording(const std::string& name) {
  std::ifstream in(FAIRLEAD_SOURCE_DIR "/test/data/api-recordings/" + name + ".body",
                   std::ios::binary);
  if (!in) throw std::runtime_error("no recording " + name);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline std::string to_text(const zones::ObjectKey& key) {
  return key.namespace_name + "/" + key.name;
}

inline std::string to_text(const std::vector<zones::Port>& ports) {
  std::string text;
  for (const auto& port : ports)
    text += " " + port.name + "/" + port.protocol + "/" + std::to_string(port.number);
  return text;
}

inline std::string to_text(const zones::Namespace& object) {
  return "namespace " + object.name;
}

inline std::string to_text(const zones::Service& object) {
  static const std::map<zones::Service::Type, std::string> kTypes = {
      {zones::Service::Type::ClusterIp, "cluster"},
      {zones::Service::Type::Headless, "headless"},
      {zones::Service::Type::ExternalName, "external"}};
  std::string text = "service " + to_text(object.key) + " " + kTypes.at(object.type);
  for (const auto& ip : object.cluster_ips) text += " " + ip.to_text();
  if (!object.external_name.empty()) text += " " + object.external_name;
  text += to_text(object.ports);
  for (const auto& ip : object.outside_ips) text += " outside " + ip.to_text();
  for (const auto& name : object.outside_names) text += " outside " + name;
  return text;
}

inline std::string to_text(const zones::ServiceImport& object) {
  return "import of " + to_text(object.service);
}

inline std::string to_text(const zones::EndpointSlice& object) {
  std::string text =
      "slice " + to_text(object.key) + " of " + object.service_name + to_text(object.ports);
  if (!object.import_name.empty())
    text += " import " + object.import_name + " in " + object.source_cluster;
  for (const auto& endpoint : object.endpoints) {
    text += " {" + endpoint.hostname + "|" + endpoint.pod_name;
    if (!endpoint.zone.empty()) text += "|" + endpoint.zone;
    for (const auto& ip : endpoint.addresses) text += " " + ip.to_text();
    for (const auto& name : endpoint.names) text += " " + name;
    text += "}";
  }
  if (object.last_change) {
    using namespace std::chrono;
    text +=
        " at " +
        std::to_string(duration_cast<milliseconds>(object.last_change->time_since_epoch()).count());
  }
  return text;
}

inline std::string to_text(const zones::Pod& object) {
  std::string text = "pod " + to_text(object.key);
  for (const auto& ip : object.ips) text += " " + ip.to_text();
  if (object.labels) {
    text += " labels";
    for (const auto& [key, value] : *object.labels) text += " " + key + "=" + value;
  }
  return text;
}

inline std::string to_text(const Event& event) {
  static const char* const kTypes[] = {"ADDED", "MODIFIED", "DELETED", "BOOKMARK", "ERROR"};
  std::string text = kTypes[static_cast<size_t>(event.type)];
  if (event.object) {
    text += " " + std::visit([](const auto& object) { return to_text(object); }, *event.object);
  } else if (!event.key.name.empty()) {
    text += " " + to_text(event.key);
  }
  if (!event.resource_version.empty()) text += " @" + event.resource_version;
  if (event.initial_events_end) text += " end";
  if (event.type == Event::Type::Error)
    text += " " + std::to_string(event.status.code) + " " + event.status.reason;
  return text;
}

/// Keeps each event and each skipped object as one line.
class Recorder final : public DecodeSink {
 public:
  void event(Event&& event) override { lines.push_back(to_text(event)); }
  void skipped(Skip&& skip) override {
    lines.push_back((skip.whole ? "SKIPPED " : "OMITTED ") + to_text(skip.key) + " " + skip.reason +
                    " " + skip.detail);
  }

  [[nodiscard]] size_t count(std::string_view beginning) const {
    return static_cast<size_t>(std::ranges::count_if(
        lines, [&](const auto& line) { return line.starts_with(beginning); }));
  }
  [[nodiscard]] bool has(std::string_view line) const {
    return std::ranges::find(lines, line) != lines.end();
  }

  std::vector<std::string> lines;
};

/// Feeds `text` in pieces of `size` octets; false as soon as the decoder says so.
template <typename Decoder>
bool feed_in_pieces(Decoder& decoder, std::string_view text, size_t size, DecodeSink& sink) {
  for (size_t at = 0; at < text.size(); at += size) {
    if (!decoder.feed(text.substr(at, size), sink)) return false;
  }
  return true;
}

/// The lines of a stream that is read whole, which is `good` or breaks the decoder.
template <typename Decoder>
std::vector<std::string> decoded_by(zones::Kind kind, std::string_view text, bool good,
                                    Extras extras = {}) {
  Recorder recorder;
  Decoder decoder(kind, extras);
  CHECK(decoder.feed(text, recorder) == good);
  CHECK(decoder.error().empty() == good);
  return recorder.lines;
}

}  // namespace fairlead::k8s_watch
