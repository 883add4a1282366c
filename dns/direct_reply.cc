#include "dns/direct_reply.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "dns/compressor.h"
#include "dns/opt_record.h"
#include "dns/reader.h"
#include "dns/render.h"
#include "dns/writer.h"

namespace fairlead::dns {
namespace {

uint8_t octet(uint32_t value) {
  return static_cast<uint8_t>(value);
}

}  // namespace

uint16_t pointer_into_qname(size_t at) {
  return static_cast<uint16_t>(kPointer | (kHeaderSize + at));
}

DirectReply::DirectReply(const Query& query, std::span<uint8_t> out)
    : query_(query), out_(out), limit_(std::min(out.size(), reply_limit(query)) - opt_size(query)) {
  uint8_t* at = out.data() + kHeaderSize;
  std::memcpy(at, query.qname.data(), query.qname.size());
  at = put16(at + query.qname.size(), static_cast<uint32_t>(query.qtype));
  at = put16(at, static_cast<uint32_t>(query.qclass));
  at_ = static_cast<size_t>(at - out.data());
}

uint8_t* DirectReply::add(size_t owner, RrType type, uint32_t ttl, size_t rdata_size) {
  const uint16_t pointer = pointer_into_qname(owner);
  const auto number = static_cast<uint32_t>(type);
  const std::array<uint8_t, kRecordHead> head{octet(pointer >> 8U),
                                              octet(pointer),
                                              octet(number >> 8),
                                              octet(number),
                                              0,
                                              octet(static_cast<uint32_t>(RrClass::In)),
                                              octet(ttl >> 24),
                                              octet(ttl >> 16),
                                              octet(ttl >> 8),
                                              octet(ttl),
                                              octet(static_cast<uint32_t>(rdata_size >> 8)),
                                              octet(static_cast<uint32_t>(rdata_size))};
  uint8_t* const at = out_.data() + at_;
  std::memcpy(at, head.data(), head.size());
  at_ += head.size() + rdata_size;
  return at + head.size();
}

size_t DirectReply::finish(Rcode rcode, const Counts& counts) {
  Writer writer{out_, at_};
  if (query_.has_edns) put_opt(writer, query_, rcode, {});
  const uint32_t additionals = counts.additionals + (query_.has_edns ? 1U : 0U);
  const uint32_t flags = 0x8400U | static_cast<uint32_t>(query_.opcode) << 11 |
                         (query_.recursion_desired ? 0x0100U : 0U) |
                         (query_.checking_disabled ? 0x0010U : 0U) |
                         (static_cast<uint32_t>(rcode) & 0xf);
  const std::array<uint8_t, kHeaderSize> head{octet(query_.id >> 8U),
                                              octet(query_.id),
                                              octet(flags >> 8),
                                              octet(flags),
                                              0,
                                              1,
                                              octet(counts.answers >> 8U),
                                              octet(counts.answers),
                                              octet(counts.authorities >> 8U),
                                              octet(counts.authorities),
                                              octet(additionals >> 8),
                                              octet(additionals)};
  std::memcpy(out_.data(), head.data(), head.size());
  return writer.at;
}

}  // namespace fairlead::dns
