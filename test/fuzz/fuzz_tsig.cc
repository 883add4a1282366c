// Any bytes as a query with a TSIG record: it is judged, and the reply to it is one that can be
// read.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "dns/parse.h"
#include "dns/record_reader.h"
#include "dns/render.h"
#include "signing/tsig.h"

namespace {

using namespace fairlead;

void require(bool good) {
  if (!good) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const signing::TsigKey kKey{*dns::Name::from_text("k.example"), {'s', 'e', 'c'}};
  const std::span<const uint8_t> packet(data, size);
  dns::Query query;
  dns::parse_query(packet, dns::Transport::Udp, query);
  if (!query.has_tsig) return 0;
  require(query.tsig.at >= dns::kHeaderSize && query.tsig.at < size);
  constexpr uint64_t kNow = 1'700'000'000;
  const signing::TsigError error = verify_tsig(packet, query.tsig, kKey, kNow);
  require(error != signing::TsigError::None || !query.tsig.mac.empty());

  const signing::TsigWords words = signing::words_of(packet, query.tsig);
  std::vector<uint8_t> reply(dns::kMaxUdpReply);
  const size_t unsigned_size = dns::render(query, dns::Answer(), reply);
  const signing::TsigMac before;
  const signing::TsigSecret secret{kKey, signing::TsigAlgorithm::Sha256, &before, true};
  signing::TsigMac mac;
  const size_t whole = append_tsig(reply, unsigned_size, words, &secret, mac);
  if (whole == 0) return 0;
  require(whole == unsigned_size + tsig_size(words, mac.size));
  dns::RecordReader records(std::span<const uint8_t>(reply).first(whole));
  dns::RecordAt record;
  while (records.next(record)) {
  }
  require(records.ok() && record.type == dns::RrType::Tsig);
  require(record.rdata_at + record.rdata_size == whole);
  return 0;
}
