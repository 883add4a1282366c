// Shared by the tests of directive parsers: one directive's lines in a block, with files held in
// memory.
#pragma once

#include <doctest/doctest.h>

#include <map>
#include <span>
#include <string>
#include <vector>

#include "corefile/arguments.h"
#include "corefile/parser.h"
#include "plugins/directive.h"

namespace fairlead::plugins::testing {

// Parses `lines` (from line 2 on) in a block of zone example.org and hands the directive `name` to
// `run`.
template <typename Run>
auto with_directive(const std::string& name, const std::string& lines, Run run,
                    const std::map<std::string, std::string>& files = {}) {
  const corefile::MemoryReader reader(files);
  const corefile::Environment no_variables = [](const std::string&) { return std::string(); };
  const corefile::Config config =
      corefile::parse("example.org {\n" + lines + "\n}", "Corefile",
                      corefile::Sources{reader, no_variables, directive_names()});
  corefile::Cursor cursor(*config.blocks.at(0).find(name));
  const corefile::Context context{{"example.org."}, "", &reader};
  return run(cursor, context);
}

// What the ConfigError of `run` says after `plugin/NAME: Corefile:`, or empty.
template <typename Run>
std::string setup_error(const std::string& name, const std::string& lines, Run run,
                        const std::map<std::string, std::string>& files = {}) {
  const std::string prefix = "plugin/" + name + ": Corefile:";
  try {
    with_directive(name, lines, run, files);
  } catch (const corefile::ConfigError& e) {
    const std::string text = e.what();
    return text.starts_with(prefix) ? text.substr(prefix.size()) : "wrong prefix: " + text;
  }
  return {};
}

struct BadLine {
  std::string lines;
  std::string expected;  // LINE - Error during parsing: …
};

// What setup_error() says of each. `files` as there.
template <typename Run>
void check_mistakes(const std::string& name, std::span<const BadLine> mistakes, Run run,
                    const std::map<std::string, std::string>& files = {}) {
  for (const BadLine& mistake : mistakes) {
    CAPTURE(mistake.lines);
    CHECK(setup_error(name, mistake.lines, run, files) == mistake.expected);
  }
}

inline const std::string kOnce =
    " - Error during parsing: this plugin can only be used once per Server Block";

inline std::string arguments_after(int line, const std::string& word) {
  return std::to_string(line) +
         " - Error during parsing: Wrong argument count or unexpected line ending after '" + word +
         "'";
}

inline std::string parsing(int line, const std::string& message) {
  return std::to_string(line) + " - Error during parsing: " + message;
}

}  // namespace fairlead::plugins::testing
