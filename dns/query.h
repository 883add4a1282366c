// One question as the answering code sees it.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>

#include "dns/name.h"
#include "dns/types.h"

namespace fairlead::dns {

/// How long a TCP connection may be idle unless its listener says otherwise, in 100 ms.
inline constexpr uint16_t kIdleLimit = 100;

/// The client's OPT record (RFC 6891).
struct Edns {
  uint8_t version = 0;
  uint16_t udp_size = 512;           // as sent; the renderer clamps it
  bool dnssec_ok = false;            // the DO bit (RFC 3225)
  bool tcp_keepalive = false;        // asked for edns-tcp-keepalive over TCP (RFC 7828)
  uint16_t idle_limit = kIdleLimit;  // of its connection, in 100 ms: what keepalive is told

  /// All options as they came, whole ones only (see OptionReader): a view into the packet. Empty
  /// for a version other than 0.
  std::span<const uint8_t> options;
};

/// The TSIG record of a query (RFC 8945 §4.2). Views point into the packet.
struct Tsig {
  NameView key_name;  // empty: it came compressed, and is to be read from `at`
  NameView algorithm;
  std::array<uint8_t, 8> time_and_fudge{};
  std::span<const uint8_t> mac;
  uint16_t original_id = 0;
  uint16_t error = 0;
  std::span<const uint8_t> other;
  size_t at = 0;  // where the record begins: what stands in front was signed
};

/// A parsed query. Views point into the packet it was read from, which must outlive it; in a copy
/// that outlives the packet, qname, edns.options and tsig must not be read before they are set
/// anew.
struct Query {
  uint16_t id = 0;
  Opcode opcode = Opcode::Query;
  bool recursion_desired = false;
  bool authentic_data = false;
  bool checking_disabled = false;
  Transport transport = Transport::Udp;

  bool has_question = false;
  NameView qname;    // case as sent
  Name lower_qname;  // folded, for every comparison
  RrType qtype = RrType::A;
  RrClass qclass = RrClass::In;

  bool has_edns = false;
  Edns edns;
  bool has_tsig = false;
  Tsig tsig;

  bool has_soa = false;     // one stands in the authority section, as in an IXFR (RFC 1995 §3)
  uint32_t soa_serial = 0;  // its serial

  uint16_t size = 0;  // octets of the request, for metrics and logs

  /// Where each label of lower_qname starts, leftmost first; label_count of them are set. One more
  /// than a name has: that it is too long shows behind its last label.
  std::array<uint8_t, kMaxLabels + 1> label_at{};
  uint8_t label_count = 0;

  /// Makes `name` the question's name: sets qname (a view), lower_qname and the labels. `name` must
  /// be well formed.
  void set_name(NameView name) {
    label_count = 0;
    for (size_t at = 0; name[at] != 0; at += name[at] + 1U)
      label_at[label_count++] = static_cast<uint8_t>(at);
    set_folded(name);
  }
  /// The same when the labels are set already.
  void set_folded(NameView name) {
    qname = name;
    lower_qname.set_lowered(name);
  }

  /// The i-th label from the left.
  [[nodiscard]] std::string_view label(size_t i) const {
    const uint8_t* at = lower_qname.view().data() + label_at[i];
    return {reinterpret_cast<const char*>(at + 1), *at};
  }

  /// That label is `text`, in lower case.
  template <size_t kSize>
  [[nodiscard]] bool label_is(size_t i, const char (&text)[kSize]) const {
    const uint8_t* at = lower_qname.view().data() + label_at[i];
    return *at == kSize - 1 && std::memcmp(at + 1, text, kSize - 1) == 0;
  }

  /// How many labels the name has in front of `zone`, which is in lower case; none when it is
  /// neither `zone` nor below it.
  [[nodiscard]] std::optional<size_t> labels_in_front_of(NameView zone) const {
    const NameView name = lower_qname.view();
    if (name.size() < zone.size()) return std::nullopt;
    const size_t start = name.size() - zone.size();
    if (std::memcmp(name.data() + start, zone.data(), zone.size()) != 0) return std::nullopt;
    size_t labels = label_count;
    while (labels > 0 && label_at[labels - 1] >= start) --labels;
    // The octets may match from the middle of a label on; the root begins where no label does.
    const bool begins_here =
        zone.size() == 1 || (labels < label_count && label_at[labels] == start);
    return begins_here ? std::optional(labels) : std::nullopt;
  }
};

}  // namespace fairlead::dns
