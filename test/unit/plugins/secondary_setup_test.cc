// Which servers a zone is copied from, and how they are asked.
#include <doctest/doctest.h>

#include <string>

#include "plugins/secondary/setup.h"
#include "test/unit/plugins/setup_support.h"

namespace fairlead::plugins::secondary {
namespace {

Source with_lines(const std::string& lines) {
  const auto parsed = [](corefile::Cursor& cursor, const corefile::Context& context) {
    return parse(cursor, context);
  };
  return testing::with_directive("secondary", "secondary {\n" + lines + "\n}", parsed).at(0);
}

// The server that `word` is, and the name of its certificate where that is given.
std::string said(const std::string& word) {
  const Primaries primaries = with_lines("transfer from 198.51.100.1 " + word).primaries;
  const Primary& last = primaries.back();
  return to_text(primaries) + (last.has_tls ? " with TLS " : " without TLS ") + last.server_name;
}

TEST_CASE("secondary: servers with TLS and without") {
  const struct {
    const char* word;
    const char* text;
  } rows[] = {
      {"192.0.2.1", "192.0.2.1:53 without TLS "},
      {"192.0.2.1:5353", "192.0.2.1:5353 without TLS "},
      {"2001:db8::1", "[2001:db8::1]:53 without TLS "},
      {"fe80::1%eth0", "[fe80::1%eth0]:53 without TLS "},
      {"[fe80::1%eth0]:5353", "[fe80::1%eth0]:5353 without TLS "},
      {"tls://192.0.2.1", "tls://192.0.2.1:853 with TLS "},
      {"tls://192.0.2.1:8853", "tls://192.0.2.1:8853 with TLS "},
      {"tls://2001:db8::1", "tls://[2001:db8::1]:853 with TLS "},
      {"tls://[2001:db8::1]:8853", "tls://[2001:db8::1]:8853 with TLS "},
      {"tls://192.0.2.1%ns.example", "tls://192.0.2.1:853 with TLS ns.example"},
      {"tls://192.0.2.1:8853%ns.example", "tls://192.0.2.1:8853 with TLS ns.example"},
      {"tls://[2001:db8::1%ns.example]:8853", "tls://[2001:db8::1]:8853 with TLS ns.example"},
  };
  for (const auto& row : rows) CHECK(said(row.word) == std::string("198.51.100.1:53, ") + row.text);
}

TEST_CASE("secondary: the name of a certificate is for servers with TLS, wherever it stands") {
  for (const char* lines :
       {"tls_servername a.b\ntransfer from 192.0.2.1\ntransfer from tls://192.0.2.2",
        "transfer from 192.0.2.1 tls://192.0.2.2\ntls_servername a.b"}) {
    const Primaries primaries = with_lines(lines).primaries;
    REQUIRE(primaries.size() == 2);
    CHECK(primaries[0].server_name.empty());
    CHECK(primaries[1].server_name == "a.b");
  }
}

TEST_CASE("secondary: files of TLS, as forward has them") {
  using Settings = fairlead::forward::TlsSettings;
  const auto tls = [](const std::string& line) {
    return with_lines("transfer from tls://192.0.2.1\n" + line).tls;
  };
  CHECK(tls("") == Settings{"", "", ""});
  CHECK(tls("tls") == Settings{"", "", ""});
  CHECK(tls("tls ca") == Settings{"", "", "ca"});
  CHECK(tls("tls cert key") == Settings{"cert", "key", ""});
  CHECK(tls("tls cert key ca") == Settings{"cert", "key", "ca"});
}

}  // namespace
}  // namespace fairlead::plugins::secondary
