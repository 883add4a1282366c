// Ancillary data for sendmsg(2), written without the alignment traps of the CMSG macros.
#pragma once

#include <sys/socket.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace fairlead::net {

/// Writes one control message, for which `out` needs CMSG_SPACE(sizeof value) octets, and returns
/// that size.
template <typename T>
size_t write_control(uint8_t* out, int level, int type, const T& value) {
  cmsghdr header{};
  header.cmsg_level = level;
  header.cmsg_type = type;
  header.cmsg_len = CMSG_LEN(sizeof value);
  std::memcpy(out, &header, sizeof header);
  std::memcpy(out + CMSG_LEN(0), &value, sizeof value);
  return CMSG_SPACE(sizeof value);
}

}  // namespace fairlead::net
