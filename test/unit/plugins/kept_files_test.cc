#include <doctest/doctest.h>

#include <string>

#include "corefile/parser.h"
#include "plugins/config.h"
#include "plugins/directive.h"

namespace fairlead::plugins {
namespace {

std::string error_of(const std::string& text) {
  const corefile::MemoryReader files;
  const corefile::Environment none = [](const std::string&) { return std::string(); };
  try {
    make_config(corefile::parse(text, "Corefile", {files, none, directive_names()}), 1053, files,
                {});
  } catch (const corefile::ConfigError& error) {
    return error.what();
  }
  return {};
}

// Two blocks that copy one zone, the lines of each in its secondary.
std::string error_of_both(const std::string& one, const std::string& other) {
  const std::string key = "tsig {\nsecret k. c2VjcmV0\nsecret l. c2VjcmV0\n}\n";
  return error_of("a.x:53 {\n" + key + "secondary {\n" + one + "\n}\n}\na.x:54 {\n" + key +
                  "secondary {\n" + other + "\n}\n}");
}

}  // namespace

TEST_CASE("kept files: blocks share one for the same copy only") {
  const std::string from = "transfer from 192.0.2.1\n";
  const auto conflict = [](int line) {
    return "plugin/secondary: Corefile:" + std::to_string(line) +
           " - Error during parsing: /c/a.x.zone is kept for Corefile:8, too: a zone with other "
           "servers or another key needs another folder";
  };
  CHECK(error_of_both(from + "copies /c", from + "copies /c") == "");
  CHECK(error_of_both(from + "copies /c", from + "catalog\ncopies /d/../c/") == "");
  CHECK(error_of_both(from + "copies /c", from + "copies /d") == "");
  CHECK(error_of_both(from + "copies /c", "transfer from 192.0.2.2") == "");
  CHECK(error_of_both(from + "copies /c", "transfer from 192.0.2.2\ncopies /c") == conflict(18));
  CHECK(error_of_both(from + "copies /c", "transfer from 192.0.2.1:54\ncopies /./c") ==
        conflict(18));
  const std::string keyed = from + "copies /c\nkey ";
  CHECK(error_of_both(keyed + "k.", keyed + "k.") == "");
  CHECK(error_of_both(keyed + "k.", keyed + "l.") == conflict(19));
  CHECK(error_of_both(keyed + "k.", keyed + "k. hmac-sha512") == conflict(19));
  CHECK(error_of_both(from + "copies /c", keyed + "k.") == conflict(18));
}

TEST_CASE("kept files: what a later line of the block serves is what counts") {
  const std::string twice =
      "a.x {\nsecondary {\ntransfer from 192.0.2.1\ncopies /c\n}\nsecondary {\ntransfer from "
      "192.0.2.2\ncopies /c\n}\n}\n";
  CHECK(error_of(twice) == "");
  CHECK(error_of(twice + "a.x:54 {\nsecondary {\ntransfer from 192.0.2.2\ncopies /c\n}\n}") == "");
}

}  // namespace fairlead::plugins
