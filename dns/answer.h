// The answer is a value: what to say, not how it is written. Only dns/render.cc turns it into
// octets.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "dns/address.h"
#include "dns/edns_option.h"
#include "dns/name.h"
#include "dns/types.h"

namespace fairlead::dns {

/// A name in an Answer: a handle that stays valid until clear().
struct NameRef {
  uint32_t offset = 0;
  uint16_t size = 0;  // 0: the query's own name, in the query's case
};

/// The owner that stands for "the name that was asked".
inline constexpr NameRef kQname{};

/// One resource record of an Answer, of the answer's class. Its rdata is uncompressed wire form in
/// the answer's octets.
struct Record {
  Section section = Section::Answer;
  RrType type = RrType::A;
  uint32_t ttl = 0;
  NameRef owner;
  uint32_t rdata_offset = 0;
  uint16_t rdata_size = 0;
};

/// What is said to one query. Made for reuse: clear() keeps the memory, so that a worker's answers
/// stop allocating after the first few. Not shared between threads.
class Answer {
 public:
  Rcode rcode = Rcode::NoError;
  bool authoritative = false;
  bool recursion_available = false;
  bool authentic_data = false;
  bool truncated = false;  // set when what is said here is already incomplete (an upstream's TC)
  RrClass record_class = RrClass::In;     // of all records
  std::optional<bool> recursion_desired;  // the reply's RD when it is not the client's

  /// Back to an empty NOERROR of class IN without options.
  void clear();

  /// Takes all records back; names that were added stay valid.
  void drop_records() { records_.clear(); }
  /// The same for the records of all sections but one.
  void keep_only(Section section) {
    std::erase_if(records_, [section](const Record& r) { return r.section != section; });
  }

  /// Keeps a copy of a name; `name` must not lie in this answer. At most 255 octets.
  NameRef add_name(NameView name);

  /// Keeps `label` + `parent`. An answer whose name would exceed 255 octets gets the parent alone.
  NameRef add_name(std::string_view label, NameView parent);

  void add_address(Section section, NameRef owner, uint32_t ttl, const IpAddress& address);

  /// A record whose rdata is one name: NS, CNAME, PTR.
  void add_name_record(RrType type, Section section, NameRef owner, uint32_t ttl, NameRef target);

  struct Srv {
    uint16_t priority = 0;
    uint16_t weight = 0;
    uint16_t port = 0;
    NameRef target;
  };
  void add_srv(NameRef owner, uint32_t ttl, const Srv& srv);

  struct Soa {
    NameRef mname;
    NameRef rname;
    uint32_t serial = 0;
    uint32_t refresh = 0;
    uint32_t retry = 0;
    uint32_t expire = 0;
    uint32_t minimum = 0;
  };
  void add_soa(Section section, NameRef owner, uint32_t ttl, const Soa& soa);

  /// One character-string, at most 255 octets.
  void add_txt(NameRef owner, uint32_t ttl, std::string_view text);

  /// Any other type, rdata as it is on the wire, without compressed names.
  void add_raw(Section section, NameRef owner, RrType type, uint32_t ttl,
               std::span<const uint8_t> rdata);

  /// Adds an EDNS option; `data` is at most kMaxOptionData octets, else nothing is added, and must
  /// not lie in this answer. Options are sent to clients that sent an OPT record, and only when
  /// they leave room for records: see render(). The renderer adds edns-tcp-keepalive itself.
  void add_option(OptionCode code, std::span<const uint8_t> data);
  static constexpr size_t kMaxOptionData = 65535 - kOptionHead;

  /// As add_option(), in place of all options with this code.
  void set_option(OptionCode code, std::span<const uint8_t> data);

  /// Says why (RFC 8914): at most kMaxExtendedErrors, later ones are left out. `text` is UTF-8;
  /// what is more than 255 octets is cut, between characters.
  void add_extended_error(uint16_t info_code, std::string_view text);
  static constexpr size_t kMaxExtendedErrors = 4;

  /// As in an OPT record's rdata.
  [[nodiscard]] std::span<const uint8_t> options() const { return options_; }
  void drop_options() { options_.clear(); }

  /// Appends a copy of one section of `other`, which answers `other_qname`: what a CNAME here leads
  /// to. Options are not copied, TC is.
  void append(const Answer& other, NameView other_qname, Section section = Section::Answer);

  /// Drops every record that repeats an earlier one of its section (same owner, type and rdata).
  /// O(n).
  void drop_repeats();

  [[nodiscard]] std::span<const Record> records() const { return records_; }
  [[nodiscard]] std::span<Record> records() { return records_; }
  [[nodiscard]] size_t count(Section section) const;
  [[nodiscard]] std::span<const uint8_t> rdata(const Record& r) const {
    return {octets_.data() + r.rdata_offset, r.rdata_size};
  }
  /// Gives a record of this answer other rdata, as for add_raw(), which lies elsewhere.
  void set_rdata(Record& record, std::span<const uint8_t> rdata);

  /// The octets of a name; `qname` is what kQname stands for.
  [[nodiscard]] NameView name(NameRef ref, NameView qname) const {
    return ref.size == 0 ? qname : NameView{octets_.data() + ref.offset, ref.size};
  }

 private:
  uint8_t* append(size_t size);
  uint8_t* append_option(OptionCode code, size_t size);
  void push(Section section, NameRef owner, RrType type, uint32_t ttl, uint32_t rdata_offset);
  void drop_few_repeats();
  [[nodiscard]] bool same(const Record& a, const Record& b) const;

  std::vector<Record> records_;
  std::vector<uint8_t> octets_;
  std::vector<uint8_t> options_;
  std::vector<uint32_t> repeats_table_;  // scratch of drop_repeats
};

}  // namespace fairlead::dns
