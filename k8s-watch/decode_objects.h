// Which fields of an API object DNS needs, and what is wrong with the ones it cannot use. Internal
// to decoding: the only header that shows simdjson. Sources: the Kubernetes API reference of v1
// Namespace, Service, Pod and discovery.k8s.io/v1 EndpointSlice; the API of
// multicluster.x-k8s.io/v1alpha1 ServiceImport.
#pragma once

#include <simdjson.h>

#include <optional>
#include <string>
#include <string_view>

#include "k8s-watch/decode.h"
#include "k8s-watch/rules.h"

namespace fairlead::k8s_watch {

/// One object, cut down.
struct Decoded {
  zones::ObjectKey key;
  std::string resource_version;
  bool gone = false;             // a pod that no name may lead to any more: there is no object
  std::optional<Object> object;  // empty when gone or rejected, or when only metadata was wanted
  Rejection rejection;
};

/// What is to be told of an object that cannot be used, or of a part of it; empty: nothing.
std::optional<Skip> skip_of(const Decoded& decoded);

/// What is wanted of an object.
struct Want {
  bool metadata_only = false;
  Extras extras;
};

/// Decodes one object of `kind`. `default_namespace` is for an object that names none; empty: it
/// must name one.
Decoded decode_object(zones::Kind kind, simdjson::dom::element json, const Want& want = {},
                      std::string_view default_namespace = {});

/// The name of such an object is one label of DNS.
inline bool is_named_by_label(zones::Kind kind) {
  return kind == zones::Kind::Namespace || kind == zones::Kind::Service ||
         kind == zones::Kind::ServiceImport;
}

/// What the API calls an object of this kind, "Service" for one; a list of them is a "ServiceList".
const char* type_name(zones::Kind kind);

/// Decodes a Status object; code 0 when it is none.
Status decode_status_object(simdjson::dom::element json);

/// RFC 3339 date and time, with fraction and offset ("2026-11-21T03:06:51.25Z").
std::optional<std::chrono::system_clock::time_point> parse_time(std::string_view text);

}  // namespace fairlead::k8s_watch
