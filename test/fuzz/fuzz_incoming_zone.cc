// Any bytes as what another server sends for a zone that is copied: messages with two octets of
// length in front, a whole zone and then changes to it. A zone that is whole has one SOA, and each
// of its names gets an answer that can be rendered, also as the copy of a cluster; it may be a
// catalog.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "dns/expire.h"
#include "dns/packed_records.h"
#include "dns/reader.h"
#include "dns/render.h"
#include "records/catalog.h"
#include "records/cluster_copy.h"
#include "records/incoming_zone.h"
#include "records/respond.h"
#include "records/respond_cluster.h"

namespace {

using namespace fairlead;

constexpr uint16_t kId = 9;
constexpr auto kAnyPod = dns::ClusterRules::Pods::Insecure;
const dns::Name kOrigin = *dns::Name::from_text("x.test");

void require(bool good) {
  if (!good) std::abort();
}

void ask(const records::Zone& zone, dns::NameView name, dns::RrType type) {
  static dns::Answer answer;
  static std::vector<uint8_t> out(dns::kMaxTcpReply);
  dns::Query query;
  query.has_question = true;
  query.has_edns = true;
  query.edns.dnssec_ok = true;
  query.transport = dns::Transport::Tcp;
  query.qtype = type;
  query.set_name(name);
  answer.clear();
  records::respond(zone, query, {}, answer);
  require(dns::render(query, answer, out) >= dns::kHeaderSize);
  std::string wrong;
  const dns::ClusterRules rules =
      records::cluster_of(zone, wrong).value_or(dns::ClusterRules{.pods = kAnyPod});
  answer.clear();
  records::respond_cluster(zone, rules, query, {}, answer);
  require(dns::render(query, answer, out) >= dns::kHeaderSize);
}

using Content = std::multiset<std::vector<uint8_t>>;

void keep(const dns::PlainRecord& record, Content& content) {
  std::vector<uint8_t> octets(record.owner.begin(), record.owner.end());
  for (const uint32_t number : {uint32_t{static_cast<uint16_t>(record.type)}, record.ttl})
    for (const unsigned shift : {24U, 16U, 8U, 0U})
      octets.push_back(static_cast<uint8_t>(number >> shift));
  octets.insert(octets.end(), record.rdata.begin(), record.rdata.end());
  content.insert(octets);
}

// On its way to another server nothing is lost.
void check_packed(const records::Zone& zone) {
  dns::Answer plain, packed;
  Content sent, received;
  for (size_t i = 0; i < zone.name_count(); ++i) {
    const dns::NameView name = zone.name(zone.node(i));
    for (const records::ZoneRecord record : zone.records(zone.node(i))) {
      if (record.type == dns::kPackedRecords) return;
      plain.add_raw(dns::Section::Answer, plain.add_name(name), record.type, record.ttl,
                    record.rdata);
      keep({name, record.type, record.ttl, record.rdata}, sent);
    }
  }
  dns::pack(plain, zone.origin(), packed);
  for (const dns::Record& record : packed.records()) {
    const dns::PlainRecord one{packed.name(record.owner, {}), record.type, record.ttl,
                               packed.rdata(record)};
    const auto take = [&](const dns::PlainRecord& said) { return keep(said, received), true; };
    if (one.type != dns::kPackedRecords) {
      keep(one, received);
    } else {
      require(dns::unpack(one, take));
    }
  }
  require(sent == received);
}

void check(const records::Zone& zone) {
  check_packed(zone);
  size_t soas = 0;
  for (size_t i = 0; i < zone.name_count(); ++i) {
    const dns::NameView name = zone.name(zone.node(i));
    require(dns::is_at_or_below(name, zone.origin()));
    for (const records::ZoneRecord record : zone.records(zone.node(i))) {
      soas += record.type == dns::RrType::Soa ? 1 : 0;
      ask(zone, name, record.type);
    }
    for (const dns::RrType type :
         {dns::RrType::A, dns::RrType::Srv, dns::RrType::Any, dns::RrType::Ds})
      ask(zone, name, type);
    dns::Name below(name);
    if (below.prepend("q")) ask(zone, below.view(), dns::RrType::A);
  }
  require(soas == 1);
  const records::Catalog catalog = records::read_catalog(zone);
  require(catalog.error.empty() || catalog.members.empty());
}

// Each message with its length in front, on the heap and of its own size, so that a sanitizer sees
// every octet too far. What is behind the last one that was taken.
std::span<const uint8_t> take(records::IncomingZone& incoming, std::span<const uint8_t> left) {
  using State = records::IncomingZone::State;
  State state = State::More;
  while (left.size() >= 2 && state == State::More) {
    const size_t length = std::min<size_t>(left.size() - 2, left[0] << 8 | left[1]);
    const std::vector<uint8_t> message(left.begin() + 2,
                                       left.begin() + 2 + static_cast<ptrdiff_t>(length));
    std::string error;
    records::read_serial(message, kOrigin, kId, error);
    const dns::SaidExpire said = dns::read_expire(message);
    require(said.has_edns || !said.left);
    state = incoming.take(message);
    left = left.subspan(2 + length);
  }
  require((state == State::Failed) == !incoming.error().empty());
  return left;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using State = records::IncomingZone::State;
  const records::TransferLimits few{.octets = 8192, .records = 200, .messages = 50};
  records::IncomingZone incoming(kOrigin, kId, nullptr, few);
  const auto left = take(incoming, {data, size});
  if (incoming.state() != State::Done) return 0;
  const auto copy = incoming.finish();
  check(*copy);
  // What follows are changes to it.
  records::IncomingZone changes(kOrigin, kId, copy, few);
  take(changes, left);
  require(!changes.cluster() || changes.is_compact());
  if (changes.state() == State::Done) check(*changes.finish());
  require(!records::transfer_query(kOrigin, kId, copy.get(), dns::kAsksExpire).empty());
  return 0;
}
