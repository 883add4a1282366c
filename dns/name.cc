#include "dns/name.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "dns/address.h"
#include "dns/name_text.h"

namespace fairlead::dns {
namespace {

constexpr uint8_t kInAddrArpa[] = {7, 'i', 'n', '-', 'a', 'd', 'd', 'r', 4, 'a', 'r', 'p', 'a', 0};
constexpr uint8_t kIp6Arpa[] = {3, 'i', 'p', '6', 4, 'a', 'r', 'p', 'a', 0};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// One character of presentation form at `text[i]`, escapes resolved; `i` moves behind it. -1 when
// the escape is broken.
int read_character(std::string_view text, size_t& i) {
  if (text[i] != '\\') return static_cast<uint8_t>(text[i++]);
  if (i + 1 >= text.size()) return -1;
  if (!is_digit(text[i + 1])) {
    i += 2;
    return static_cast<uint8_t>(text[i - 1]);
  }
  if (i + 3 >= text.size() || !is_digit(text[i + 2]) || !is_digit(text[i + 3])) return -1;
  const int value = (text[i + 1] - '0') * 100 + (text[i + 2] - '0') * 10 + (text[i + 3] - '0');
  i += 4;
  return value > 255 ? -1 : value;
}

bool is_plain(uint8_t c) {
  return c > ' ' && c < 0x7f && c != '.' && c != '\\' && c != '"';
}

void append_escaped(std::string& out, uint8_t c) {
  if (is_plain(c)) {
    out += static_cast<char>(c);
  } else if (c == '.' || c == '\\' || c == '"') {
    out += '\\';
    out += static_cast<char>(c);
  } else {
    out += '\\';
    out += static_cast<char>('0' + c / 100);
    out += static_cast<char>('0' + c / 10 % 10);
    out += static_cast<char>('0' + c % 10);
  }
}

// lower() of eight octets at once: the high bit of each says whether it is 'A' to 'Z'.
void lower_word(const uint8_t* from, uint8_t* to) {
  constexpr uint64_t kEach = 0x0101010101010101;
  uint64_t word = 0;
  std::memcpy(&word, from, sizeof word);
  const uint64_t seven = word & (0x7f * kEach);
  const uint64_t from_a = seven + (0x80 - 'A') * kEach;
  const uint64_t behind_z = seven + (0x7f - 'Z') * kEach;
  word |= ((from_a ^ behind_z) & ~word & (0x80 * kEach)) >> 2;
  std::memcpy(to, &word, sizeof word);
}

int hex_digit(uint8_t c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

// "12" -> 12; -1 for anything that is not 0–255 without leading zeros.
int decimal_octet(std::span<const uint8_t> label) {
  if (label.empty() || label.size() > 3 || (label.size() > 1 && label[0] == '0')) return -1;
  int value = 0;
  for (const uint8_t c : label) {
    if (c < '0' || c > '9') return -1;
    value = value * 10 + (c - '0');
  }
  return value > 255 ? -1 : value;
}

// `plain(octet)`: it stands for itself; `escape(octet)` appends any.
template <typename Plain, typename Escape>
void append_labels(NameView name, std::string& out, Plain plain, Escape escape) {
  if (name.size() <= 1) out += '.';
  for (size_t at = 0; name[at] != 0; at += name[at] + 1U) {
    const NameView label = name.subspan(at + 1, name[at]);
    if (std::ranges::all_of(label, plain)) {  // nearly every one
      out.append(reinterpret_cast<const char*>(label.data()), label.size());
    } else {
      std::ranges::for_each(label, escape);
    }
    out += '.';
  }
}

std::optional<IpAddress> v4_from_reverse(NameView name) {
  std::array<uint8_t, 4> octets{};
  size_t at = 0;
  for (size_t i = 4; i-- > 0;) {
    if (at + name[at] + 1 >= name.size()) return std::nullopt;
    const int value = decimal_octet(name.subspan(at + 1, name[at]));
    if (value < 0) return std::nullopt;
    octets[i] = static_cast<uint8_t>(value);
    at += name[at] + 1U;
  }
  if (name.size() - at != sizeof kInAddrArpa ||
      std::memcmp(&name[at], static_cast<const void*>(kInAddrArpa), sizeof kInAddrArpa) != 0)
    return std::nullopt;
  return IpAddress(octets);
}

std::optional<IpAddress> v6_from_reverse(NameView name) {
  if (name.size() != 64 + sizeof kIp6Arpa) return std::nullopt;
  if (!std::ranges::equal(name.subspan(64), kIp6Arpa)) return std::nullopt;
  std::array<uint8_t, 16> octets{};
  for (size_t i = 0; i < 32; ++i) {
    const int nibble = name[2 * i] == 1 ? hex_digit(name[2 * i + 1]) : -1;
    if (nibble < 0) return std::nullopt;
    octets[15 - i / 2] |= static_cast<uint8_t>(i % 2 == 0 ? nibble : nibble << 4);
  }
  return IpAddress(octets);
}

}  // namespace

std::optional<Name> Name::from_text(std::string_view text) {
  Name name;
  if (text.empty() || text == ".") return text.empty() ? std::nullopt : std::optional(name);
  size_t at = 0;    // where the current label's length octet goes
  size_t size = 1;  // octets written so far
  for (size_t i = 0; i < text.size();) {
    if (text[i] == '.') {
      if (size == at + 1) return std::nullopt;
      name.octets_[at] = static_cast<uint8_t>(size - at - 1);
      at = size++;
      ++i;
    } else {
      const int c = read_character(text, i);
      // Behind this octet there must still be room for the root's.
      if (c < 0 || size - at > kMaxLabelSize || size + 1 >= kMaxNameSize) return std::nullopt;
      name.octets_[size++] = static_cast<uint8_t>(c);
    }
  }
  if (size > at + 1) {  // no final dot
    name.octets_[at] = static_cast<uint8_t>(size - at - 1);
    at = size++;
  }
  name.octets_[at] = 0;
  name.size_ = static_cast<uint8_t>(size);
  return name;
}

bool Name::prepend(std::string_view label) {
  if (label.empty() || label.size() > kMaxLabelSize) return false;
  if (size_ + label.size() + 1 > kMaxNameSize) return false;
  std::memmove(octets_.data() + label.size() + 1, octets_.data(), size_);
  octets_[0] = static_cast<uint8_t>(label.size());
  std::memcpy(octets_.data() + 1, label.data(), label.size());
  size_ = static_cast<uint8_t>(size_ + label.size() + 1);
  return true;
}

std::string lowered(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = static_cast<char>(lower(static_cast<uint8_t>(c)));
  return result;
}

// Length octets are at most 63, below 'A': folding every octet leaves them alone.
void Name::set_lowered(NameView wire) {
  constexpr size_t kWord = sizeof(uint64_t);
  const size_t size = wire.size();
  size_ = static_cast<uint8_t>(size);
  size_t at = 0;
  for (; at + kWord <= size; at += kWord) lower_word(&wire[at], &octets_[at]);
  if (at == size) return;
  if (size > kWord) return lower_word(&wire[size - kWord], &octets_[size - kWord]);
  for (; at < size; ++at) octets_[at] = lower(wire[at]);
}

void append_word(NameView name, std::string& out) {
  const auto is_special = [](uint8_t c) {
    return c == ' ' || c == '\'' || c == '@' || c == '$' || c == ';' || c == '(' || c == ')';
  };
  append_labels(
      name, out, [&](uint8_t c) { return is_plain(c) && !is_special(c); },
      [&](uint8_t c) {
        if (!is_special(c)) return append_escaped(out, c);
        out += '\\';
        out += static_cast<char>(c);
      });
}

void append_text(NameView name, std::string& out) {
  append_labels(name, out, is_plain, [&out](uint8_t c) { append_escaped(out, c); });
}

std::optional<Name> name_from_text(std::string_view text, NameView origin) {
  if (text == "@") return Name(origin);
  const std::optional<Name> name = Name::from_text(text);
  const std::string_view front_text = text.substr(0, text.size() - (text.ends_with('.') ? 1 : 0));
  const size_t backslashes = front_text.size() - (front_text.find_last_not_of('\\') + 1);
  const bool relative = front_text.size() == text.size() || backslashes % 2 == 1;
  if (!name || !relative) return name;
  const NameView front = name->view().first(name->size() - 1U);
  if (front.size() + origin.size() > kMaxNameSize) return std::nullopt;
  std::array<uint8_t, kMaxNameSize> whole;
  std::memcpy(whole.data(), front.data(), front.size());
  std::memcpy(whole.data() + front.size(), origin.data(), origin.size());
  return Name(NameView(whole.data(), front.size() + origin.size()));
}

std::string to_text(NameView name) {
  std::string out;
  out.reserve(name.size() + 8);
  append_text(name, out);
  return out;
}

bool equal_ignoring_case(NameView a, NameView b) {
  return std::ranges::equal(a, b, {}, lower, lower);
}

std::optional<Name> joined(std::span<const uint8_t> labels, NameView name) {
  std::array<uint8_t, kMaxNameSize> octets{};
  if (labels.size() + name.size() > octets.size()) return std::nullopt;
  const auto end = std::ranges::copy(name, std::ranges::copy(labels, octets.begin()).out).out;
  return Name(NameView(octets.begin(), end));
}

bool is_at_or_below(NameView name, NameView zone) {
  if (zone.size() == 1) return true;
  if (name.size() < zone.size()) return false;
  const size_t start = name.size() - zone.size();
  if (std::memcmp(name.data() + start, zone.data(), zone.size()) != 0) return false;
  size_t at = 0;
  while (at < start) at += name[at] + 1U;
  return at == start;
}

size_t label_count(NameView name) {
  size_t count = 0;
  for (size_t at = 0; name[at] != 0; at += name[at] + 1U) ++count;
  return count;
}

std::optional<IpAddress> address_from_reverse_name(NameView name) {
  if (is_at_or_below(name, kInAddrArpa)) return v4_from_reverse(name);
  return v6_from_reverse(name);
}

bool is_reverse_name(NameView name) {
  return is_at_or_below(name, kInAddrArpa) || is_at_or_below(name, kIp6Arpa);
}

}  // namespace fairlead::dns
