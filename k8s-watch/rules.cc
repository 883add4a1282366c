#include "k8s-watch/rules.h"

namespace fairlead::k8s_watch {

std::optional<dns::IpAddress> parse_address(std::string_view text) {
  constexpr size_t kLongest = 64;
  if (auto address = dns::IpAddress::from_text(text)) return address;
  if (text.size() > kLongest) return std::nullopt;
  std::string plain;
  bool begins = true;  // an octet
  for (size_t i = 0; i < text.size(); ++i) {
    const bool digit_follows = i + 1 < text.size() && text[i + 1] >= '0' && text[i + 1] <= '9';
    if (begins && text[i] == '0' && digit_follows) continue;
    plain += text[i];
    begins = text[i] == '.';
  }
  const auto address = dns::IpAddress::from_text(plain);
  return address && !address->is_v6() ? address : std::nullopt;
}

}  // namespace fairlead::k8s_watch
