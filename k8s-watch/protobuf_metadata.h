// What every object of the API has in protobuf: an envelope that says its kind, and metadata.
// Internal to decoding. Sources: as decode_protobuf.h.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "k8s-watch/protobuf.h"
#include "k8s-watch/rules.h"

namespace fairlead::k8s_watch {

/// ObjectMeta, as far as anything here needs it; views of the message.
struct ProtobufMetadata {
  std::string_view name, home, version, service, manager, import, cluster, last_change;
  bool deleting = false, initial_events_end = false;
};

/// True when `text` is an object in its envelope, whatever that says.
bool is_protobuf(std::string_view text);

/// The bytes of the object in an envelope; `kind` is what it says to hold.
std::string_view open_envelope(std::string_view text, std::string_view& kind, Rejection& rejection);

/// The object's metadata, wherever it stands; false when there is none.
bool find_metadata(Message root, ProtobufMetadata& out);

/// The labels in the object's metadata that are plausible.
std::vector<std::pair<std::string, std::string>> pod_labels(Message root);

}  // namespace fairlead::k8s_watch
