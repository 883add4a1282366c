#include "plugins/rewrite/options.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "dns/address.h"
#include "dns/query.h"
#include "net/endpoint.h"

using namespace fairlead;
using namespace fairlead::plugins::rewrite;

namespace {

using Action = EdnsRule::Action;
using Source = EdnsRule::Source;

Options option(uint8_t code, const std::string& data) {
  Options octets{0, code, 0, static_cast<uint8_t>(data.size())};
  octets.insert(octets.end(), data.begin(), data.end());
  return octets;
}

Options operator+(Options a, const Options& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

// What becomes of `options`; nothing when the rule is skipped.
Options edited(const EdnsRule& rule, Options options, const std::string& data = "new") {
  const std::vector<uint8_t> octets(data.begin(), data.end());
  return edit(rule, octets, options) ? options : Options();
}

std::string subnet(uint8_t v4_bits, uint8_t v6_bits, const char* client) {
  const dns::Query query;
  const net::Peers peers{.client = {*dns::IpAddress::from_text(client), 53}};
  const EdnsRule rule{.source = Source::Subnet, .v4_bits = v4_bits, .v6_bits = v6_bits};
  return *data_of(rule, {query, peers, "", {}});
}

}  // namespace

TEST_CASE("rewrite: options are set, appended, replaced and unset") {
  const Options both = option(1, "a") + option(2, "b");
  CHECK(edited({.action = Action::Set, .code = 3}, both) == both + option(3, "new"));
  CHECK(edited({.action = Action::Set, .code = 1}, both) == option(1, "new") + option(2, "b"));
  CHECK(edited({.action = Action::Set, .code = 1}, both + option(1, "c")) ==
        option(1, "new") + option(2, "b") + option(1, "c"));
  CHECK(edited({.action = Action::Replace, .code = 2}, both) == option(1, "a") + option(2, "new"));
  CHECK(edited({.action = Action::Replace, .code = 3}, both).empty());
  CHECK(edited({.action = Action::Append, .code = 1}, both) == both + option(1, "new"));
  CHECK(edited({.action = Action::Append, .source = Source::Qname, .code = 1}, both).empty());
  CHECK(edited({.action = Action::Append, .source = Source::Qname, .code = 3}, both) ==
        both + option(3, "new"));
  CHECK(edited({.action = Action::Unset, .code = 1}, option(1, "x") + both + option(1, "")) ==
        option(2, "b"));
  CHECK(edited({.action = Action::Unset, .code = 9}, both) == both);
}

TEST_CASE("rewrite: the client's network") {
  CHECK(subnet(24, 56, "127.0.0.1") == std::string("\0\x01\x18\0\x7f\0\0", 7));
  CHECK(subnet(32, 56, "192.0.2.77") == std::string("\0\x01\x20\0\xc0\0\x02\x4d", 8));
  CHECK(subnet(21, 56, "192.0.255.77") == std::string("\0\x01\x15\0\xc0\0\xf8", 7));
  CHECK(subnet(0, 0, "192.0.2.77") == std::string("\0\x01\0\0", 4));
  CHECK(subnet(24, 56, "::1") == std::string("\0\x02\x38\0\0\0\0\0\0\0\0", 11));
  CHECK(subnet(24, 33, "2001:db8:ff00::1") == std::string("\0\x02\x21\0\x20\x01\x0d\xb8\x80", 9));
}

TEST_CASE("rewrite: labels of metadata") {
  const dns::Query query;
  const net::Peers peers;
  const EdnsRule rule{.source = Source::Label, .data = "view/name"};
  const auto with = [&](const LabelValue& label) {
    return data_of(rule, {query, peers, "", label});
  };
  CHECK(with([](const std::string& label) { return "is " + label; }) == "is view/name");
  CHECK_FALSE(with([](const std::string&) { return std::string(); }));
  CHECK_FALSE(with({}));
}
