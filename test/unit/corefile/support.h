// Shared by the Corefile tests: parsing text with files and variables held in memory.
#pragma once

#include <map>
#include <string>

#include "corefile/parser.h"

namespace fairlead::corefile::testing {

// Some of those there are, in their order; `rewrite` is known, no more.
inline constexpr DirectiveName kDirectives[] = {
    {"reload", true},     {"bind", true},   {"ready", true},     {"health", true},
    {"prometheus", true}, {"errors", true}, {"log", true},       {"loadbalance", true},
    {"rewrite", false},   {"cache", true},  {"template", false}, {"hosts", true},
    {"kubernetes", true}, {"loop", true},   {"forward", true},   {"whoami", true}};

using Map = std::map<std::string, std::string>;

inline Config parse_text(const std::string& text, const Map& files = {}, const Map& variables = {},
                         const std::string& file = "Corefile") {
  const MemoryReader reader(files);
  const Environment environment = [&](const std::string& name) {
    const auto found = variables.find(name);
    return found == variables.end() ? std::string() : found->second;
  };
  return parse(text, file, Sources{reader, environment, kDirectives});
}

// The message of the ConfigError that `run` throws, or empty.
template <typename Run>
std::string error_of(Run run) {
  try {
    run();
  } catch (const ConfigError& e) {
    return e.what();
  }
  return {};
}

inline std::string parse_error_of(const std::string& text, const Map& files = {},
                                  const Map& variables = {}) {
  return error_of([&] { parse_text(text, files, variables); });
}

// One line per block: keys, then each directive's words joined, `|` at a new line.
inline std::string summary(const Config& config) {
  std::string out;
  for (const ServerBlock& block : config.blocks) {
    for (const Token& key : block.keys) out += key.text + " ";
    for (const Directive& directive : block.directives) {
      out += "(";
      for (const Token& token : directive.tokens) {
        if (&token != &directive.tokens.front()) out += token.starts_line ? "|" : " ";
        out += token.text;
      }
      out += ")";
    }
    out += "\n";
  }
  return out;
}

}  // namespace fairlead::corefile::testing
