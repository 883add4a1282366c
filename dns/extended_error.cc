#include "dns/extended_error.h"

#include "dns/edns_option.h"
#include "dns/printable.h"
#include "dns/record_reader.h"
#include "dns/types.h"

namespace fairlead::dns {
namespace {

// "15 (text)" from the OPT record, printable.
std::string read_options(std::span<const uint8_t> options) {
  OptionReader reader(options);
  while (const auto option = reader.next()) {
    if (option->code != OptionCode::ExtendedError || option->data.size() < 2) continue;
    std::string text = std::to_string(option->data[0] << 8 | option->data[1]);
    const auto octets = option->data.subspan(2);
    const std::string words =
        printable({reinterpret_cast<const char*>(octets.data()), octets.size()});
    if (!words.empty()) text.append(" (").append(words).append(")");
    return text;
  }
  return {};
}

}  // namespace

std::string read_extended_error(std::span<const uint8_t> packet) {
  RecordReader records(packet);
  for (RecordAt record; records.next(record);)
    if (record.type == RrType::Opt && record.section == Section::Additional)
      return read_options(packet.subspan(record.rdata_at, record.rdata_size));
  return {};
}

}  // namespace fairlead::dns
