#include "dns/record_text.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <ctime>
#include <optional>
#include <string_view>

#include "dns/name_text.h"
#include "dns/numbers.h"
#include "dns/rdata_forms.h"
#include "dns/rdata_layout.h"

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

std::string word_of(NameView name) {
  std::string word;
  append_word(name, word);
  return word;
}

uint32_t number(std::span<const uint8_t> octets) {
  return static_cast<uint32_t>(number_of(octets));
}

// `bits` at a time as digits, the last ones filled up with zeros.
std::string digits(std::span<const uint8_t> octets, unsigned bits, std::string_view alphabet) {
  std::string text;
  uint32_t left = 0;
  unsigned count = 0;
  const auto digit = [&](unsigned shift) { text += alphabet[left >> shift & ((1U << bits) - 1)]; };
  for (const uint8_t octet : octets) {
    left = left << 8 | octet;
    for (count += 8; count >= bits; count -= bits) digit(count - bits);
  }
  if (count == 0) return text;
  left <<= bits - count;
  digit(0);
  return text;
}

std::string base64(std::span<const uint8_t> octets) {
  std::string text =
      digits(octets, 6, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
  text.append((4 - text.size() % 4) % 4, '=');
  return text;
}

// YYYYMMDDHHmmSS (RFC 4034 §3.2)
std::string time_text(uint32_t seconds) {
  const auto at = static_cast<time_t>(seconds);
  std::tm parts{};
  gmtime_r(&at, &parts);
  std::array<char, 16> text{};
  return {text.data(), std::strftime(text.data(), text.size(), "%Y%m%d%H%M%S", &parts)};
}

// RFC 4034 §4.1.2
std::string bitmap_text(std::span<const uint8_t> octets) {
  std::string text;
  while (octets.size() > 2 && octets.size() - 2 >= octets[1]) {
    const auto bitmap = octets.subspan(2, octets[1]);
    for (size_t bit = 0; bit < bitmap.size() * 8; ++bit) {
      const auto type = static_cast<RrType>(octets[0] << 8 | bit);
      if ((bitmap[bit / 8] & 0x80U >> bit % 8) != 0)
        text += (text.empty() ? "" : " ") + to_text(type);
    }
    octets = octets.subspan(2 + bitmap.size());
  }
  return text;
}

// What is written as octets (RFC 3597 §5), though it is read in a form of its own.
bool has_no_text(RdataForm form) {
  switch (form) {
    case RdataForm::Params:
    case RdataForm::Eui48:
    case RdataForm::Eui64:
    case RdataForm::Locator:
    case RdataForm::Location:
    case RdataForm::Prefixes:
    case RdataForm::HostIdentity:
    case RdataForm::Relay:
    case RdataForm::IpsecKey:
    case RdataForm::LowTypes:
      return true;
    default:
      return false;
  }
}

// Rdata, field by field.
class RdataText {
 public:
  explicit RdataText(std::span<const uint8_t> rdata) : left_(rdata) {}

  // False when the field does not stand there whole, or has no text here.
  bool add(RdataForm form) {
    const auto octets = take(form);
    if (!octets) return false;
    const std::string part = text_of(form, *octets);
    text_ += (text_.empty() || part.empty() ? "" : " ") + part;
    return true;
  }
  [[nodiscard]] bool is_whole() const { return left_.empty(); }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  [[nodiscard]] size_t size_of(RdataForm form) const {
    switch (form) {
      case RdataForm::U8:
      case RdataForm::Algorithm:
        return 1;
      case RdataForm::U16:
      case RdataForm::Type:
      case RdataForm::CertificateType:
        return 2;
      case RdataForm::U32:
      case RdataForm::Period:
      case RdataForm::Time:
      case RdataForm::Address4:
        return 4;
      case RdataForm::Address6:
        return 16;
      case RdataForm::Name:
        return plain_name_size(left_);
      case RdataForm::String:
      case RdataForm::Tag:
      case RdataForm::HexWord:
      case RdataForm::Base32Word:
        return left_.empty() ? 0 : left_[0] + size_t{1};
      case RdataForm::HostInfo:
        return two_strings();
      default:
        return left_.size();
    }
  }

  // 0 when they do not stand there whole.
  [[nodiscard]] size_t two_strings() const {
    const size_t first = field_size(RdataField::String, left_);
    const size_t second = field_size(RdataField::String, left_.subspan(first));
    return first == 0 || second == 0 ? 0 : first + second;
  }

  std::optional<std::span<const uint8_t>> take(RdataForm form) {
    const size_t size = size_of(form);
    const bool may_be_empty = form == RdataForm::Types || form == RdataForm::Text;
    if (size > left_.size() || (size == 0 && !may_be_empty) || has_no_text(form))
      return std::nullopt;
    const auto octets = left_.first(size);
    left_ = left_.subspan(size);
    return octets;
  }

  static std::string text_of(RdataForm form, std::span<const uint8_t> octets) {
    switch (form) {
      case RdataForm::Time:
        return time_text(number(octets));
      case RdataForm::Address4:
      case RdataForm::Address6:
        return IpAddress(octets).to_text();
      case RdataForm::Name:
        return word_of(NameView(octets));
      case RdataForm::String:
      case RdataForm::Strings:
      case RdataForm::HostInfo:
        return character_strings(octets);
      case RdataForm::Tag:
        return {octets.begin() + 1, octets.end()};
      case RdataForm::Text:
        return quoted(octets);
      case RdataForm::Hex:
        return hex(octets);
      case RdataForm::HexWord:
        return octets.size() == 1 ? "-" : hex(octets.subspan(1));
      case RdataForm::Base64:
        return base64(octets);
      case RdataForm::Base32Word:
        return digits(octets.subspan(1), 5, "0123456789abcdefghijklmnopqrstuv");
      case RdataForm::Type:
        return to_text(static_cast<RrType>(number(octets)));
      case RdataForm::Types:
        return bitmap_text(octets);
      default:
        return std::to_string(number(octets));
    }
  }

  std::span<const uint8_t> left_;
  std::string text_;
};

bool is_tag(std::span<const uint8_t> octets) {
  return !octets.empty() &&
         std::ranges::all_of(octets, [](uint8_t octet) { return std::isalnum(octet) != 0; });
}

// A tag of other octets could not be read again.
bool has_strange_tag(RrType type, std::span<const uint8_t> rdata) {
  constexpr RrType kCaa{257};
  return type == kCaa && rdata.size() > 2 && rdata.size() - 2 >= rdata[1] &&
         !is_tag(rdata.subspan(2, rdata[1]));
}

}  // namespace

std::string rdata_text(RrType type, std::span<const uint8_t> rdata) {
  const FormOfType* const form = find_form(type);
  if (form == nullptr || has_strange_tag(type, rdata)) return unknown(rdata);
  RdataText text(rdata);
  for (const FormField& field : *form) {
    if (!text.add(field.form)) return unknown(rdata);
  }
  return text.is_whole() ? text.text() : unknown(rdata);
}

std::string to_text(const Answer& answer, const Record& record, NameView qname) {
  return word_of(answer.name(record.owner, qname)) + " " + std::to_string(record.ttl) + " " +
         to_text(answer.record_class) + " " + to_text(record.type) + " " +
         rdata_text(record.type, answer.rdata(record));
}

void append_zone_line(NameView owner, RrType type, uint32_t ttl, std::span<const uint8_t> rdata,
                      std::string& out) {
  out += word_of(owner) + " " + std::to_string(ttl) + " " + to_text(RrClass::In) + " " +
         to_text(type) + " " + rdata_text(type, rdata) + "\n";
}

}  // namespace fairlead::dns
