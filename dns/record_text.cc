#include "dns/record_text.h"

#include <algorithm>

#include "dns/type_table.h"

namespace fairlead::dns {
namespace {

std::string hex(std::span<const uint8_t> octets) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const uint8_t octet : octets) {
    text += kDigits[octet >> 4];
    text += kDigits[octet & 15];
  }
  return text;
}

std::string unknown(std::span<const uint8_t> rdata) {
  return "\\# " + std::to_string(rdata.size()) + (rdata.empty() ? "" : " " + hex(rdata));
}

// A character-string between quotes (RFC 1035 §5.1).
std::string quoted(std::span<const uint8_t> octets) {
  std::string text = "\"";
  for (const uint8_t octet : octets) {
    if (octet >= ' ' && octet < 0x7f) {
      if (octet == '"' || octet == '\\') text += '\\';
      text += static_cast<char>(octet);
      continue;
    }
    const std::string number = std::to_string(octet);
    text += "\\" + std::string(3 - number.size(), '0') + number;
  }
  return text + "\"";
}

std::string character_strings(std::span<const uint8_t> rdata) {
  std::string text;
  while (!rdata.empty()) {
    const size_t size = std::min<size_t>(rdata[0], rdata.size() - 1);
    text += (text.empty() ? "" : " ") + quoted(rdata.subspan(1, size));
    rdata = rdata.subspan(size + 1);
  }
  return text;
}

std::string number(std::span<const uint8_t> octets) {
  uint32_t value = 0;
  for (const uint8_t octet : octets) value = value << 8 | octet;
  return std::to_string(value);
}

// A whole field; empty when it has no form of its own.
std::string field_text(RdataField field, std::span<const uint8_t> octets) {
  switch (field) {
    case RdataField::U8:
    case RdataField::U16:
    case RdataField::U32:
      return number(octets);
    case RdataField::Address4:
    case RdataField::Address6:
      return IpAddress(octets).to_text();
    case RdataField::CompressibleName:
    case RdataField::WholeName:
    case RdataField::PlainName:
      return to_text(octets);
    case RdataField::String:
    case RdataField::Strings:
      return character_strings(octets);
    case RdataField::TypeBitmap:
    case RdataField::Octets:
    case RdataField::Opaque:
      return {};
  }
  return {};
}

}  // namespace

std::string rdata_text(RrType type, std::span<const uint8_t> rdata) {
  std::string text;
  std::span<const uint8_t> left = rdata;
  for (const RdataField field : layout_of(type)) {
    const size_t size = field_size(field, left);
    const std::string part = size == 0 ? std::string() : field_text(field, left.first(size));
    if (part.empty()) return unknown(rdata);
    text += (text.empty() ? "" : " ") + part;
    left = left.subspan(size);
  }
  return left.empty() ? text : unknown(rdata);
}

std::string to_text(const Answer& answer, const Record& record, NameView qname) {
  return to_text(answer.name(record.owner, qname)) + " " + std::to_string(record.ttl) + " " +
         to_text(answer.record_class) + " " + to_text(record.type) + " " +
         rdata_text(record.type, answer.rdata(record));
}

}  // namespace fairlead::dns
