#include "plugins/log/setup.h"

#include <utility>

namespace fairlead::plugins::log {

const std::string_view kCommonFormat =
    "{remote}:{port} - {>id} \"{type} {class} {name} {proto} {size} {>do} {>bufsize}\" {rcode} "
    "{>rflags} {rsize} "
    "{duration}";
const std::string_view kCombinedFormat =
    "{remote}:{port} - {>id} \"{type} {class} {name} {proto} {size} {>do} {>bufsize}\" {rcode} "
    "{>rflags} {rsize} "
    "{duration} \"{>opcode}\"";

namespace {

void replace_all(std::string& text, std::string_view what, std::string_view with) {
  for (size_t at = text.find(what); at != std::string::npos;
       at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
}

constexpr size_t kMaxFormat = 10'000;

// The rules of one line: a format is only what comes after a zone and holds a brace.
std::vector<Rule> parse_line(corefile::Cursor& cursor) {
  std::vector<std::string> args = cursor.remaining_args();
  std::string format(kCommonFormat);
  if (args.size() > 1 && args.back().find('{') != std::string::npos) {
    format = args.back();
    args.pop_back();
    if (format.size() > kMaxFormat) throw cursor.error("the log format is too long");
    replace_all(format, "{common}", kCommonFormat);
    replace_all(format, "{combined}", kCombinedFormat);
  }
  const std::vector<Piece> pieces = parse_format(format);
  std::vector<Rule> rules;
  for (std::string& zone : corefile::zone_arguments(cursor, args, {"."})) {
    rules.push_back({std::move(zone), pieces, kAll});
  }
  return rules;
}

uint8_t parse_classes(corefile::Cursor& cursor) {
  if (cursor.value() != "class") throw cursor.unknown_property({"class"});
  const std::vector<std::string> words = cursor.remaining_args();
  if (words.empty()) throw cursor.arg_error();
  unsigned classes = 0;
  for (const std::string& word : words) {
    if (word == "success") {
      classes |= kSuccess;
    } else if (word == "denial") {
      classes |= kDenial;
    } else if (word == "error") {
      classes |= kError;
    } else if (word == "all") {
      classes |= kAll;
    } else {
      throw cursor.error("invalid Class: " + word);
    }
  }
  return static_cast<uint8_t>(classes);
}

}  // namespace

Options parse(corefile::Cursor& cursor) {
  Options options;
  while (cursor.next()) {
    std::vector<Rule> rules = parse_line(cursor);
    unsigned classes = 0;
    while (cursor.next_block()) classes |= parse_classes(cursor);
    for (Rule& rule : rules) {
      if (classes != 0) rule.classes = static_cast<uint8_t>(classes);
      options.rules.push_back(std::move(rule));
    }
  }
  return options;
}

}  // namespace fairlead::plugins::log
