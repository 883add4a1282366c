// Base64 (RFC 4648 §4), with padding.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace fairlead::k8s_watch {

std::string encode_base64(std::string_view octets);

/// White space is ignored. None when it is something else.
std::optional<std::string> decode_base64(std::string_view text);

}  // namespace fairlead::k8s_watch
