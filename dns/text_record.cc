#include "dns/text_record.h"

#include <algorithm>
#include <array>
#include <optional>

#include "dns/name_text.h"
#include "dns/numbers.h"
#include "dns/record_words.h"
#include "dns/text_octets.h"
#include "dns/types.h"

namespace fairlead::dns {
namespace {

bool same_word(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) {
    return lower(static_cast<uint8_t>(x)) == lower(static_cast<uint8_t>(y));
  });
}

// "TYPE255", "CLASS3" (RFC 3597 §5)
bool is_numbered(std::string_view word, std::string_view front) {
  return same_word(word.substr(0, front.size()), front);
}

bool is_instruction(std::string_view word) {
  static constexpr std::array<std::string_view, 4> kAll{"$TTL", "$ORIGIN", "$INCLUDE", "$GENERATE"};
  return std::ranges::any_of(kAll, [word](std::string_view one) { return same_word(one, word); });
}

// What may be asked, but is no type of a record that a zone has (RFC 6895 §3.1).
bool is_no_record(RrType type) {
  const auto number = static_cast<uint16_t>(type);
  constexpr uint16_t kNxName = 128;  // of bitmaps alone (RFC 9824 §3.4)
  return number == 0 || type == RrType::Opt || number == kNxName ||
         (number >= 249 && number <= 255);
}

// RFC 6895 §3.2
bool is_no_record(RrClass rr_class) {
  const auto number = static_cast<uint16_t>(rr_class);
  return number == 0 || number >= 254;
}

}  // namespace

std::optional<RrClass> rr_class_from_text(std::string_view text) {
  for (const RrClass known : {RrClass::In, RrClass::Ch, RrClass::Hs, RrClass::None, RrClass::Any}) {
    if (same_word(to_text(known), text)) return known;
  }
  constexpr std::string_view kNumbered = "CLASS";
  if (!is_numbered(text, kNumbered)) return std::nullopt;
  const auto number = number_from_text(text.substr(kNumbered.size()), 65535);
  if (!number) return std::nullopt;
  return static_cast<RrClass>(*number);
}

std::string TextRecord::read_owner(RecordWords& words, const RecordDefaults& defaults) {
  const bool omitted = words.begins_blank();
  if (omitted && defaults.owner != nullptr) {
    owner_ = *defaults.owner;
    return {};
  }
  const RecordWord word = words.next();
  if (word.ends()) return "dns: the text holds no record";
  if (omitted) return problem_with(word, "no owner name");
  if (!word.plain()) return problem_with(word, "syntax error at beginning");
  if (words.peek().ends()) return problem_with(word, "not a TTL");
  const auto name = name_from_text(word.text, defaults.origin);
  if (!name) return problem_with(word, "bad owner name");
  owner_ = *name;
  return {};
}

std::string TextRecord::read_type(const RecordWord& word, RrType type, bool lacks_ttl) {
  type_ = type;
  if (is_no_record(type)) {
    can_be_left_out_ = is_numbered(word.text, "TYPE");
    return problem_with(word, "no type of a record");
  }
  if (lacks_ttl && type != RrType::Soa)
    return problem_with(word, "missing TTL with no previous value");
  return {};
}

// TTL, class, type.
std::string TextRecord::read_head(RecordWords& words, const RecordDefaults& defaults) {
  bool of_class = false;
  for (;;) {
    const RecordWord word = words.next();
    if (!word.plain()) return problem_with(word, "expecting RR type, TTL or class, not this...");
    const auto rr_class = of_class ? std::nullopt : rr_class_from_text(word.text);
    if (rr_class) {
      if (is_no_record(*rr_class)) {
        can_be_left_out_ = rr_class == RrClass::None || is_numbered(word.text, "CLASS");
        return problem_with(word, "no class of a record");
      }
      class_ = *rr_class;
      of_class = true;
    } else if (const auto type = rr_type_from_text(word.text)) {
      return read_type(word, *type, !own_ttl_ && !defaults.ttl && !of_class);
    } else if (own_ttl_) {
      return problem_with(word,
                          of_class ? "unknown RR type" : "expecting RR type or class, not this...");
    } else {
      const auto seconds = period_from_text(word.text);
      if (!seconds) return problem_with(word, "not a TTL");
      ttl_ = *seconds;
      own_ttl_ = true;
    }
  }
}

std::string TextRecord::read(std::string_view text) {
  static const Name kRoot;
  if (text.size() > kMaxText) return "dns: the text of a record is too long";
  RecordWords words(text);
  const RecordWord first = words.peek();
  if (!words.begins_blank() && first.plain() && is_instruction(first.text))
    return problem_with(first, "a directive is not allowed");
  return read(words, {.origin = kRoot.view(), .owner = nullptr, .ttl = kUsualTtl});
}

std::string TextRecord::read(RecordWords& words, const RecordDefaults& defaults) {
  ttl_ = defaults.ttl.value_or(0);
  own_ttl_ = false;
  class_ = RrClass::In;
  can_be_left_out_ = false;
  reader_.set_origin(defaults.origin);
  std::string wrong = read_owner(words, defaults);
  if (wrong.empty()) wrong = read_head(words, defaults);
  if (wrong.empty()) {
    wrong = reader_.read(type_, words, rdata_);
    can_be_left_out_ = !wrong.empty() && reader_.failed_unchecked();
  }
  if (!wrong.empty() || own_ttl_ || defaults.ttl || type_ != RrType::Soa) return wrong;
  ttl_ = soa_minimum(rdata_);
  return {};
}

}  // namespace fairlead::dns
