#include "cache/message.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "dns/rdata.h"
#include "dns/record_reader.h"
#include "dns/render.h"
#include "net/prng.h"

namespace fairlead::cache {
namespace {

using dns::RecordAt;
using dns::RrType;

constexpr uint16_t kQnamePointer = 0xc000 | dns::kHeaderSize;

uint16_t read16(std::span<const uint8_t> octets, size_t at) {
  return static_cast<uint16_t>(octets[at] << 8 | octets[at + 1]);
}

uint32_t read32(std::span<const uint8_t> octets, size_t at) {
  return static_cast<uint32_t>(read16(octets, at)) << 16 | read16(octets, at + 2);
}

void write32(std::span<uint8_t> octets, size_t at, uint32_t value) {
  for (size_t i = 0; i < 4; ++i) octets[at + i] = static_cast<uint8_t>(value >> (24 - 8 * i));
}

bool is_address(RrType type) {
  return type == RrType::A || type == RrType::Aaaa;
}

bool same_name(std::span<const uint8_t> message, size_t a, size_t b) {
  std::array<uint8_t, dns::kMaxNameSize> first;
  std::array<uint8_t, dns::kMaxNameSize> second;
  dns::Reader in_a{message, a};
  dns::Reader in_b{message, b};
  const size_t size = read_name(in_a, first.data());
  return size == read_name(in_b, second.data()) &&
         std::memcmp(first.data(), second.data(), size) == 0;
}

bool same_rrset(std::span<const uint8_t> message, const RecordAt& a, const RecordAt& b) {
  return a.section == b.section && a.type == b.type && a.rdata_size == b.rdata_size &&
         same_name(message, a.owner_at, b.owner_at);
}

// The rdata of the address whose TTL stands at `position`.
uint8_t* address_at(std::span<uint8_t> message, TtlPosition position) {
  return message.data() + (position & ~kSameRrset) + 6;
}

}  // namespace

size_t write_message(const dns::Query& query, const dns::Answer& answer, std::span<uint8_t> out) {
  dns::Query plain;
  plain.has_question = true;
  plain.transport = dns::Transport::Tcp;
  plain.qname = query.lower_qname.view();
  plain.qtype = query.qtype;
  const size_t size = dns::render(plain, answer, out.first(std::min(out.size(), kMaxMessage)));
  const bool truncated = (out[2] & 0x02) != 0;
  return truncated ? 0 : size;
}

void find_ttls(std::span<const uint8_t> message, std::vector<TtlPosition>& positions) {
  positions.clear();
  dns::RecordReader records(message);
  RecordAt previous{.type = RrType::Opt};
  for (RecordAt record; records.next(record);) {
    const bool same = is_address(record.type) && same_rrset(message, previous, record);
    positions.push_back(static_cast<TtlPosition>(record.ttl_at() | (same ? kSameRrset : 0)));
    previous = record;
  }
}

void count_down(std::span<uint8_t> message, std::span<const TtlPosition> positions,
                uint32_t seconds) {
  for (const TtlPosition position : positions) {
    const size_t at = position & ~kSameRrset;
    const uint32_t ttl = read32(message, at);
    write32(message, at, ttl - std::min(ttl, seconds));
  }
}

void set_ttls(std::span<uint8_t> message, std::span<const TtlPosition> positions, uint32_t ttl) {
  for (const TtlPosition position : positions) write32(message, position & ~kSameRrset, ttl);
}

void shuffle_addresses(std::span<uint8_t> message, std::span<const TtlPosition> positions,
                       uint64_t random) {
  for (size_t begin = 0; begin < positions.size();) {
    size_t end = begin + 1;
    while (end < positions.size() && (positions[end] & kSameRrset) != 0) ++end;
    for (size_t left = end - begin; left > 1; --left) {
      uint8_t* last = address_at(message, positions[begin + left - 1]);
      // The high half of a product (Lemire): its bias is of no matter for an order.
      const size_t chosen = ((net::split_mix(random) >> 32) * left) >> 32;
      uint8_t* other = address_at(message, positions[begin + chosen]);
      const size_t size = read16(message, (positions[begin] & ~kSameRrset) + 4U);
      if (last != other) std::swap_ranges(last, last + size, other);
    }
    begin = end;
  }
}

void read_message(std::span<const uint8_t> message, dns::Answer& answer) {
  answer.clear();
  const uint16_t flags = read16(message, 2);
  answer.rcode = static_cast<dns::Rcode>(flags & 0xf);
  answer.authoritative = (flags & 0x0400) != 0;
  answer.recursion_available = (flags & 0x0080) != 0;
  answer.authentic_data = (flags & 0x0020) != 0;
  dns::RdataBuffer buffer;
  std::array<uint8_t, dns::kMaxNameSize> name;
  dns::RecordReader records(message);
  for (RecordAt record; records.next(record);) {
    dns::NameRef owner = dns::kQname;
    if (read16(message, record.owner_at) != kQnamePointer) {
      dns::Reader in{message, record.owner_at};
      owner = answer.add_name({name.data(), read_name(in, name.data())});
    }
    const auto rdata =
        dns::read_rdata(message, {record.type, record.rdata_at, record.rdata_size}, buffer);
    if (!rdata) return;
    answer.add_raw(record.section, owner, record.type, record.ttl, *rdata);
  }
}

}  // namespace fairlead::cache
