// The options of an OPT record: code, length, data, one behind the other (RFC 6891 §6.1.2).
#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace fairlead::dns {

/// Options that are read or written somewhere (IANA "DNS EDNS0 Option Codes"); any other number is
/// legal.
enum class OptionCode : uint16_t {
  Nsid = 3,            // RFC 5001
  Subnet = 8,          // RFC 7871
  Expire = 9,          // RFC 7314
  Cookie = 10,         // RFC 7873
  TcpKeepalive = 11,   // RFC 7828
  Padding = 12,        // RFC 7830
  ExtendedError = 15,  // RFC 8914
};

/// What stands in front of an option's data.
inline constexpr size_t kOptionHead = 4;

/// One option; a view into the octets it was read from.
struct Option {
  OptionCode code{};
  std::span<const uint8_t> data;
};

/// Reads options in order. It ends before an option that passes the end; never throws.
class OptionReader {
 public:
  /// `options` is the rdata of an OPT record and must outlive what next() hands out.
  explicit constexpr OptionReader(std::span<const uint8_t> options) : left_(options) {}

  /// Empty at the end.
  constexpr std::optional<Option> next() {
    if (left_.size() < kOptionHead) return std::nullopt;
    const size_t size = static_cast<size_t>(left_[2]) << 8 | left_[3];
    if (size > left_.size() - kOptionHead) return std::nullopt;
    const Option option{static_cast<OptionCode>(left_[0] << 8 | left_[1]),
                        left_.subspan(kOptionHead, size)};
    left_ = left_.subspan(kOptionHead + size);
    return option;
  }

  /// What was not read yet. Not empty after the end: it is no whole option.
  [[nodiscard]] constexpr std::span<const uint8_t> left() const { return left_; }

 private:
  std::span<const uint8_t> left_;
};

/// The data of the first option with `code`; empty optional when there is none.
constexpr std::optional<std::span<const uint8_t>> find_option(std::span<const uint8_t> options,
                                                              OptionCode code) {
  OptionReader reader(options);
  while (const auto option = reader.next()) {
    if (option->code == code) return option->data;
  }
  return std::nullopt;
}

}  // namespace fairlead::dns
