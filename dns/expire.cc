#include "dns/expire.h"

#include <algorithm>

#include "dns/numbers.h"
#include "dns/record_reader.h"
#include "dns/types.h"
#include "dns/writer.h"

namespace fairlead::dns {
namespace {

constexpr size_t kSize = 4;

// Of an answer that begins with a zone's SOA; what an alias leads to is another zone's.
std::optional<uint32_t> soa_expire(const Answer& answer) {
  if (answer.rcode != Rcode::NoError || !answer.authoritative || answer.records().empty())
    return std::nullopt;
  const Record& first = answer.records().front();
  if (first.section != Section::Answer || first.type != RrType::Soa) return std::nullopt;
  constexpr size_t kBehind = 8;  // expire and minimum are the last two numbers
  return static_cast<uint32_t>(number_of(answer.rdata(first).last(kBehind).first(4)));
}

}  // namespace

bool asks_expire(const Query& query) {
  const bool of_a_zone =
      query.qtype == RrType::Soa || query.qtype == RrType::Axfr || query.qtype == RrType::Ixfr;
  return of_a_zone && query.has_edns && find_option(query.edns.options, OptionCode::Expire);
}

void say_expire(Answer& answer, uint32_t left) {
  const auto expire = soa_expire(answer);
  if (!expire) return;
  std::array<uint8_t, kSize> data{};
  put32(data.data(), std::min(*expire, left));
  answer.set_option(OptionCode::Expire, data);
}

SaidExpire read_expire(std::span<const uint8_t> message) {
  RecordReader records(message);
  for (RecordAt record; records.next(record);) {
    if (record.type != RrType::Opt || record.section != Section::Additional) continue;
    const auto data =
        find_option(message.subspan(record.rdata_at, record.rdata_size), OptionCode::Expire);
    if (!data || data->size() != kSize) return {true, std::nullopt};
    return {true, static_cast<uint32_t>(number_of(*data))};
  }
  return {};
}

}  // namespace fairlead::dns
