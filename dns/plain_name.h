// Names of a message that cannot be compressed.
#pragma once

#include <algorithm>

#include "dns/reader.h"

namespace fairlead::dns {

/// An uncompressed name: the first name of a message has nothing to point at, and a TSIG's names
/// may not be compressed. `label(at)` is told where each label begins, from the name's start.
template <typename Label>
NameView read_plain_name(Reader& in, Label label) {
  const size_t start = in.at;
  const size_t end = std::min(in.packet.size(), start + kMaxNameSize);
  for (size_t at = start; in.ok && at < end; at += in.packet[at] + 1U) {
    if (in.packet[at] > kMaxLabelSize) break;
    if (in.packet[at] != 0) {
      label(at - start);
      continue;
    }
    in.at = at + 1;
    return in.packet.subspan(start, in.at - start);
  }
  in.ok = false;
  return {};
}

inline NameView read_plain_name(Reader& in) {
  return read_plain_name(in, [](size_t) {});
}

}  // namespace fairlead::dns
