#include "dns/rdata_words.h"

#include <algorithm>
#include <array>
#include <utility>

#include "dns/address.h"
#include "dns/name_text.h"
#include "dns/text_octets.h"

namespace fairlead::dns {
namespace {

constexpr size_t kLongestString = 255;

void put(uint64_t value, size_t octets, std::vector<uint8_t>& out) {
  for (size_t i = octets; i-- > 0;) out.push_back(static_cast<uint8_t>(value >> 8 * i));
}

bool put_name(std::string_view word, NameView origin, std::vector<uint8_t>& out) {
  const auto name = name_from_text(word, origin);
  if (!name) return false;
  out.insert(out.end(), name->view().begin(), name->view().end());
  return true;
}

bool put_string(std::string_view text, std::vector<uint8_t>& out) {
  if (text.size() > kLongestString) return false;
  out.push_back(static_cast<uint8_t>(text.size()));
  out.insert(out.end(), text.begin(), text.end());
  return true;
}

// "12.5", "12." or ".5" with `places` digits behind the point as 125…, at most `most`.
std::optional<uint64_t> decimal(std::string_view text, size_t places, uint64_t most) {
  const size_t point = std::min(text.find('.'), text.size());
  const std::string_view whole = text.substr(0, point);
  std::string_view part = text.substr(std::min(point + 1, text.size()));
  constexpr uint32_t kMostWhole = 100'000'000;
  const bool has_point = point < text.size();
  const auto before = number_from_text(whole.empty() && !part.empty() ? "0" : whole, kMostWhole);
  if (!before || part.size() > places || (has_point && places == 0)) return std::nullopt;
  uint64_t value = *before;
  for (size_t i = 0; i < places; ++i) {
    const char digit = i < part.size() ? part[i] : '0';
    if (digit < '0' || digit > '9') return std::nullopt;
    value = 10 * value + static_cast<uint64_t>(digit - '0');
  }
  return value <= most ? std::optional(value) : std::nullopt;
}

// The words of a LOC, one after the other.
class Location {
 public:
  Location(RdataWords words, std::vector<uint8_t>& out) : words_(words), out_(out) {}

  bool read() {
    std::optional<uint32_t> latitude = angle("Nn", "Ss", 90);
    if (!latitude) return false;
    const std::optional<uint32_t> longitude = angle("Ee", "Ww", 180);
    if (!longitude) return false;
    const auto height = altitude();
    const auto size = precision(0x12);        // 1 m
    const auto horizontal = precision(0x16);  // 10 km
    const auto vertical = precision(0x13);    // 10 m
    if (!height || !size || !horizontal || !vertical || at_ != words_.size()) return false;
    for (const uint8_t octet : {uint8_t{0}, *size, *horizontal, *vertical}) out_.push_back(octet);
    for (const uint32_t number : {*latitude, *longitude, *height}) put(number, 4, out_);
    return true;
  }

 private:
  [[nodiscard]] std::string_view next() {
    return at_ < words_.size() ? std::string_view(words_[at_++]) : std::string_view();
  }

  // Thousandths of a second of arc from the equator or the meridian, which is 2^31.
  std::optional<uint32_t> angle(std::string_view plus, std::string_view minus, uint64_t most) {
    constexpr uint64_t kMinute = 60'000;
    constexpr std::array<uint64_t, 3> kUnits{60 * kMinute, kMinute, 1};
    constexpr uint32_t kMiddle = uint32_t{1} << 31;
    uint64_t sum = 0;
    for (size_t i = 0;; ++i) {
      const std::string_view word = next();
      const bool positive = word.size() == 1 && plus.find(word[0]) != std::string_view::npos;
      const bool negative = word.size() == 1 && minus.find(word[0]) != std::string_view::npos;
      if (positive || negative) {
        if (i == 0 || sum > most * kUnits[0]) return std::nullopt;
        return static_cast<uint32_t>(positive ? kMiddle + sum : kMiddle - sum);
      }
      if (i == kUnits.size()) return std::nullopt;
      const auto part =
          i == 2 ? decimal(word, 3, kMinute - 1) : decimal(word, 0, i == 0 ? most : 59);
      if (!part) return std::nullopt;
      sum += *part * kUnits[i];
    }
  }

  static std::string_view metres(std::string_view word) {
    if (word.ends_with('m') || word.ends_with('M')) word.remove_suffix(1);
    return word;
  }

