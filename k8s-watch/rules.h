// Which values of API objects DNS can use, whatever they were encoded in. Internal to decoding.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "dns/address.h"

namespace fairlead::k8s_watch {

/// What is wrong with an object, and with what it can be used without: the first finding of each
/// stands.
struct Rejection {
  std::string reason;
  std::string detail;
  std::string omitted_reason;
  std::string omitted;

  void set(const char* why, std::string_view what) {
    if (!reason.empty()) return;
    reason = why;
    detail = what;
  }

  void omit(const char* why, std::string_view what) {
    if (!omitted_reason.empty()) return;
    omitted_reason = why;
    omitted = what;
  }
};

/// As Kubernetes reads addresses: leading zeros of an IPv4 address mean nothing
/// (k8s.io/utils/net.ParseIPSloppy).
std::optional<dns::IpAddress> parse_address(std::string_view text);

inline constexpr size_t kMaxLabel =
    63;  // names of namespaces, services, ports and host names (RFC 1123)
inline constexpr size_t kMaxObjectName = 253;    // other names are subdomains
inline constexpr size_t kMaxLabelValue = 63;     // of an object's labels
inline constexpr size_t kMaxExternalName = 254;  // a subdomain, perhaps with a final dot

inline bool plausible_name(std::string_view text, size_t max) {
  return !text.empty() && text.size() <= max &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
}

/// A label as the API knows them: a prefix, a slash and a name, and a value that may be empty.
inline bool plausible_label(std::string_view key, std::string_view value) {
  return plausible_name(key, kMaxObjectName + 1 + kMaxLabel) &&
         (value.empty() || plausible_name(value, kMaxLabelValue));
}

/// A pod that has finished may have lost its address to another pod.
inline bool is_finished(std::string_view phase) {
  return phase == "Succeeded" || phase == "Failed" || phase == "Unknown";
}

inline constexpr const char* kServiceLabel = "kubernetes.io/service-name";
inline constexpr const char* kImportLabel = "multicluster.kubernetes.io/service-name";
inline constexpr const char* kClusterLabel = "multicluster.kubernetes.io/source-cluster";
inline constexpr const char* kManagerLabel = "endpointslice.kubernetes.io/managed-by";
/// Whose notes of the time of a change count; other controllers' do not.
inline constexpr const char* kSliceController = "endpointslice-controller.k8s.io";
inline constexpr const char* kChangeAnnotation = "endpoints.kubernetes.io/last-change-trigger-time";
inline constexpr const char* kInitialEventsEnd = "k8s.io/initial-events-end";

}  // namespace fairlead::k8s_watch
