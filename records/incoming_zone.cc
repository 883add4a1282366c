#include "records/incoming_zone.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "dns/numbers.h"
#include "dns/rdata.h"
#include "dns/response.h"
#include "dns/types.h"

namespace fairlead::records {
namespace {

using dns::RrType;
using Options = std::span<const uint8_t>;

constexpr uint16_t kFirstMetaType = 128;  // RFC 6895 §3.1
constexpr uint16_t kLastMetaType = 255;

uint16_t u16(std::span<const uint8_t> octets, size_t at) {
  return static_cast<uint16_t>(octets[at] << 8 | octets[at + 1]);
}

uint32_t u32(std::span<const uint8_t> octets, size_t at) {
  return static_cast<uint32_t>(dns::number_of(octets.subspan(at, 4)));
}

// What no zone can have.
bool is_meta(RrType type) {
  const auto number = static_cast<uint16_t>(type);
  return number == 0 || type == RrType::Opt ||
         (number >= kFirstMetaType && number <= kLastMetaType);
}

// RFC 2181 §8.
uint32_t sane_ttl(uint32_t ttl) {
  return ttl >> 31 != 0 ? 0 : ttl;
}

// What is wrong with the head of a reply, empty for nothing. One question at most, which is
// `origin`: later messages need not repeat it.
std::string head_error(std::span<const uint8_t> message, const dns::Name& origin, uint16_t id) {
  constexpr uint16_t kResponse = 0x8000;
  constexpr uint16_t kOpcode = 0x7800;
  constexpr uint16_t kTruncated = 0x0200;
  constexpr uint16_t kRcode = 0x000f;
  if (message.size() < dns::kHeaderSize) return "a message is too short";
  const uint16_t flags = u16(message, 2);
  if (u16(message, 0) != id) return "a message has another id";
  if ((flags & (kResponse | kOpcode)) != kResponse) return "a message is no reply";
  const auto rcode = static_cast<dns::Rcode>(flags & kRcode);
  if (rcode != dns::Rcode::NoError) return "the server says " + dns::to_text(rcode);
  if ((flags & kTruncated) != 0) return "a message is truncated";
  const uint16_t questions = u16(message, 4);
  if (questions == 0) return {};
  dns::Reader in{message, dns::kHeaderSize};
  std::array<uint8_t, dns::kMaxNameSize> name{};
  const size_t size = dns::read_name(in, name.data());
  const bool ours =
      questions == 1 && size != 0 && dns::equal_ignoring_case({name.data(), size}, origin.view());
  return ours ? "" : "a message is about another zone";
}

std::vector<uint8_t> query_for(const dns::Name& origin, uint16_t id, RrType type, Options options) {
  const dns::Question question{
      .qname = origin.view(), .qtype = type, .recursion_desired = false, .options = options};
  std::vector<uint8_t> query(dns::kMaxUpstreamQuery);
  query.resize(dns::write_query(question, id, !options.empty(), query));
  return query;
}

// As it stands in the authority section (RFC 1995 §3).
std::vector<uint8_t> soa_of(const Zone& zone) {
  std::vector<uint8_t> soa;
  for (const ZoneRecord record : zone.records(zone.apex())) {
    if (record.type != RrType::Soa) continue;
    soa.assign(zone.origin().begin(), zone.origin().end());
    const auto size = static_cast<unsigned>(record.rdata.size());
    for (const unsigned octet :
         {0U, static_cast<unsigned>(RrType::Soa), 0U, 1U, 0U, 0U, 0U, 0U, size >> 8, size & 0xff})
      soa.push_back(static_cast<uint8_t>(octet));
    soa.insert(soa.end(), record.rdata.begin(), record.rdata.end());
  }
  return soa;
}

}  // namespace

IncomingZone::IncomingZone(const dns::Name& origin, uint16_t id, std::shared_ptr<const Zone> copy,
                           const TransferLimits& limits)
    : origin_(origin), id_(id), copy_(std::move(copy)), limits_(limits), builder_(origin) {}

bool IncomingZone::fail(std::string why) {
  error_ = std::move(why);
  state_ = State::Failed;
  return false;
}

IncomingZone::State IncomingZone::take(std::span<const uint8_t> message) {
  if (state_ == State::More && take_head(message)) take_records(message);
  return state_;
}

bool IncomingZone::take_head(std::span<const uint8_t> message) {
  octets_ += message.size();
  if (octets_ > limits_.octets || ++messages_ > limits_.messages)
    return fail("the zone is too large");
  std::string wrong = head_error(message, origin_, id_);
  return wrong.empty() || fail(std::move(wrong));
}

bool IncomingZone::take_records(std::span<const uint8_t> message) {
  if (messages_ == 1 && !take_options(message)) return false;
  dns::RecordReader records(message);
  for (dns::RecordAt record; records.next(record);)
    if (record.section == dns::Section::Answer && !take_record(message, record)) return false;
  if (!records.ok()) return fail("a record cannot be read");
  // So servers answer that know nothing of IXFR; a transfer begins with an SOA (RFC 5936 §2.2).
  if (soa_.empty()) return fail("the reply has no records");
  // The SOA alone, and that is not newer (RFC 1995 §2).
  const bool current = copy_ && records_ == 1 && form_ == Form::Unknown &&
                       !dns::is_newer(dns::soa_serial(soa_), copy_->serial());
  if (current) state_ = State::Current;
  return state_ != State::Done || !is_compact_ || read_cluster();
}

// Of the first message, before its records, which are read as the options say.
bool IncomingZone::take_options(std::span<const uint8_t> message) {
  Options options;
  dns::RecordReader records(message);
  for (dns::RecordAt record; records.next(record);)
    if (record.section == dns::Section::Additional && record.type == RrType::Opt)
      options = message.subspan(record.rdata_at, record.rdata_size);
  if (const auto said = dns::find_option(options, kEpochOption)) epoch_ = read_epoch(*said);
  const auto form = dns::find_option(options, dns::kCompactOption);
  if (!form) return true;
  is_compact_ = true;
  const bool known = form->size() == 1 && form->front() == dns::kCompactVersion;
  return known || fail("the zone has a form that is not known");
}

// What is no cluster's zone is none at all.
bool IncomingZone::read_cluster() {
  if (!epoch_) return fail("the zone has a form that belongs to an epoch, and none");
  zone_ = builder_.finish();
  std::string bad;
  cluster_ = cluster_of(*zone_, bad);
  return cluster_ || fail("the zone " + std::move(bad));
}

bool IncomingZone::take_record(std::span<const uint8_t> message, const dns::RecordAt& record) {
  if (state_ != State::More) return fail("there are records behind the last SOA");
  if (++records_ > limits_.records) return fail("the zone is too large");
  std::array<uint8_t, dns::kMaxNameSize> name{};
  dns::Reader in{message, record.owner_at};
  const dns::NameView owner(name.data(), dns::read_name(in, name.data()));
  dns::RdataBuffer buffer;
  const auto rdata =
      dns::read_rdata(message, {record.type, record.rdata_at, record.rdata_size}, buffer);
  if (owner.empty() || !rdata) return fail("a record cannot be read");
  const auto wrong = [&](const char* how) {
    return fail("the record " + dns::to_text(owner) + " " + dns::to_text(record.type) + how);
  };
  if (record.rr_class != static_cast<uint16_t>(dns::RrClass::In))
    return wrong(" is not of class IN");
  if (is_meta(record.type)) return wrong(" cannot be in a zone");
  const ChangedRecord said{owner, record.type, sane_ttl(record.ttl), *rdata};
  if (said.type == RrType::Soa && dns::equal_ignoring_case(owner, origin_.view()))
    return take_soa(said);
  if (soa_.empty()) return wrong(" comes before the SOA");
  if (!is_compact_ || said.type != dns::kPackedRecords) return put(said);
  return put_packed(said) || (state_ != State::Failed && wrong(" cannot be read"));
}

// Few octets may stand for many: what they stand for counts.
bool IncomingZone::put_packed(const ChangedRecord& packed) {
  constexpr size_t kHead = 10;  // type, class, TTL and size
  return dns::unpack(packed, [this](const ChangedRecord& record) {
    octets_ += record.owner.size() + kHead + record.rdata.size();
    if (++records_ > limits_.records || octets_ > limits_.octets)
      return fail("the zone is too large");
    return put(record);
  });
}

bool IncomingZone::put(const ChangedRecord& record) {
  if (form_ == Form::Unknown) form_ = Form::Whole;
  if (form_ == Form::Whole) {
    std::string bad = builder_.add(record.owner, record.type, record.ttl, record.rdata);
    return bad.empty() || fail("the zone " + std::move(bad));
  }
  if (!dns::is_at_or_below(dns::Name(record.owner).lowered().view(), origin_.view())) {
    ++outside_;
    return true;
  }
  const bool fits = form_ == Form::Removing ? changes_->remove(record) : changes_->add(record);
  return fits || fail("the changes are not to the copy");
}

// The first is the newest. The second says what follows: changes begin with that of the copy, and
// what is whole ends with the first again.
bool IncomingZone::take_soa(const ChangedRecord& soa) {
  if (soa_.empty()) {
    soa_.assign(soa.rdata.begin(), soa.rdata.end());
    soa_ttl_ = soa.ttl;
    return true;
  }
  const uint32_t serial = dns::soa_serial(soa.rdata);
  const bool begins = form_ == Form::Unknown && copy_ && serial == copy_->serial() &&
                      dns::is_newer(dns::soa_serial(soa_), serial);
  if (begins) {
    changes_ = std::make_unique<ZoneChanges>(copy_);
    form_ = Form::Removing;
    version_ = serial;
    return true;
  }
  if (changes_) return take_step(soa);
  // Another one than the first: the zone has changed on the way.
  const auto numbers = [](std::span<const uint8_t> rdata) { return rdata.last(dns::kSoaNumbers); };
  if (!std::ranges::equal(numbers(soa.rdata), numbers(soa_)))
    return fail("the last SOA is not the first");
  return end();
}

// Each step leads from one version to the next, up to the newest.
bool IncomingZone::take_step(const ChangedRecord& soa) {
  const uint32_t serial = dns::soa_serial(soa.rdata);
  if (form_ == Form::Removing) {
    form_ = Form::Adding;
    version_ = serial;
    return true;
  }
  if (serial != version_) return fail("the changes do not follow each other");
  if (serial == dns::soa_serial(soa_)) return end();
  form_ = Form::Removing;
  return true;
}

bool IncomingZone::end() {
  std::string bad = changes_ ? changes_->apply(builder_) : "";
  if (bad.empty()) bad = builder_.add(origin_.view(), RrType::Soa, soa_ttl_, soa_);
  if (!bad.empty()) return fail("the zone " + std::move(bad));
  state_ = State::Done;
  return true;
}

std::vector<uint8_t> serial_query(const dns::Name& origin, uint16_t id, Options options) {
  return query_for(origin, id, RrType::Soa, options);
}

std::vector<uint8_t> transfer_query(const dns::Name& origin, uint16_t id, const Zone* copy,
                                    Options options) {
  std::vector<uint8_t> query =
      query_for(origin, id, copy != nullptr ? RrType::Ixfr : RrType::Axfr, options);
  if (copy == nullptr) return query;
  constexpr size_t kAuthorities = 9;  // the lower octet of their count
  query[kAuthorities] = 1;
  const size_t behind_question = dns::kHeaderSize + origin.size() + 4;
  const std::vector<uint8_t> soa = soa_of(*copy);
  query.insert(query.begin() + static_cast<ptrdiff_t>(behind_question), soa.begin(), soa.end());
  return query;
}

SoaTimes soa_times(const Zone& zone) {
  for (const ZoneRecord record : zone.records(zone.apex())) {
    if (record.type != RrType::Soa) continue;
    const auto numbers = record.rdata.last(dns::kSoaNumbers);
    return {u32(numbers, 4), u32(numbers, 8), u32(numbers, 12)};
  }
  return {};
}

uint32_t read_serial(std::span<const uint8_t> message, const dns::Name& origin, uint16_t id,
                     std::string& error) {
  error = head_error(message, origin, id);
  if (!error.empty()) return 0;
  dns::RecordReader records(message);
  for (dns::RecordAt record; records.next(record);) {
    if (record.section != dns::Section::Answer || record.type != RrType::Soa) continue;
    std::array<uint8_t, dns::kMaxNameSize> name{};
    dns::Reader in{message, record.owner_at};
    const dns::NameView owner(name.data(), dns::read_name(in, name.data()));
    dns::RdataBuffer buffer;
    const auto rdata =
        dns::read_rdata(message, {record.type, record.rdata_at, record.rdata_size}, buffer);
    if (rdata && !owner.empty() && dns::equal_ignoring_case(owner, origin.view()))
      return dns::soa_serial(*rdata);
  }
  error = "the server does not say the SOA";
  return 0;
}

}  // namespace fairlead::records
