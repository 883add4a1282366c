#include "k8s-watch/protobuf_metadata.h"

namespace fairlead::k8s_watch {
namespace {

constexpr std::string_view kMagic("k8s\0", 4);

struct Entry {
  std::string_view key, value;
};

Entry read_entry(Message entry) {
  Entry result;
  while (entry.next()) {
    if (entry.field() == 1) result.key = entry.text();
    if (entry.field() == 2) result.value = entry.text();
  }
  return result;
}

void read_label(const Entry& label, ProtobufMetadata& out) {
  if (label.key == kServiceLabel) out.service = label.value;
  if (label.key == kImportLabel) out.import = label.value;
  if (label.key == kClusterLabel) out.cluster = label.value;
  if (label.key == kManagerLabel) out.manager = label.value;
}

void read_annotation(const Entry& note, ProtobufMetadata& out) {
  if (note.key == kChangeAnnotation) out.last_change = note.value;
  if (note.key == kInitialEventsEnd) out.initial_events_end = note.value == "true";
}

ProtobufMetadata read_metadata(Message meta) {
  ProtobufMetadata result;
  while (meta.next()) {
    if (meta.field() == 1) result.name = meta.text();
    if (meta.field() == 3) result.home = meta.text();
    if (meta.field() == 6) result.version = meta.text();
    if (meta.field() == 9) result.deleting = true;
    if (meta.field() == 11) read_label(read_entry(meta.message("metadata.labels")), result);
    if (meta.field() == 12)
      read_annotation(read_entry(meta.message("metadata.annotations")), result);
  }
  return result;
}

}  // namespace

bool is_protobuf(std::string_view text) {
  return text.starts_with(kMagic);
}

std::string_view open_envelope(std::string_view text, std::string_view& kind,
                               Rejection& rejection) {
  if (!is_protobuf(text)) {
    rejection.set("type", "object");
    return {};
  }
  std::string_view raw;
  Message envelope(text.substr(kMagic.size()), "object", rejection);
  while (envelope.next()) {
    if (envelope.field() == 2) raw = envelope.text();
    if (envelope.field() == 3 && !envelope.text().empty()) envelope.reject("type", "object");
    if (envelope.field() != 1) continue;
    Message type = envelope.message("kind");
    while (type.next()) {
      if (type.field() == 2) kind = type.text();
    }
  }
  return raw;
}

bool find_metadata(Message root, ProtobufMetadata& out) {
  bool found = false;
  while (root.next()) {
    if (root.field() != 1) continue;
    out = read_metadata(root.message("metadata"));
    found = true;
  }
  return found;
}

std::vector<std::pair<std::string, std::string>> pod_labels(Message root) {
  std::vector<std::pair<std::string, std::string>> labels;
  while (root.next()) {
    if (root.field() != 1) continue;
    Message meta = root.message("metadata");
    while (meta.next()) {
      if (meta.field() != 11) continue;
      const Entry label = read_entry(meta.message("metadata.labels"));
      if (plausible_label(label.key, label.value)) labels.emplace_back(label.key, label.value);
    }
  }
  return labels;
}

}  // namespace fairlead::k8s_watch
