#include "plugins/transfer/outgoing.h"

#include <algorithm>
#include <span>
#include <stdexcept>
#include <utility>

#include "dns/expire.h"
#include "dns/packed_records.h"
#include "records/epoch.h"

namespace fairlead::plugins::transfer {
namespace {

// A name can be pointed at in the first 16 kB of a message only: larger ones hold more octets for
// the same records. Counted without compression.
constexpr size_t kMessage = 24'000;
// Header, question, an OPT record, and the record's own owner and head.
constexpr size_t kMostRdata = 65535 - 12 - 259 - 32 - 265;

}  // namespace

std::unique_ptr<Slots::Slot> Slots::take() {
  if (used_.fetch_add(1, std::memory_order_relaxed) >= kMost) {
    used_.fetch_sub(1, std::memory_order_relaxed);
    refused_.fetch_add(1, std::memory_order_relaxed);
    return nullptr;
  }
  return std::make_unique<Slot>(*this);
}

void Sent::add_first(dns::Answer& answer) const {
  answer.authoritative = true;
  zone->add_soa(answer);
  if (epoch) answer.add_option(records::kEpochOption, records::epoch_octets(*epoch));
  if (compact) answer.add_option(dns::kCompactOption, {&dns::kCompactVersion, 1});
  if (expire) dns::say_expire(answer, zone->seconds_left());
}

void Telling::sent(const Sent& sent, size_t records) const {
  const std::string serial = std::to_string(sent.zone->serial());
  log.write(net::LogLevel::Info, "transfer",
            (sent.changes ? "Outgoing incremental transfer of " : "Outgoing transfer of ") +
                std::to_string(records) + " records of zone \"" + zone + "\" to " + client +
                " for " + (sent.changes ? std::to_string(sent.from) + " to " : "") + serial +
                " SOA serial");
}

void Telling::failed(const std::string& why) const {
  log.write(net::LogLevel::Error, "transfer",
            "Failed to transfer zone \"" + zone + "\" to " + client + ": " + why);
}

Between::Between(const Sent& sent) : sent_(sent), hides_(!sent.compact && sent.zone->is_compact()) {
  dns::Answer soa;
  sent.zone->add_soa(soa);
  for (const dns::Record& record : soa.records()) apex_ = dns::Name(soa.name(record.owner, {}));
}

bool Between::next(dns::Answer& some) {
  dns::Answer& plain = sent_.compact ? plain_ : some;
  plain.clear();
  if (!sent_.listing().next(plain)) return false;
  if (hides_) {
    // Moved to where nothing is sent from.
    for (dns::Record& record : plain.records())
      if (dns::is_of_compact_form(plain.name(record.owner, {}), record.type))
        record.section = dns::Section::Additional;
    plain.keep_only(dns::Section::Answer);
  }
  count_ += plain.records().size();
  if (!sent_.compact) return true;
  some.clear();
  dns::pack(plain, apex_.view(), some);
  return true;
}

Outgoing::Outgoing(Sent sent, std::shared_ptr<Slots> slots, std::unique_ptr<Slots::Slot> slot,
                   Telling telling)
    : sent_(std::move(sent)),
      between_(sent_),
      slots_(std::move(slots)),
      slot_(std::move(slot)),
      telling_(std::move(telling)) {}

bool Outgoing::next(dns::Answer& answer) {
  if (stage_ == Stage::Ended) return false;
  answer.authoritative = true;
  if (stage_ == Stage::First) {
    sent_.add_first(answer);
    stage_ = Stage::Between;
  }
  if (stage_ == Stage::Between && fill(answer)) return true;
  // A message that one large record fills has no room for more.
  const bool full = std::exchange(octets_, 0) > kMessage;
  if (full) {
    stage_ = Stage::Last;
  } else {
    end(answer);
  }
  return true;
}

// False when the zone has no more.
bool Outgoing::fill(dns::Answer& answer) {
  dns::NameRef owner;
  dns::NameView last;
  for (octets_ = 0;;) {
    if (at_ == some_.records().size()) {
      at_ = 0;
      last = {};
      if (!between_.next(some_)) return false;
      continue;
    }
    const dns::Record& record = some_.records()[at_];
    const dns::NameView name = some_.name(record.owner, {});
    const size_t size = name.size() + 10 + record.rdata_size;
    if (octets_ + size > kMessage && !answer.records().empty()) return true;
    octets_ += size;
    if (record.rdata_size > kMostRdata) {
      telling_.failed("the record " + dns::to_text(name) + " " + dns::to_text(record.type) +
                      " fits into no message");
      throw std::length_error("a record fits into no message");
    }
    if (last.empty() || !std::ranges::equal(name, last)) owner = answer.add_name(name);
    last = name;
    answer.add_raw(dns::Section::Answer, owner, record.type, record.ttl, some_.rdata(record));
    ++at_;
  }
}

void Outgoing::end(dns::Answer& answer) {
  sent_.zone->add_soa(answer);
  stage_ = Stage::Ended;
  telling_.sent(sent_, between_.count() + 2);
}

}  // namespace fairlead::plugins::transfer
