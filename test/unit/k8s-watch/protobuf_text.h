// Protobuf as an API server writes it, for tests of those who read it.
#pragma once

#include <cstdint>
#include <string>

namespace fairlead::k8s_watch::test {

inline std::string varint(uint64_t value) {
  std::string text;
  for (; value >= 0x80; value >>= 7U) text += static_cast<char>(value | 0x80U);
  return text + static_cast<char>(value);
}

inline std::string number(uint64_t field, uint64_t value) {
  return varint(field << 3U) + varint(value);
}

inline std::string bytes(uint64_t field, const std::string& value) {
  return varint(field << 3U | 2U) + varint(value.size()) + value;
}

inline std::string envelope(const std::string& kind, const std::string& raw) {
  return std::string("k8s\0", 4) + bytes(1, bytes(1, "v1") + bytes(2, kind)) + bytes(2, raw);
}

inline std::string frame(const std::string& event) {
  std::string head;
  for (const unsigned shift : {24U, 16U, 8U, 0U}) head += static_cast<char>(event.size() >> shift);
  return head + event;
}

inline std::string event(const std::string& type, const std::string& object) {
  return frame(bytes(1, type) + bytes(2, bytes(1, object)));
}

/// Metadata of n/s.
inline const std::string kMeta = bytes(1, bytes(1, "s") + bytes(3, "n"));

}  // namespace fairlead::k8s_watch::test
