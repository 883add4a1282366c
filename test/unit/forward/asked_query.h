// What a scripted upstream is asked, and the usual replies.
#pragma once

#include <cstdint>
#include <vector>

#include "dns/types.h"

namespace fairlead::forward {

using Octets = std::vector<uint8_t>;

/// A query as it came.
struct AskedQuery {
  Octets octets;
  uint16_t port = 0;  // of the sender
  bool tcp = false;
  size_t number = 0;  // how many came before

  [[nodiscard]] uint16_t id() const { return static_cast<uint16_t>(octets[0] << 8 | octets[1]); }
  [[nodiscard]] bool has_edns() const { return octets[11] != 0; }
  /// Where the question ends.
  [[nodiscard]] size_t question_end() const {
    size_t at = 12;
    while (octets[at] != 0) at += octets[at] + 1U;
    return at + 5;
  }
};

/// A reply with the question, one A record 192.0.2.`tag` when the rcode is NOERROR, and an OPT
/// record when the query had one.
struct Says {
  uint8_t tag = 1;
  dns::Rcode rcode = dns::Rcode::NoError;
  bool truncated = false;
  bool edns = true;

  [[nodiscard]] Octets to(const AskedQuery& query) const {
    const size_t end = query.question_end();
    Octets out(query.octets.begin(), query.octets.begin() + static_cast<long>(end));
    const bool record = rcode == dns::Rcode::NoError && !truncated;
    out[2] = static_cast<uint8_t>(0x81 | (truncated ? 2 : 0));
    out[3] = static_cast<uint8_t>(0x80 | static_cast<unsigned>(rcode));
    out[7] = record ? 1 : 0;
    out[11] = query.has_edns() && edns ? 1 : 0;
    const Octets a = {0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, tag};
    const Octets opt = {0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0};
    if (record) out.insert(out.end(), a.begin(), a.end());
    if (out[11] != 0) out.insert(out.end(), opt.begin(), opt.end());
    return out;
  }
};

}  // namespace fairlead::forward
