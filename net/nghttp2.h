// What a server and a client of HTTP/2 need around nghttp2, a library in C.
#pragma once

#include <nghttp2/nghttp2.h>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <new>
#include <string_view>

namespace fairlead::net {

inline constexpr size_t kHttpFieldCost =
    32;  // octets of a field beside its texts (RFC 9113 §6.5.2)

struct FreeHttp2Callbacks {
  void operator()(nghttp2_session_callbacks* callbacks) const {
    nghttp2_session_callbacks_del(callbacks);
  }
};

/// For calls that only fail without memory. Throws std::bad_alloc.
inline void check_http2(int result) {
  if (result != 0) throw std::bad_alloc();
}

/// Views of both texts, which nghttp2 copies.
inline nghttp2_nv http2_field(std::string_view name, std::string_view value,
                              uint8_t flags = NGHTTP2_NV_FLAG_NONE) {
  const auto octets = [](std::string_view text) {
    return reinterpret_cast<uint8_t*>(const_cast<char*>(text.data()));  // nothing is changed
  };
  return {octets(name), octets(value), name.size(), value.size(), flags};
}

/// Its sender says no more on that stream.
inline bool ends_http2_stream(const nghttp2_frame& frame) {
  return (frame.hd.type == NGHTTP2_HEADERS || frame.hd.type == NGHTTP2_DATA) &&
         (frame.hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
}

/// The result of a callback: no exception crosses a library in C.
template <typename Call>
int guarded_http2(Call call) {
  try {
    call();
    return 0;
  } catch (const std::exception&) {
    return NGHTTP2_ERR_CALLBACK_FAILURE;
  }
}

}  // namespace fairlead::net
