// A DNS message read back without the code under test.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "test/unit/support/client.h"

namespace fairlead::test {

struct ReplyOpt {
  uint16_t size = 0;
  uint8_t version = 0;
  uint16_t flags = 0;
  Octets options;
};

struct ReplyRecord {
  uint16_t type = 0;
  uint16_t rr_class = 0;
  uint8_t section = 0;  // 1 answer, 2 authority, 3 additional
  Octets owner;         // as written: labels or a pointer
  Octets rdata;
};

/// A reply that was read to its last octet; `whole` is false when it is not a well-formed message.
struct Reply {
  bool whole = false;
  size_t size = 0;
  uint16_t id = 0;
  uint16_t flags = 0;  // without the rcode
  uint16_t rcode = 0;  // extended
  std::array<uint16_t, 4> counts{};
  Octets question;
  std::vector<ReplyRecord> records;
  std::optional<ReplyOpt> opt;

  explicit Reply(const Octets& message);
};

/// Reads a message from the front.
struct ReplyReader {
  const Octets& in;
  size_t at = 0;
  bool ok = true;

  uint16_t u16() {
    ok = ok && at + 2 <= in.size();
    if (!ok) return 0;
    at += 2;
    return static_cast<uint16_t>(in[at - 2] << 8 | in[at - 1]);
  }
  Octets take(size_t n) {
    ok = ok && at + n <= in.size();
    if (!ok) return {};
    at += n;
    const auto end = in.begin() + static_cast<ptrdiff_t>(at);
    return {end - static_cast<ptrdiff_t>(n), end};
  }
  Octets name() {
    const size_t start = at;
    while (ok && at < in.size() && in[at] != 0 && in[at] < 0xc0) take(in[at] + 1U);
    take(at < in.size() && in[at] >= 0xc0 ? 2 : 1);
    return ok ? Octets(in.begin() + static_cast<ptrdiff_t>(start),
                       in.begin() + static_cast<ptrdiff_t>(at))
              : Octets();
  }
};

inline Reply::Reply(const Octets& message) : size(message.size()) {
  ReplyReader in{message};
  id = in.u16();
  const uint16_t word = in.u16();
  flags = word & 0xfff0;
  rcode = word & 0xf;
  for (uint16_t& count : counts) count = in.u16();
  for (int i = 0; i < counts[0]; ++i) {
    question = in.name();
    const Octets rest = in.take(4);
    question.insert(question.end(), rest.begin(), rest.end());
  }
  for (uint8_t section = 1; section < 4; ++section) {
    for (int i = 0; in.ok && i < counts[section]; ++i) {
      ReplyRecord r;
      r.section = section;
      r.owner = in.name();
      r.type = in.u16();
      r.rr_class = in.u16();
      const uint16_t high = in.u16();
      const uint16_t low = in.u16();
      r.rdata = in.take(in.u16());
      if (r.type == 41) {
        opt = ReplyOpt{r.rr_class, static_cast<uint8_t>(high), low, r.rdata};
        rcode = static_cast<uint16_t>(rcode | (high >> 8) << 4);
      } else {
        records.push_back(r);
      }
    }
  }
  whole = in.ok && in.at == message.size() && message.size() >= 12;
}

}  // namespace fairlead::test
