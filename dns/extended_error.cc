#include "dns/extended_error.h"

#include "dns/reader.h"
#include "dns/types.h"

namespace fairlead::dns {
namespace {

constexpr uint16_t kExtendedError = 15;  // the EDNS option (RFC 8914 §2)

void skip_records(Reader& in, size_t count) {
  const auto ignore = [](NameView) { return true; };
  for (size_t i = 0; i < count && in.ok; ++i) {
    in.ok = walk_name(in, ignore) && in.ok;
    in.skip(8);
    in.skip(in.u16());
  }
}

// "15 (text)" from the OPT record, printable.
std::string read_options(Reader in) {
  while (in.ok && in.at < in.packet.size()) {
    const uint16_t code = in.u16();
    const uint16_t size = in.u16();
    if (!in.need(size)) return {};
    if (code != kExtendedError || size < 2) {
      in.skip(size);
      continue;
    }
    std::string text = std::to_string(in.u16());
    std::string words;
    for (size_t i = 2; i < size; ++i) {
      const uint8_t c = in.u8();
      words += c >= ' ' && c < 0x7f ? static_cast<char>(c) : '?';
    }
    if (!words.empty()) text.append(" (").append(words).append(")");
    return text;
  }
  return {};
}

}  // namespace

std::string read_extended_error(std::span<const uint8_t> packet) {
  Reader in{packet};
  in.skip(4);
  const uint16_t questions = in.u16();
  const size_t records = size_t{in.u16()} + in.u16();
  const uint16_t additional = in.u16();
  const auto ignore = [](NameView) { return true; };
  for (size_t i = 0; i < questions && in.ok; ++i) {
    in.ok = walk_name(in, ignore) && in.ok;
    in.skip(4);
  }
  skip_records(in, records);
  for (size_t i = 0; i < additional && in.ok; ++i) {
    in.ok = walk_name(in, ignore) && in.ok;
    const auto type = static_cast<RrType>(in.u16());
    in.skip(6);
    const uint16_t size = in.u16();
    if (!in.need(size)) break;
    if (type == RrType::Opt) return read_options({in.packet.first(in.at + size), in.at});
    in.skip(size);
  }
  return {};
}

}  // namespace fairlead::dns
