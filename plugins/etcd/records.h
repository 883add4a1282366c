// The records of a reply while it is thought of: what an alias leads to may turn out to be nothing,
// and then the alias is taken back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "dns/answer.h"
#include "dns/name.h"
#include "plugins/etcd/service.h"

namespace fairlead::plugins::etcd {

/// A name of the reply: that of a service's host, or one in the answer.
struct NameOf {
  const Service* host = nullptr;
  dns::NameRef ref = dns::kQname;
};

/// One record. What it says comes from the service: its address, its text, or `target`.
struct Planned {
  dns::RrType type = dns::RrType::A;
  uint32_t ttl = 0;
  NameOf owner;
  const Service* service = nullptr;
  NameOf target;        // of CNAME, PTR, NS, SRV and MX
  uint16_t weight = 0;  // of SRV
};

/// Used for one reply.
class Records {
 public:
  /// No message has room for more.
  static constexpr size_t kMost = 4096;

  /// More than kMost are left out, and full() from then on.
  void add(dns::Section section, const Planned& record);
  [[nodiscard]] size_t size(dns::Section section) const { return of(section).size(); }
  void take_back_last(dns::Section section) { list(section).pop_back(); }
  [[nodiscard]] bool full() const { return full_; }

  /// Writes all of them, those of the answer section first.
  void write(dns::Answer& answer) const;

 private:
  using List = std::vector<Planned>;
  List& list(dns::Section section) {
    return section == dns::Section::Answer ? answers_ : additionals_;
  }
  [[nodiscard]] const List& of(dns::Section section) const {
    return section == dns::Section::Answer ? answers_ : additionals_;
  }

  List answers_, additionals_;
  bool full_ = false;
};

/// `text` as the rdata of a TXT record, in pieces of 255 octets; like CoreDNS an empty one ends
/// a text that fills its pieces.
std::vector<uint8_t> txt_rdata(std::string_view text);

}  // namespace fairlead::plugins::etcd
