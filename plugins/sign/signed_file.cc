#include "plugins/sign/signed_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <optional>
#include <span>
#include <string_view>

#include "dns/numbers.h"
#include "dns/text_record.h"
#include "net/file.h"
#include "net/file_descriptor.h"
#include "net/socket_address.h"

namespace fairlead::plugins::sign {
namespace {

constexpr int32_t kSecondsOfHour = 3600;
constexpr int32_t kMostAge = 6 * 24 * kSecondsOfHour;
constexpr int32_t kLeastLeft = 7 * 24 * kSecondsOfHour;
constexpr int kMostRecords = 100;
constexpr size_t kMostOctets = size_t{256} << 20;

std::string problem(const std::string& what, const std::string& path, int error) {
  return what + " " + path + ": " + net::error_text(error);
}

struct Signature {
  uint32_t expiration = 0;
  uint32_t inception = 0;
  uint16_t tag = 0;
};

uint32_t number(std::span<const uint8_t> octets) {
  return static_cast<uint32_t>(dns::number_of(octets));
}

// Those of the SOA among the first records. Lines that are none are passed over.
std::vector<Signature> read_signatures(std::string_view text) {
  static constexpr std::array<uint8_t, 1> kRoot{};
  std::vector<Signature> found;
  dns::TextRecord record;
  dns::RecordWords words(text);
  dns::Name owner;
  for (int i = 0; i < kMostRecords && words.next_record(); ++i) {
    if (!record.read(words, {.origin = kRoot, .owner = &owner, .ttl = 0}).empty()) {
      words.rest_of_line();
      continue;
    }
    owner = dns::Name(record.owner());
    const auto rdata = record.rdata();
    const bool of_soa = record.type() == dns::RrType::Rrsig && rdata.size() > 18 &&
                        number(rdata.first(2)) == static_cast<uint32_t>(dns::RrType::Soa);
    if (of_soa)
      found.push_back({number(rdata.subspan(8, 4)), number(rdata.subspan(12, 4)),
                       static_cast<uint16_t>(number(rdata.subspan(16, 2)))});
  }
  return found;
}

std::string quoted_time(uint32_t seconds) {
  return "\"" + timestamp(seconds) + "\"";
}

std::string period(int32_t seconds) {
  return std::to_string(seconds / kSecondsOfHour) + "h" +
         std::to_string(seconds % kSecondsOfHour / 60) + "m" + std::to_string(seconds % 60) + "s";
}

// Times go round (RFC 4034 §3.1.5).
std::string reason_of(const Signature& signature, uint32_t now) {
  const auto age = static_cast<int32_t>(now - signature.inception);
  const auto left = static_cast<int32_t>(signature.expiration - now);
  if (age > kMostAge)
    return "inception " + quoted_time(signature.inception) + " was more than: " + period(kMostAge) +
           " ago from " + timestamp(now) + ": " + period(age);
  if (age < 0)
    return "inception " + quoted_time(signature.inception) + " date is in the future of " +
           timestamp(now) + ": " + period(-age);
  if (left < kLeastLeft)
    return "expiration " + quoted_time(signature.expiration) +
           " is less than: " + period(kLeastLeft) + " away from " + timestamp(now) + ": " +
           period(left);
  return {};
}

}  // namespace

std::string timestamp(uint32_t seconds) {
  const auto at = static_cast<time_t>(seconds);
  std::tm parts{};
  gmtime_r(&at, &parts);
  std::array<char, 32> text{};
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S.000Z", &parts)};
}

std::string reason_of_text(const std::string& text, uint32_t now, std::vector<uint16_t> tags) {
  const std::vector<Signature> signatures = read_signatures(text);
  if (signatures.empty()) return "no SOA RRSIG found in first 100 records";
  std::vector<uint16_t> used;
  for (const Signature& signature : signatures) {
    std::string reason = reason_of(signature, now);
    if (!reason.empty()) return reason;
    used.push_back(signature.tag);
  }
  std::ranges::sort(used);
  std::ranges::sort(tags);
  return used == tags ? std::string() : "it was signed with other keys";
}

std::string reason_to_sign(const std::string& path, uint32_t now, std::vector<uint16_t> tags) {
  std::string text;
  const int error = net::read_file(path, kMostOctets, text);
  if (error != 0) return problem("open", path, error);
  return reason_of_text(text, now, std::move(tags));
}

std::string replace_file(const std::string& path, const std::string& text) {
  // A name that no pattern of `auto` is likely to fit.
  std::string temporary = path.substr(0, path.rfind('/') + 1) + "signed-XXXXXX";
  const net::FileDescriptor file(mkostemp(temporary.data(), O_CLOEXEC));
  if (file.get() < 0) return problem("open", temporary, errno);
  constexpr mode_t kForAll = 0644;  // records are no secret
  const bool written = net::write_all(file.get(), text) == 0 && fchmod(file.get(), kForAll) == 0 &&
                       rename(temporary.c_str(), path.c_str()) == 0;
  if (written) return {};
  const int error = errno;
  unlink(temporary.c_str());
  return problem("write", path, error);
}

}  // namespace fairlead::plugins::sign
