// What the joiners of a stream's pieces keep between two pieces. Internal to decoding.
#pragma once

#include <cstddef>
#include <string>

namespace fairlead::k8s_watch {

/// Empties `text`. One of many megabytes does not keep its memory for the rest of the stream.
inline void empty_joined(std::string& text) {
  constexpr size_t kKept = 1U << 20U;
  text.capacity() > kKept ? std::string().swap(text) : text.clear();
}

}  // namespace fairlead::k8s_watch
