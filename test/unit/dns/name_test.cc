#include "dns/name.h"

#include <doctest/doctest.h>

#include <random>
#include <string>
#include <vector>

#include "dns/address.h"
#include "dns/name_text.h"
#include "dns/query.h"
#include "dns/reverse_name.h"

namespace fairlead::dns {
namespace {

Name name(const std::string& text) {
  const auto result = Name::from_text(text);
  REQUIRE_MESSAGE(result, text);
  return *result;
}

std::string repeat(const std::string& text, int times) {
  std::string result;
  for (int i = 0; i < times; ++i) result += text;
  return result;
}

TEST_CASE("name: text that is a name comes back in its one form") {
  const struct {
    const char* text;
    const char* canonical;
  } cases[] = {
      {".", "."},
      {"a", "a."},
      {"a.", "a."},
      {"Web.Default.svc", "Web.Default.svc."},
      {"a\\.b.c", "a\\.b.c."},
      {"a\\\\b", "a\\\\b."},
      {"\\097", "a."},
      {"\\000.\\255", "\\000.\\255."},
      {"a b", "a\\032b."},
      {"\"q\"", "\\\"q\\\"."},
      {"_http._tcp", "_http._tcp."},
      {"\\a", "a."},
  };
  for (const auto& c : cases) {
    CAPTURE(c.text);
    CHECK(to_text(name(c.text).view()) == c.canonical);
    CHECK(name(c.canonical) == name(c.text));
  }
}

TEST_CASE("name: text that is none is refused") {
  for (const std::string text :
       {"", "..", ".a", "a..b", "a..", "\\", "a\\", "\\1", "\\12", "\\256", "\\12a"}) {
    CAPTURE(text);
    CHECK_FALSE(Name::from_text(text));
  }
}

TEST_CASE("name: a label has at most 63 octets, however they are written") {
  CHECK(Name::from_text(std::string(63, 'a')));
  CHECK_FALSE(Name::from_text(std::string(64, 'a')));
  CHECK(Name::from_text(repeat("\\097", 63))->size() == 65);
  CHECK_FALSE(Name::from_text(repeat("\\097", 64)));
}

TEST_CASE("name: at most 255 octets with the root's") {
  const std::string three = repeat(std::string(63, 'a') + ".", 3);  // 192 octets
  for (const std::string end : {"", "."}) {
    CAPTURE(end);
    CHECK(Name::from_text(three + std::string(61, 'b') + end)->size() == 255);
    CHECK_FALSE(Name::from_text(three + std::string(62, 'b') + end));
  }
  // an escaped dot is no end: the root's octet must still fit
  CHECK(Name::from_text(three + std::string(60, 'b') + "\\.")->size() == 255);
  CHECK_FALSE(Name::from_text(three + std::string(61, 'b') + "\\."));
  CHECK(Name::from_text(repeat("a.", 127))->size() == 255);
  CHECK_FALSE(Name::from_text(repeat("a.", 128)));
  CHECK_FALSE(Name::from_text(repeat("a.", 127) + "a"));
}

TEST_CASE("name: any octets survive the way through text") {
  std::mt19937 random(7);
  for (int round = 0; round < 500; ++round) {
    Name original;
    const auto labels = random() % 6;
    for (unsigned i = 0; i < labels; ++i) {
      std::string label(1 + random() % 40, '\0');
      for (char& c : label) c = static_cast<char>(random());
      REQUIRE(original.prepend(label));
    }
    const std::string text = to_text(original.view());
    CAPTURE(text);
    CHECK(name(text) == original);
    for (const char c : text) CHECK((c > ' ' && c < 0x7f));
  }
}

TEST_CASE("name: prepend refuses what would not fit and changes nothing") {
  Name result = name("b");
  CHECK(result.prepend("a"));
  CHECK(to_text(result.view()) == "a.b.");
  CHECK_FALSE(result.prepend(""));
  CHECK_FALSE(result.prepend(std::string(64, 'x')));
  CHECK(to_text(result.view()) == "a.b.");
  Name full = name(repeat("a.", 126));  // 253 octets
  CHECK_FALSE(full.prepend("xx"));
  CHECK(full.prepend("x"));
  CHECK(full.size() == 255);
  CHECK_FALSE(full.prepend("x"));
  CHECK(label_count(full.view()) == 127);
}

TEST_CASE("name: only ASCII letters are folded (RFC 4343)") {
  CHECK(name("ABCxyzZ0@[`{").lowered() == name("abcxyzz0@[`{"));
  CHECK(equal_ignoring_case(name("A.b").view(), name("a.B").view()));
  CHECK_FALSE(equal_ignoring_case(name("a").view(), name("a.b").view()));
  CHECK_FALSE(equal_ignoring_case(name("[").view(), name("{").view()));
  CHECK_FALSE(equal_ignoring_case(name("\\193").view(), name("\\225").view()));
}

TEST_CASE("name: below is by label") {
  const struct {
    const char* name;
    const char* zone;
    bool below;
  } cases[] = {
      {"cluster.local", "cluster.local", true},
      {"a.cluster.local", "cluster.local", true},
      {"acluster.local", "cluster.local", false},
      {"local", "cluster.local", false},
      {"a.b", ".", true},
      {".", ".", true},
      {".", "a", false},
      {"a\\.cluster.local", "cluster.local", false},
      {"x\\007cluster.local", "cluster.local", false},
  };
  for (const auto& c : cases) {
    CAPTURE(c.name);
    CHECK(is_at_or_below(name(c.name).view(), name(c.zone).view()) == c.below);
  }
}

TEST_CASE("name: an address and its reverse name") {
  const struct {
    const char* name;
    const char* address;  // empty: not a full reverse name
  } cases[] = {
      {"1.2.3.10.in-addr.arpa", "10.3.2.1"},
      {"255.0.255.0.in-addr.arpa", "0.255.0.255"},
      {"256.0.0.1.in-addr.arpa", ""},
      {"01.0.0.1.in-addr.arpa", ""},
      {"0.0.1.in-addr.arpa", ""},
      {"1.0.0.0.1.in-addr.arpa", ""},
      {"x.0.0.1.in-addr.arpa", ""},
      {"1\\.0.0.1.in-addr.arpa", ""},
      {"in-addr.arpa", ""},
      {"1.0.0.1.ip6.arpa", ""},
      {"f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa", "fd00::f"},
      {"g.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa", ""},
      {"0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa", ""},
      {"00.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa", ""},
      {"ip6.arpa", ""},
      {"a", ""},
      {".", ""},
  };
  for (const auto& c : cases) {
    CAPTURE(c.name);
    const auto address = address_from_reverse_name(name(c.name).view());
    CHECK((address ? address->to_text() : "") == c.address);
  }
}

TEST_CASE("name: what lies in the reverse tree") {
  CHECK(is_reverse_name(name("in-addr.arpa").view()));
  CHECK(is_reverse_name(name("x.y.ip6.arpa").view()));
  CHECK_FALSE(is_reverse_name(name("arpa").view()));
  CHECK_FALSE(is_reverse_name(name("in-addr.arpa.example").view()));
}

}  // namespace
TEST_CASE("name: as a word of zone text nothing in it means anything else") {
  const auto word = [](const char* text) {
    std::string out;
    append_word(Name::from_text(text)->view(), out);
    return out;
  };
  CHECK(word(".") == ".");
  CHECK(word("plain-1._tcp.") == "plain-1._tcp.");
  CHECK(word(R"(a\ b.c\;d.\(e\).\@.it\'s.)") == R"(a\ b.c\;d.\(e\).\@.it\'s.)");
  CHECK(word("$ttl.x.") == R"(\$ttl.x.)");
  CHECK(word(R"(q\"q.\\.x\.y.\000.)") == R"(q\"q.\\.x\.y.\000.)");
}

TEST_CASE("name: the reverse name of an address spells it") {
  for (const char* text : {"192.0.2.10", "0.0.0.0", "255.1.20.0", "2001:db8::ab", "::"}) {
    CAPTURE(text);
    const IpAddress address = *IpAddress::from_text(text);
    CHECK(address_from_reverse_name(reverse_name(address).view()) == address);
  }
  CHECK(to_text(reverse_name(*IpAddress::from_text("192.0.2.10")).view()) ==
        "10.2.0.192.in-addr.arpa.");
}

TEST_CASE("query: labels in front of a zone") {
  const Name asked = *Name::from_text("A.b.Example.org.");
  Query query;
  query.set_name(asked.view());
  const auto in_front = [&](const char* zone) {
    return query.labels_in_front_of(Name::from_text(zone)->view());
  };
  CHECK(in_front(".") == 4);
  CHECK(in_front("org.") == 3);
  CHECK(in_front("example.org.") == 2);
  CHECK(in_front("a.b.example.org.") == 0);
  CHECK_FALSE(in_front("x.a.b.example.org."));
  CHECK_FALSE(in_front("xample.org."));
  CHECK_FALSE(in_front("b.org."));
  // The octets of this zone stand in the name, but within a label.
  const std::vector<uint8_t> wire{6, 'z', 'z', 3, 'o', 'r', 'g', 0};
  query.set_name(wire);
  CHECK_FALSE(in_front("org."));
  CHECK(query.label_is(0, "zz\3org"));
  CHECK_FALSE(query.label_is(0, "zz"));
}

}  // namespace fairlead::dns