  // Centimetres above 100 km below the sea.
  std::optional<uint32_t> altitude() {
    constexpr uint64_t kSea = 10'000'000;
    std::string_view word = metres(next());
    const bool below = word.starts_with('-');
    if (below || word.starts_with('+')) word.remove_prefix(1);
    const auto value = decimal(word, 2, below ? kSea : UINT32_MAX - kSea);
    if (!value) return std::nullopt;
    return static_cast<uint32_t>(below ? kSea - *value : kSea + *value);
  }

  // Centimetres as a digit and a power of ten.
  std::optional<uint8_t> precision(uint8_t otherwise) {
    if (at_ == words_.size()) return otherwise;
    auto value = decimal(metres(next()), 2, 9'000'000'000);
    if (!value) return std::nullopt;
    uint8_t power = 0;
    for (; *value > 9; *value /= 10) ++power;
    return static_cast<uint8_t>(*value << 4 | power);
  }

  const RdataWords words_;
  std::vector<uint8_t>& out_;
  size_t at_ = 0;
};

// Zeros at the end of the address are left out.
bool put_prefix(std::string_view word, std::vector<uint8_t>& out) {
  const bool negated = word.starts_with('!');
  if (negated) word.remove_prefix(1);
  const bool v6 = word.starts_with("2:");
  const size_t slash = word.find('/');
  if ((!v6 && !word.starts_with("1:")) || slash == std::string_view::npos) return false;
  const auto address = IpAddress::from_text(word.substr(2, slash - 2));
  const auto prefix = number_from_text(word.substr(slash + 1), v6 ? 128 : 32);
  if (!address || address->is_v6() != v6 || !prefix) return false;
  const auto octets = address->octets();
  size_t size = octets.size();
  while (size > 0 && octets[size - 1] == 0) --size;
  put(v6 ? 2 : 1, 2, out);
  put(*prefix, 1, out);
  put((negated ? 0x80 : 0) | size, 1, out);
  out.insert(out.end(), octets.begin(), octets.begin() + static_cast<std::ptrdiff_t>(size));
  return true;
}

// Where AMTRELAY and IPSECKEY lead to, in one of four ways (RFC 4025 §2.3).
constexpr uint32_t kMostGatewayType = 3;

bool put_gateway(uint32_t type, std::string_view word, NameView origin, std::vector<uint8_t>& out) {
  if (type == 0) return word == ".";
  if (type == kMostGatewayType) return put_name(word, origin, out);
  const auto address = IpAddress::from_text(word);
  if (!address || address->is_v6() != (type == 2)) return false;
  out.insert(out.end(), address->octets().begin(), address->octets().end());
  return true;
}

using Mnemonic = std::pair<std::string_view, uint16_t>;

std::optional<uint32_t> number_or(std::span<const Mnemonic> mnemonics, std::string_view word,
                                  uint32_t most) {
  const std::string lower = lowered(word);
  for (const auto& [name, number] : mnemonics)
    if (lower == name) return number;
  return number_from_text(word, most);
}

}  // namespace

bool append_location(RdataWords words, std::vector<uint8_t>& out) {
  return Location(words, out).read();
}

bool append_prefixes(RdataWords words, std::vector<uint8_t>& out) {
  return std::ranges::all_of(words, [&](const auto& word) { return put_prefix(word, out); });
}

bool append_host_identity(RdataWords words, NameView origin, std::vector<uint8_t>& out) {
  if (words.size() < 3) return false;
  const auto algorithm = algorithm_from_text(words[0]);
  std::vector<uint8_t> tag, key;
  Base64Reader base64;
  const bool good = algorithm && append_hex(words[1], tag) && base64.add(words[2], key) &&
                    base64.finish() && !tag.empty() && tag.size() <= kLongestString &&
                    !key.empty() && key.size() <= UINT16_MAX;
  if (!good) return false;
  put(tag.size(), 1, out);
  put(*algorithm, 1, out);
  put(key.size(), 2, out);
  out.insert(out.end(), tag.begin(), tag.end());
  out.insert(out.end(), key.begin(), key.end());
  return std::ranges::all_of(words.subspan(3),
                             [&](const auto& word) { return put_name(word, origin, out); });
}

bool append_relay(RdataWords words, NameView origin, std::vector<uint8_t>& out) {
  if (words.size() != 4) return false;
  const auto precedence = number_from_text(words[0], UINT8_MAX);
  const auto discovery = number_from_text(words[1], 1);
  const auto type = number_from_text(words[2], kMostGatewayType);
  if (!precedence || !discovery || !type) return false;
  put(*precedence, 1, out);
  put(*discovery << 7 | *type, 1, out);
  return put_gateway(*type, words[3], origin, out);
}

bool append_ipsec_key(RdataWords words, NameView origin, std::vector<uint8_t>& out) {
  if (words.size() < 4) return false;
  const auto precedence = number_from_text(words[0], UINT8_MAX);
  const auto type = number_from_text(words[1], kMostGatewayType);
  const auto algorithm = number_from_text(words[2], UINT8_MAX);
  if (!precedence || !type || !algorithm) return false;
  for (const uint32_t number : {*precedence, *type, *algorithm}) put(number, 1, out);
  if (!put_gateway(*type, words[3], origin, out)) return false;
  Base64Reader key;
  return std::ranges::all_of(words.subspan(4),
                             [&](const auto& word) { return key.add(word, out); }) &&
         key.finish();
}

bool append_host_info(RdataWords words, std::vector<uint8_t>& out) {
  if (words.empty()) return false;
  std::string cpu = words[0];
  std::string system;
  const size_t blank = words.size() == 1 ? cpu.find(' ') : std::string::npos;
  if (blank != std::string::npos) {
    system = cpu.substr(std::min(cpu.find_first_not_of(' ', blank), cpu.size()));
    cpu.resize(blank);
  }
  for (const std::string& word : words.subspan(1)) system += (system.empty() ? "" : " ") + word;
  return put_string(cpu, out) && put_string(system, out);
}

bool append_hardware_address(std::string_view word, size_t octets, std::vector<uint8_t>& out) {
  if (word.size() != 3 * octets - 1) return false;
  for (size_t at = 0; at < word.size(); at += 3) {
    const bool separated = at + 2 == word.size() || word[at + 2] == '-';
    if (!separated || !append_hex(word.substr(at, 2), out)) return false;
  }
  return true;
}

bool append_locator(std::string_view word, std::vector<uint8_t>& out) {
  constexpr size_t kGroups = 4;
  constexpr std::string_view kZeros = "0000";
  for (size_t i = 0; i < kGroups; ++i) {
    const size_t size = i + 1 < kGroups ? word.find(':') : word.size();
    if (size == std::string_view::npos || size == 0 || size > kZeros.size()) return false;
    const std::string group = std::string(kZeros.substr(size)).append(word.substr(0, size));
    if (!append_hex(group, out)) return false;
    word.remove_prefix(std::min(size + 1, word.size()));
  }
  return true;
}

std::optional<uint32_t> algorithm_from_text(std::string_view word) {
  static constexpr std::array<Mnemonic, 18> kAlgorithms{{{"rsamd5", 1},
                                                         {"dh", 2},
                                                         {"dsa", 3},
                                                         {"rsasha1", 5},
                                                         {"dsa-nsec3-sha1", 6},
                                                         {"nsec3dsa", 6},
                                                         {"rsasha1-nsec3-sha1", 7},
                                                         {"nsec3rsasha1", 7},
                                                         {"rsasha256", 8},
                                                         {"rsasha512", 10},
                                                         {"ecc-gost", 12},
                                                         {"ecdsap256sha256", 13},
                                                         {"ecdsap384sha384", 14},
                                                         {"ed25519", 15},
                                                         {"ed448", 16},
                                                         {"indirect", 252},
                                                         {"privatedns", 253},
                                                         {"privateoid", 254}}};
  return number_or(kAlgorithms, word, UINT8_MAX);
}

std::optional<uint32_t> certificate_type_from_text(std::string_view word) {
  static constexpr std::array<Mnemonic, 10> kCertificates{{{"pkix", 1},
                                                           {"spki", 2},
                                                           {"pgp", 3},
                                                           {"ipkix", 4},
                                                           {"ispki", 5},
                                                           {"ipgp", 6},
                                                           {"acpkix", 7},
                                                           {"iacpkix", 8},
                                                           {"uri", 253},
                                                           {"oid", 254}}};
  return number_or(kCertificates, word, UINT16_MAX);
}

}  // namespace fairlead::dns
