#include "plugins/hosts/answer.h"

#include <algorithm>

#include "plugins/hosts/lines.h"

namespace fairlead::plugins::hosts {
namespace {

std::vector<dns::Name> to_names(const std::vector<std::string>& texts) {
  std::vector<dns::Name> names;
  names.reserve(texts.size());
  for (const std::string& text : texts) {
    if (const auto name = dns::Name::from_text(text)) names.push_back(name->lowered());
  }
  return names;
}

bool covers(const std::vector<dns::Name>& zones, const dns::Query& query) {
  return std::any_of(zones.begin(), zones.end(), [&](const dns::Name& zone) {
    return dns::is_at_or_below(query.lower_qname.view(), zone.view());
  });
}

size_t add_names(const HostMap& map, const dns::IpAddress& address, uint32_t ttl,
                 dns::Answer& out) {
  const auto names = map.names_of(address);
  for (const uint32_t number : names) {
    out.add_name_record(dns::RrType::Ptr, dns::Section::Answer, dns::kQname, ttl,
                        out.add_name(map.name(number)));
  }
  return names.size();
}

Outcome answer_reverse(const Settings& settings, const Table& table, const dns::Query& query,
                       dns::Answer& out) {
  const auto address = dns::address_from_reverse_name(query.lower_qname.view());
  if (!address) return Outcome::PassOn;
  const dns::IpAddress plain = unmapped(*address);
  const size_t from_file = add_names(table.file, plain, settings.ttl, out);
  const size_t from_lines = add_names(*table.inline_lines, plain, settings.ttl, out);
  if (from_file + from_lines == 0) return Outcome::PassOn;
  if (from_file != 0 && from_lines != 0) out.drop_repeats();
  out.authoritative = true;
  return Outcome::Answered;
}

size_t add_addresses(const HostMap& map, std::span<const uint32_t> numbers, uint32_t ttl,
                     dns::Answer& out) {
  for (const uint32_t number : numbers)
    out.add_address(dns::Section::Answer, dns::kQname, ttl, map.address(number));
  return numbers.size();
}

}  // namespace

Settings::Settings(const Options& options)
    : zones(to_names(options.zones)),
      fall_through(to_names(options.fall_through)),
      fall_through_unsupported(options.fall_through_unsupported),
      ttl(options.ttl) {}

Outcome answer(const Settings& settings, const Table& table, const dns::Query& query,
               dns::Answer& out) {
  if (query.qtype == dns::RrType::Ptr) return answer_reverse(settings, table, query, out);
  if (!covers(settings.zones, query)) return Outcome::PassOn;
  const bool v4 = query.qtype == dns::RrType::A;
  const bool v6 = query.qtype == dns::RrType::Aaaa;
  const bool unsupported = !v4 && !v6 && settings.fall_through_unsupported;
  if (unsupported && covers(settings.fall_through, query)) return Outcome::PassOn;
  const auto in_file = table.file.find(query.lower_qname.view());
  const auto in_lines = table.inline_lines->find(query.lower_qname.view());
  if (in_file.empty() && in_lines.empty())
    return covers(settings.fall_through, query) ? Outcome::PassOn : Outcome::ServFail;
  out.authoritative = true;
  if (!v4 && !v6) return Outcome::Answered;
  const size_t from_file =
      add_addresses(table.file, v4 ? in_file.v4 : in_file.v6, settings.ttl, out);
  const size_t from_lines =
      add_addresses(*table.inline_lines, v4 ? in_lines.v4 : in_lines.v6, settings.ttl, out);
  if (from_file != 0 && from_lines != 0) out.drop_repeats();
  return Outcome::Answered;
}

}  // namespace fairlead::plugins::hosts
