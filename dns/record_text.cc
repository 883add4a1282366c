#include "dns/record_text.h"

#include "dns/reader.h"

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

// A name without compression; `reader.ok` tells whether it could be read.
std::string read_name_text(Reader& reader) {
  size_t end = reader.at;
  while (end < reader.packet.size() && reader.packet[end] != 0 &&
         reader.packet[end] <= kMaxLabelSize)
    end += reader.packet[end] + 1U;
  const size_t size = end + 1 - reader.at;
  const bool whole = end < reader.packet.size() && reader.packet[end] == 0;
  if (!whole || size > kMaxNameSize) {
    reader.ok = false;
    return {};
  }
  const NameView name = reader.packet.subspan(reader.at, size);
  reader.at += size;
  return to_text(name);
}

std::string numbers(Reader& reader, int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += std::to_string(reader.u16()) + " ";
  return text;
}

std::string structured(RrType type, Reader& reader) {
  switch (type) {
    case RrType::Ns:
    case RrType::Cname:
    case RrType::Ptr:
    case RrType::Dname:
      return read_name_text(reader);
    case RrType::Mx: {
      const std::string preference = numbers(reader, 1);
      return preference + read_name_text(reader);
    }
    case RrType::Srv: {
      const std::string fields = numbers(reader, 3);
      return fields + read_name_text(reader);
    }
    case RrType::Soa: {
      std::string text = read_name_text(reader);
      text += " " + read_name_text(reader);
      for (int i = 0; i < 5; ++i) text += " " + std::to_string(reader.u32());
      return text;
    }
    default:
      reader.ok = false;
      return {};
  }
}

}  // namespace

std::string rdata_text(RrType type, std::span<const uint8_t> rdata) {
  const bool address =
      (type == RrType::A && rdata.size() == 4) || (type == RrType::Aaaa && rdata.size() == 16);
  if (address) return IpAddress(rdata).to_text();
  if (type == RrType::Txt && !rdata.empty()) return character_strings(rdata);
  Reader reader{rdata};
  std::string text = structured(type, reader);
  return reader.ok && reader.at == rdata.size() ? text : unknown(rdata);
}

std::string to_text(const Answer& answer, const Record& record, NameView qname) {
  return to_text(answer.name(record.owner, qname)) + " " + std::to_string(record.ttl) + " IN " +
         to_text(record.type) + " " + rdata_text(record.type, answer.rdata(record));
}

}  // namespace fairlead::dns
