// A zone of a file as a signed one, as text: its records, keys, a chain of NSEC records, and
// signatures of all that is the zone's own (RFC 4035 §2).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "dns/name.h"
#include "plugins/zone_keys.h"
#include "records/zone.h"
#include "signing/rrset.h"

namespace fairlead::plugins::sign {

using Keys = ZoneKeys;

/// When, in seconds since 1970.
struct SigningTimes {
  uint32_t now = 0;  // the new serial
  signing::Validity validity;
};

/// Used once, by one thread, a few names at a time.
class ZoneSigning {
 public:
  ZoneSigning(std::shared_ptr<const records::Zone> zone, Keys keys, const SigningTimes& times);

  /// Signs up to `names` names more. True once all are.
  bool work(size_t names);

  /// What could not be signed; empty: nothing. No more is done then.
  [[nodiscard]] const std::string& error() const { return error_; }
  /// The zone's file, once all is done.
  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] uint32_t serial() const { return times_.now; }

 private:
  struct Owned {
    dns::RrType type = dns::RrType::A;
    uint32_t ttl = 0;
    std::vector<uint8_t> rdata;
  };
  using Node = records::Zone::Node;

  void find_own();
  void add_keys(std::vector<Owned>& records) const;
  void sign_name(size_t place);
  void collect(const Node& node, bool is_apex, std::vector<Owned>& records) const;
  void add_nsec(const Node& node, const std::vector<Owned>& records, size_t place,
                std::vector<Owned>& out) const;
  void put(dns::NameView owner, const Owned& record);
  void put_unsigned(const Node& node);
  bool sign_rrset(dns::NameView owner, const Owned* first, const Owned* end);

  const std::shared_ptr<const records::Zone> zone_;
  const Keys keys_;
  const SigningTimes times_;
  uint32_t denial_ttl_ = 0;
  uint32_t soa_ttl_ = 0;
  std::vector<const Node*> own_;    // with an NSEC record, in canonical order
  std::vector<const Node*> other_;  // what is delegated: addresses of name servers
  size_t done_ = 0;
  signing::Rrset rrset_;
  std::vector<uint8_t> rrsig_;
  std::string text_;
  std::string error_;
};

}  // namespace fairlead::plugins::sign
