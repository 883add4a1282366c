// The Kubernetes API's protobuf encoding of what decode_objects.h reads from JSON: the same
// objects, the same reasons to leave one out. Internal to decoding. Sources: the generated.proto
// files of k8s.io/api and k8s.io/apimachinery; "Protobuf encoding" in the Kubernetes API concepts.
#pragma once

#include <string_view>

#include "k8s-watch/decode_objects.h"
#include "k8s-watch/protobuf_metadata.h"

namespace fairlead::k8s_watch {

/// One event of a watch stream, as it came.
struct ProtobufEvent {
  std::string_view type;    // "ADDED", …
  std::string_view object;  // in its envelope; empty: there was none
};

/// False when `frame` is no event.
bool read_event(std::string_view frame, ProtobufEvent& out);

/// As decode_object(), of an object in its envelope.
Decoded decode_protobuf_object(zones::Kind kind, std::string_view enveloped, const Want& want = {});

/// A bookmark's version, and whether it ends the initial events.
Event decode_protobuf_bookmark(std::string_view enveloped);

/// As decode_status_object(); code 0 when it is none.
Status decode_protobuf_status(std::string_view enveloped);

}  // namespace fairlead::k8s_watch
