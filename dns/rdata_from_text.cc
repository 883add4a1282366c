#include "dns/rdata_from_text.h"

#include <algorithm>
#include <cstdint>
#include <span>

#include "dns/address.h"
#include "dns/name.h"
#include "dns/name_text.h"
#include "dns/rdata_forms.h"
#include "dns/rdata_words.h"
#include "dns/type_table.h"

namespace fairlead::dns {
namespace {

constexpr size_t kMaxString = 255;

bool takes_rest(RdataForm form) {
  switch (form) {
    case RdataForm::Strings:
    case RdataForm::Hex:
    case RdataForm::Base64:
    case RdataForm::Types:
    case RdataForm::LowTypes:
    case RdataForm::Params:
    case RdataForm::Location:
    case RdataForm::Prefixes:
    case RdataForm::HostIdentity:
    case RdataForm::Relay:
    case RdataForm::IpsecKey:
    case RdataForm::HostInfo:
      return true;
    default:
      return false;
  }
}

// May be followed by nothing at all.
bool may_be_empty(RdataForm form) {
  return form == RdataForm::Types || form == RdataForm::LowTypes || form == RdataForm::Params ||
         form == RdataForm::Prefixes;
}

// RFC 8659 §4.1 has letters and digits only; who asks for certificates passes over what it does
// not know.
bool is_in_tag(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
}

// Rdata of a type with a layout is what that says, also when it was written in octets.
bool fits_layout(RrType type, std::span<const uint8_t> rdata) {
  for (const RdataField field : layout_of(type)) {
    const size_t size = field_size(field, rdata);
    const bool empty = field == RdataField::Opaque || field == RdataField::TypeBitmap;
    if (size == 0 && !empty) return false;
    rdata = rdata.subspan(size);
  }
  return rdata.empty();
}

}  // namespace

bool RdataFromText::put_number(std::optional<uint32_t> number, size_t octets) {
  if (!number) return false;
  for (size_t i = octets; i-- > 0;) rdata_->push_back(static_cast<uint8_t>(*number >> 8 * i));
  return true;
}

bool RdataFromText::put_type(std::optional<RrType> type) {
  return type && put_number(static_cast<uint16_t>(*type), 2);
}

bool RdataFromText::put_name(const RecordWord& word) {
  const auto name = name_from_text(word.text, origin_);
  if (!name) return false;
  rdata_->insert(rdata_->end(), name->view().begin(), name->view().end());
  return true;
}

bool RdataFromText::put_address(const RecordWord& word, bool v6) {
  const auto address = IpAddress::from_text(word.text);
  if (!address || address->is_v6() != v6) return false;
  rdata_->insert(rdata_->end(), address->octets().begin(), address->octets().end());
  return true;
}

bool RdataFromText::put_string(const RecordWord& word, bool in_pieces) {
  text_.clear();
  if (!append_unescaped(word.text, text_)) return false;
  if (text_.size() > kMaxString && !in_pieces) return false;
  std::string_view left = text_;
  do {
    const std::string_view piece = left.substr(0, kMaxString);
    rdata_->push_back(static_cast<uint8_t>(piece.size()));
    rdata_->insert(rdata_->end(), piece.begin(), piece.end());
    left.remove_prefix(piece.size());
  } while (!left.empty());
  return true;
}

// Octets in one word, behind their number.
bool RdataFromText::put_counted(RdataForm form, const RecordWord& word) {
  const size_t at = rdata_->size();
  rdata_->push_back(0);
  bool good = true;
  if (form == RdataForm::Tag) {
    good = !word.text.empty() && std::ranges::all_of(word.text, is_in_tag);
    rdata_->insert(rdata_->end(), word.text.begin(), word.text.end());
  } else if (form == RdataForm::Base32Word) {
    good = append_base32(word.text, *rdata_);
  } else if (word.text != "-") {
    good = append_hex(word.text, *rdata_);
  }
  const size_t size = rdata_->size() - at - 1;
  (*rdata_)[at] = static_cast<uint8_t>(size);
  return good && size <= kMaxString;
}

bool RdataFromText::read_one(RdataForm form, const RecordWord& word) {
  if (form == RdataForm::String) return put_string(word, false);
  if (form == RdataForm::Text) {
    text_.clear();
    if (!append_unescaped(word.text, text_)) return false;
    rdata_->insert(rdata_->end(), text_.begin(), text_.end());
    return true;
  }
  if (!word.plain()) return false;
  switch (form) {
    case RdataForm::U8:
      return put_number(number_from_text(word.text, UINT8_MAX), 1);
    case RdataForm::U16:
      return put_number(number_from_text(word.text, UINT16_MAX), 2);
    case RdataForm::U32:
      return put_number(number_from_text(word.text, UINT32_MAX), 4);
    case RdataForm::Period:
      return put_number(period_from_text(word.text), 4);
    case RdataForm::Time:
      return put_number(time_from_text(word.text), 4);
    case RdataForm::Algorithm:
      return put_number(algorithm_from_text(word.text), 1);
    case RdataForm::CertificateType:
      return put_number(certificate_type_from_text(word.text), 2);
    case RdataForm::Eui48:
    case RdataForm::Eui64:
      return append_hardware_address(word.text, form == RdataForm::Eui48 ? 6 : 8, *rdata_);
    case RdataForm::Locator:
      return append_locator(word.text, *rdata_);
    case RdataForm::Address4:
    case RdataForm::Address6:
      return put_address(word, form == RdataForm::Address6);
    case RdataForm::Name:
      return put_name(word);
    case RdataForm::Type:
      return put_type(rr_type_from_text(word.text));
    default:
      return put_counted(form, word);
  }
}

bool RdataFromText::add_rest(RdataForm form, const RecordWord& word, RecordWords& words) {
  if (form == RdataForm::Strings) return put_string(word, true);
  if (form == RdataForm::HostInfo) return append_unescaped(word.text, all_.emplace_back());
  if (!word.plain()) return false;
  switch (form) {
    case RdataForm::Hex:
      text_ += word.text;
      return true;
    case RdataForm::Base64:
      return base64_.add(word.text, *rdata_);
    case RdataForm::Types:
    case RdataForm::LowTypes: {
      const auto type = rr_type_from_text(word.text);
      if (type) types_.push_back(*type);
      return type.has_value();
    }
    case RdataForm::Params:
      return params_.add(word, words);
    default:
      all_.emplace_back(word.text);
      return true;
  }
}

// What is read when all words are there.
bool RdataFromText::put_words(RdataForm form) {
  switch (form) {
    case RdataForm::Location:
      return append_location(all_, *rdata_);
    case RdataForm::Prefixes:
      return append_prefixes(all_, *rdata_);
    case RdataForm::HostIdentity:
      return append_host_identity(all_, origin_, *rdata_);
    case RdataForm::Relay:
      return append_relay(all_, origin_, *rdata_);
    case RdataForm::IpsecKey:
      return append_ipsec_key(all_, origin_, *rdata_);
    case RdataForm::HostInfo:
      return append_host_info(all_, *rdata_);
    default:
      return true;
  }
}

// What CoreDNS reads as words, and sees what they mean when it sends them.
bool RdataFromText::is_unchecked(RdataForm form) const {
  if (word_.kind == RecordWord::Kind::Broken) return false;
  switch (form) {
    case RdataForm::Hex:
    case RdataForm::Base64:
      return true;
    case RdataForm::String:
    case RdataForm::Strings:
    case RdataForm::Text:
    case RdataForm::HostInfo:
      return !word_.ends();
    case RdataForm::Params:
      return all_read_;
    default:
      return false;
  }
}

bool RdataFromText::read_rest(RdataForm form, RecordWords& words) {
  text_.clear();
  types_.clear();
  params_.clear();
  all_.clear();
  base64_ = {};
  all_read_ = false;
  bool any = false;
  for (RecordWord next = words.next(); !next.ends(); next = words.next()) {
    word_ = next;
    if (next.kind == RecordWord::Kind::Broken || !add_rest(form, next, words)) return false;
    any = true;
  }
  all_read_ = true;
  if (!any && !may_be_empty(form)) {
    word_ = words.next();
    return false;
  }
  switch (form) {
    case RdataForm::Hex:
      return append_hex(text_, *rdata_);
    case RdataForm::Base64:
      return base64_.finish();
    case RdataForm::Types:
      append_bitmap(types_, *rdata_);
      return true;
    case RdataForm::LowTypes:
      return append_low_bitmap(types_, *rdata_);
    case RdataForm::Params:
      return params_.write(*rdata_);
    default:
      return put_words(form);
  }
}

bool RdataFromText::read_field(RdataForm form, RecordWords& words) {
  if (takes_rest(form)) return read_rest(form, words);
  word_ = words.next();
  if (word_.ends() || word_.kind == RecordWord::Kind::Broken) return false;
  return read_one(form, word_);
}

// A text may say "\#" as well: a number follows where it has the meaning of RFC 3597 §5.
bool RdataFromText::is_unknown_form(RecordWords ahead, bool has_own_form) {
  const RecordWord mark = ahead.next();
  if (!mark.plain() || mark.text != "\\#") return false;
  const RecordWord size = ahead.next();
  return !has_own_form || !size.plain() || number_from_text(size.text.substr(0, 1), 9).has_value();
}

// "\# SIZE HEX" (RFC 3597 §5), for types that are known, too.
std::string RdataFromText::read_unknown(RrType type, RecordWords& words) {
  words.next();
  word_ = words.next();
  const auto size = number_from_text(word_.plain() ? word_.text : "", 65535);
  if (!size) return problem_with(word_, "bad RFC3597 Rdata");
  text_.clear();
  for (RecordWord next = words.next(); !next.ends(); next = words.next()) {
    word_ = next;
    if (!next.plain()) return problem_with(next, "bad RFC3597 Rdata");
    text_ += next.text;
  }
  if (!append_hex(text_, *rdata_) || rdata_->size() != *size || !fits_layout(type, *rdata_))
    return problem_with(word_, "bad RFC3597 Rdata");
  return {};
}

std::string RdataFromText::read(RrType type, RecordWords& words, std::vector<uint8_t>& rdata) {
  rdata.clear();
  rdata_ = &rdata;
  unchecked_ = false;
  const FormOfType* form = find_form(type);
  if (is_unknown_form(words, form != nullptr)) return read_unknown(type, words);
  if (form == nullptr)
    return problem_with(words.next(),
                        "rdata of type " + to_text(type) + " is written as \\# SIZE HEX");
  for (const FormField& field : *form) {
    if (read_field(field.form, words)) continue;
    const bool is_last = rdata.empty() && word_.ends() && words.at_last_line_end();
    unchecked_ = is_last || is_unchecked(field.form);
    return problem_with(word_, "bad " + to_text(type) + " " + std::string(field.name));
  }
  const RecordWord behind = words.next();
  if (!behind.ends()) return problem_with(behind, "garbage after rdata");
  if (rdata.size() > 65535) return problem_with(behind, "rdata is too long");
  return {};
}

}  // namespace fairlead::dns
