#include "dns/extended_error.h"

#include "dns/edns_option.h"
#include "dns/reader.h"
#include "dns/types.h"

namespace fairlead::dns {
namespace {

void skip_records(Reader& in, size_t count) {
  const auto ignore = [](NameView) { return true; };
  for (size_t i = 0; i < count && in.ok; ++i) {
    in.ok = walk_name(in, ignore) && in.ok;
    in.skip(8);
    in.skip(in.u16());
  }
}

// "15 (text)" from the OPT record, printable.
std::string read_options(std::span<const uint8_t> options) {
  OptionReader reader(options);
  while (const auto option = reader.next()) {
    if (option->code != OptionCode::ExtendedError || option->data.size() < 2) continue;
    std::string text = std::to_string(option->data[0] << 8 | option->data[1]);
    std::string words;
    for (const uint8_t c : option->data.subspan(2)) {
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
    if (type == RrType::Opt) return read_options(in.packet.subspan(in.at, size));
    in.skip(size);
  }
  return {};
}

}  // namespace fairlead::dns
