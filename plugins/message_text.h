// Text with placeholders, "{type} {name}", and what they say of a query and its reply: the format
// of `log`, and what `dnstap` adds.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dns/address.h"
#include "dns/query.h"
#include "dns/types.h"

namespace fairlead::query {
class Walk;
}

namespace fairlead::plugins {

/// Type to Local describe the query, Id to BufSize too (written {>id}), the others the reply.
// clang-format off
enum class Field {
  Literal,  // Piece::text as it is
  Type, Class, Name, Proto, Size, Remote, Port, Local,
  Id, Opcode, Do, BufSize,
  Rcode, ResponseSize, Duration, ResponseFlags,
  Meta,  // {/LABEL}: Piece::text is LABEL
};
// clang-format on

struct Piece {
  Field field = Field::Literal;
  std::string text;
  friend bool operator==(const Piece&, const Piece&) = default;
};

/// Text with placeholders; an unknown one stays literal text.
std::vector<Piece> parse_format(std::string_view text);

/// What {/LABEL} stands for.
class LabelTexts {
 public:
  /// Appends the value of `label`, any octets; false when there is none.
  virtual bool tell(std::string_view label, std::string& out) const = 0;

 protected:
  ~LabelTexts() = default;
};

/// What a line can tell. Used within one call.
struct Entry {
  const dns::Query& query;
  dns::IpAddress remote;
  uint16_t remote_port = 0;
  dns::IpAddress local;             // the address that was asked
  std::optional<dns::Rcode> rcode;  // empty: nothing was answered
  uint16_t reply_flags = 0;         // the third and fourth octet of the reply's header
  size_t response_size = 0;  // uncompressed_size() of the answer, which is what CoreDNS prints
  std::chrono::nanoseconds duration{};
  const LabelTexts* labels = nullptr;  // null: there are none
};

/// Of what a client has asked, before it is answered. Both must outlive it.
Entry entry_of(const query::Walk& walk, const LabelTexts& labels);

/// Appends what one field says, "-" when it has nothing to say; no Literal or Meta.
void append_field(Field field, const Entry& entry, std::string& out);
/// Appends all fields of the format.
void append_message(std::span<const Piece> format, const Entry& entry, std::string& out);

}  // namespace fairlead::plugins
