#include "plugins/siit/setup.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plugins/subnets.h"

namespace fairlead::plugins::siit {
namespace {

constexpr size_t kReserved = 8;  // the octet that is zero in every such address (RFC 6052 §2.2)

dns::Ipv4Embedding parse_prefix(corefile::Cursor& cursor) {
  const std::string text = cursor.first_arg();
  const dns::Ipv4Embedding prefix =
      prefix_argument(cursor, text, ": must be one of /32, /40, /48, /56, /64, /96");
  if (prefix.embed(dns::IpAddress()).octets()[kReserved] != 0) {
    throw cursor.error("invalid prefix \"" + prefix.to_text() +
                       "\": reserved octet (byte 8) must be zero");
  }
  return prefix;
}

// ::ffff:192.0.2.1 is 192.0.2.1, as in Go.
dns::IpAddress parse_address(const corefile::Cursor& cursor, const std::string& text, bool v6) {
  constexpr std::string_view kMapped = "::ffff:";
  std::optional<dns::IpAddress> address = dns::IpAddress::from_text(text);
  if (!address) throw cursor.error("invalid IP address: \"" + text + '"');
  const std::string normal = address->to_text();
  if (address->is_v6() && normal.starts_with(kMapped) && normal.find('.') != std::string::npos)
    address = dns::IpAddress::from_text(normal.substr(kMapped.size()));
  if (address->is_v6() != v6) {
    throw cursor.error(std::string("invalid ") + (v6 ? "IPv6" : "IPv4") + " address: \"" +
                       address->to_text() + '"');
  }
  return *address;
}

void parse_property(corefile::Cursor& cursor, Options& options) {
  const std::string name = cursor.value();
  if (name == "ipv6_prefix") {
    options.prefix = parse_prefix(cursor);
  } else if (name == "eam") {
    const std::vector<std::string> args = cursor.remaining_args();
    if (args.size() != 2) throw cursor.arg_error();
    const dns::IpAddress v4 = parse_address(cursor, args[0], false);
    options.mappings.insert_or_assign(parse_address(cursor, args[1], true), v4);
  } else {
    throw cursor.unknown_property();
  }
}

}  // namespace

Options parse(corefile::Cursor& cursor) {
  Options options;
  while (cursor.next()) {
    if (!cursor.remaining_args().empty()) throw cursor.arg_error();
    while (cursor.next_block()) parse_property(cursor, options);
  }
  return options;
}

}  // namespace fairlead::plugins::siit
