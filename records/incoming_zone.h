// A zone as another server sends it, whole (RFC 5936 §2.2) or as changes to a copy (RFC 1995 §4),
// message by message. Own code, because the octets are foreign: every read is bounded, and what is
// no whole zone is none.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "dns/name.h"
#include "dns/reader.h"
#include "dns/record_reader.h"
#include "records/cluster_copy.h"
#include "records/epoch.h"
#include "records/zone.h"
#include "records/zone_builder.h"
#include "records/zone_changes.h"

namespace fairlead::records {

/// The most that one transfer may consist of.
struct TransferLimits {
  size_t octets = size_t{512} << 20;
  size_t records = 20'000'000;
  size_t messages = 10'000'000;  // even those that say nothing
};

/// One transfer. Used by one thread.
class IncomingZone {
 public:
  enum class State : uint8_t {
    More,
    Done,
    Current,  // the server has no newer version than the copy
    Failed,
  };

  /// The query was asked with `id`, for changes to `copy` unless that is null; `origin` is
  /// lower-cased.
  IncomingZone(const dns::Name& origin, uint16_t id, std::shared_ptr<const Zone> copy = nullptr,
               const TransferLimits& limits = {});

  /// The next message of the reply. Behind More nothing is taken. Throws nothing of its own.
  State take(std::span<const uint8_t> message);

  [[nodiscard]] State state() const { return state_; }
  /// What is wrong, after Failed: the end of a sentence.
  [[nodiscard]] const std::string& error() const { return error_; }
  /// After Done: the zone. Called once.
  std::shared_ptr<const Zone> finish() { return zone_ ? zone_ : builder_.finish(); }
  /// After Done: changes came, not the whole zone.
  [[nodiscard]] bool was_changes() const { return changes_ != nullptr; }
  /// What the server said of the zone's epoch.
  [[nodiscard]] Epoch epoch() const { return epoch_; }
  /// The server says that it speaks of the compact form.
  [[nodiscard]] bool is_compact() const { return is_compact_; }
  /// After Done: how that zone is answered, if it is compact.
  [[nodiscard]] const Cluster& cluster() const { return cluster_; }
  /// That came so far, and what those that were packed stand for.
  [[nodiscard]] size_t octets() const { return octets_; }
  /// Records that lie outside the zone: left out.
  [[nodiscard]] size_t outside() const { return outside_ + builder_.outside(); }

 private:
  enum class Form : uint8_t { Unknown, Whole, Removing, Adding };

  bool fail(std::string why);
  bool take_head(std::span<const uint8_t> message);
  bool take_records(std::span<const uint8_t> message);
  bool take_options(std::span<const uint8_t> message);
  bool read_cluster();
  bool take_record(std::span<const uint8_t> message, const dns::RecordAt& record);
  bool take_soa(const ChangedRecord& soa);
  bool take_step(const ChangedRecord& soa);
  bool put(const ChangedRecord& record);
  bool put_packed(const ChangedRecord& packed);
  bool end();

  const dns::Name origin_;
  const uint16_t id_;
  const std::shared_ptr<const Zone> copy_;
  const TransferLimits limits_;
  ZoneBuilder builder_;
  std::unique_ptr<ZoneChanges> changes_;
  Epoch epoch_;
  bool is_compact_ = false;
  Cluster cluster_;
  std::shared_ptr<const Zone> zone_;  // of a compact one, which is looked at
  State state_ = State::More;
  Form form_ = Form::Unknown;
  std::string error_;
  std::vector<uint8_t> soa_;  // the rdata of the first, empty before
  uint32_t soa_ttl_ = 0;
  uint32_t version_ = 0;  // that the changes so far lead to
  size_t outside_ = 0;
  size_t octets_ = 0;
  size_t records_ = 0;
  size_t messages_ = 0;
};

/// The query for it: AXFR, or IXFR from `copy` on unless that is null. `options` are those of EDNS,
/// without which the query has none; dns::kMaxUpstreamOptions octets at most.
std::vector<uint8_t> transfer_query(const dns::Name& origin, uint16_t id, const Zone* copy,
                                    std::span<const uint8_t> options);

/// Of the SOA record of a zone (RFC 1035 §3.3.13), in seconds.
struct SoaTimes {
  uint32_t refresh = 0;
  uint32_t retry = 0;
  uint32_t expire = 0;
};
SoaTimes soa_times(const Zone& zone);

/// A query for the zone's SOA record; `options` as above.
std::vector<uint8_t> serial_query(const dns::Name& origin, uint16_t id,
                                  std::span<const uint8_t> options);

/// A reply to that, asked with `id`: the serial. What is wrong is in
/// `error`, empty for nothing.
uint32_t read_serial(std::span<const uint8_t> message, const dns::Name& origin, uint16_t id,
                     std::string& error);

}  // namespace fairlead::records
