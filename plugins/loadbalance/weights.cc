#include "plugins/loadbalance/weights.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <span>

#include "plugins/loadbalance/shuffle.h"
#include "plugins/text_lines.h"

namespace fairlead::plugins::loadbalance {
namespace {

constexpr std::string_view kBlank = " \t\r\v\f";

// An IPv4 address written in IPv6 is the IPv4 one.
std::optional<dns::IpAddress> address_of(std::string_view text) {
  constexpr std::array<uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  const auto address = dns::IpAddress::from_text(text);
  if (!address || !address->is_v6()) return address;
  const std::span<const uint8_t> octets = address->octets();
  if (!std::ranges::equal(octets.first(kMapped.size()), kMapped)) return address;
  return dns::IpAddress(octets.subspan(kMapped.size()));
}

// 0: none.
uint8_t weight_of(std::string_view text) {
  uint8_t weight = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), weight);
  return error == std::errc() && end == text.data() + text.size() ? weight : uint8_t{0};
}

std::string_view octets_of(dns::NameView name) {
  return {reinterpret_cast<const char*>(name.data()), name.size()};
}

std::string quoted(std::string_view text) {
  return std::string(":\"").append(text).append("\"");
}

// `records`: all addresses of a section.
void draw(const dns::Answer& answer, std::span<dns::Record> records, dns::NameView qname,
          const Weights& weights, net::Prng& random) {
  const auto weight = [&](const dns::Record& record) {
    return weights.weight(answer.name(record.owner, qname), dns::IpAddress(answer.rdata(record)));
  };
  uint32_t sum = 0;
  for (const dns::Record& record : records) sum += weight(record);
  uint32_t drawn = random.below(sum);
  for (dns::Record& record : records) {
    const uint32_t own = weight(record);
    if (drawn < own) return std::swap(record, records.front());
    drawn -= own;
  }
}

}  // namespace

class Weights::Reader {
 public:
  Reader(Weights& weights, const std::string& file) : weights_(weights), file_(file) {}

  // What is wrong with it; empty for nothing.
  std::string read_line(std::string_view line) {
    std::string_view left = line;
    const std::string_view first = take_word(left, kBlank);
    if (first.empty() || first.starts_with('#')) return {};
    const std::string_view second = take_word(left, kBlank);
    if (second.empty()) return read_name(first);
    if (!take_word(left, kBlank).empty())
      return "could not parse weight line" + quoted(trimmed(line)) + in_file();
    return read_weight(first, second);
  }

 private:
  static std::string_view trimmed(std::string_view line) {
    const size_t begin = line.find_first_not_of(kBlank);
    return line.substr(begin, line.find_last_not_of(kBlank) + 1 - begin);
  }

  [[nodiscard]] std::string in_file() const { return " in weight file " + file_; }

  // What is no name is nobody's: what stands below it is read and never used.
  std::string read_name(std::string_view text) {
    if (dns::IpAddress::from_text(text)) {
      return "wrong domain name" + quoted(text) + in_file() + ". (Maybe a missing weight value?)";
    }
    const std::optional<dns::Name> name = dns::Name::from_text(text);
    of_name_ = name ? &weights_.names_[std::string(octets_of(name->lowered().view()))] : &nobodys_;
    return {};
  }

  std::string read_weight(std::string_view address_text, std::string_view weight_text) {
    const std::optional<dns::IpAddress> address = address_of(address_text);
    if (!address) return "wrong IP address" + quoted(address_text) + in_file();
    const uint8_t weight = weight_of(weight_text);
    if (weight == 0) return "wrong weight value" + quoted(weight_text) + in_file();
    if (of_name_ == nullptr) return "missing domain name" + in_file();
    of_name_->emplace_back(*address, weight);
    return {};
  }

  Weights& weights_;
  const std::string& file_;
  OfName* of_name_ = nullptr;
  OfName nobodys_;
};

Weights Weights::from_text(std::string_view text, const std::string& file, std::string& error) {
  Weights weights;
  Reader reader(weights, file);
  error.clear();
  while (!text.empty() && error.empty()) error = reader.read_line(take_line(text));
  return error.empty() ? weights : Weights();
}

uint8_t Weights::weight(dns::NameView owner, const dns::IpAddress& address) const {
  const auto found = names_.find(octets_of(dns::Name(owner).lowered().view()));
  if (found == names_.end()) return 1;
  const auto known = std::ranges::find(found->second, address, &OfName::value_type::first);
  return known != found->second.end() ? known->second : uint8_t{1};
}

void put_drawn_first(dns::Answer& answer, dns::NameView qname, const Weights& weights,
                     net::Prng& random) {
  if (answer.rcode != dns::Rcode::NoError) return;
  for (const dns::Section section : {dns::Section::Answer, dns::Section::Additional}) {
    const std::span<dns::Record> records = arranged_addresses(answer, section);
    if (!records.empty()) draw(answer, records, qname, weights, random);
  }
}

}  // namespace fairlead::plugins::loadbalance
