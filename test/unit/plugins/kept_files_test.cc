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

// What is said of that line, which wants the file of line 8 for something else; 0: nothing.
std::string conflict(int line) {
  if (line == 0) return {};
  return "plugin/secondary: Corefile:" + std::to_string(line) +
         " - Error during parsing: /c/a.x.zone is kept for Corefile:8, too: a zone with other "
         "servers, other TLS or another key needs another folder";
}

}  // namespace

TEST_CASE("kept files: blocks share one for the same copy only") {
  const std::string from = "transfer from 192.0.2.1\ncopies /c";
  const std::string keyed = from + "\nkey ";
  const struct {
    std::string one, other;
    int line;  // of the conflict; 0: none
  } rows[] = {
      {from, from, 0},
      {from, "transfer from 192.0.2.1\ncatalog\ncopies /d/../c/", 0},
      {from, "transfer from 192.0.2.1\ncopies /d", 0},
      {from, "transfer from 192.0.2.2", 0},
      {from, "transfer from 192.0.2.2\ncopies /c", 18},
      {from, "transfer from 192.0.2.1:54\ncopies /./c", 18},
      {keyed + "k.", keyed + "k.", 0},
      {keyed + "k.", keyed + "l.", 19},
      {keyed + "k.", keyed + "k. hmac-sha512", 19},
      {from, keyed + "k.", 18},
  };
  for (const auto& row : rows) CHECK(error_of_both(row.one, row.other) == conflict(row.line));
}

TEST_CASE("kept files: TLS makes another copy of it") {
  const std::string plain = "transfer from 192.0.2.1:853\ncopies /c";
  const std::string tls = "transfer from tls://192.0.2.1\ncopies /c";
  const struct {
    std::string one, other;
    int line;
  } rows[] = {
      {tls, tls + "\ntls", 0},
      {tls + "\ntls ca\ntls_servername n", tls + "\ntls_servername n\ntls ca", 0},
      {plain, plain + "\ntls ca", 0},
      {plain, tls, 18},
      {tls, tls + "\ntls ca", 18},
      {tls, tls + "\ntls_servername n", 18},
  };
  for (const auto& row : rows) CHECK(error_of_both(row.one, row.other) == conflict(row.line));
}

TEST_CASE("kept files: what a later line of the block serves is what counts") {
  const std::string twice =
      "a.x {\nsecondary {\ntransfer from 192.0.2.1\ncopies /c\n}\nsecondary {\ntransfer from "
      "192.0.2.2\ncopies /c\n}\n}\n";
  CHECK(error_of(twice) == "");
  CHECK(error_of(twice + "a.x:54 {\nsecondary {\ntransfer from 192.0.2.2\ncopies /c\n}\n}") == "");
}

}  // namespace fairlead::plugins
