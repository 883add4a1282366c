#include "dns/direct_reply.h"

#include <algorithm>
#include <cstring>

#include "dns/compressor.h"
#include "dns/reader.h"
#include "dns/render.h"
#include "dns/reply_parts.h"
#include "dns/writer.h"

namespace fairlead::dns {
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
  uint8_t* const at = out_.data() + at_;
  at_ += kRecordHead + rdata_size;
  return put_record_head(at, pointer_into_qname(owner), type, ttl, rdata_size);
}

size_t DirectReply::finish(Rcode rcode, const Counts& counts) {
  Writer writer{out_, at_};
  if (query_.has_edns) put_opt(writer, query_, rcode, {});
  const uint32_t flags = 0x0400U | (query_.recursion_desired ? 0x0100U : 0U) |
                         (query_.checking_disabled ? 0x0010U : 0U) |
                         (static_cast<uint32_t>(rcode) & 0xf);
  put_header(
      out_.data(), query_,
      {.flags = static_cast<uint16_t>(flags),
       .answers = counts.answers,
       .authorities = counts.authorities,
       .additionals = static_cast<uint16_t>(counts.additionals + (query_.has_edns ? 1 : 0))});
  return writer.at;
}

}  // namespace fairlead::dns
