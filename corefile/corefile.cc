#include "corefile/corefile.h"

namespace fairlead::corefile {
namespace {

std::string place(const Token& at, std::string_view plugin) {
  std::string text;
  if (!plugin.empty()) text.append("plugin/").append(plugin).append(": ");
  return text.append(at.file).append(":").append(std::to_string(at.line)).append(" - ");
}

}  // namespace

ConfigError parse_error(const Token& at, std::string_view message, std::string_view plugin) {
  return {place(at, plugin).append("Error during parsing: ").append(message), at.file, at.line};
}

ConfigError syntax_error(const Token& at, std::string_view expected, std::string_view plugin) {
  std::string text = place(at, plugin);
  text.append("Syntax error: Unexpected token '").append(at.text);
  text.append("', expecting '").append(expected).append("'");
  return {text, at.file, at.line};
}

ConfigError argument_error(const Token& at, std::string_view plugin) {
  if (at.opens()) return parse_error(at, "Unexpected token '{', expecting argument", plugin);
  return parse_error(at, "Wrong argument count or unexpected line ending after '" + at.text + "'",
                     plugin);
}

std::string not_supported(std::string_view what) {
  return std::string(what) + " is not supported yet; docs/migrate.md says what to do";
}

std::string not_supported(std::string_view what, std::string_view instead) {
  if (instead.empty()) return not_supported(what);
  return std::string(what) + " is not supported: " + std::string(instead) +
         "; docs/migrate.md says more";
}

const Directive* ServerBlock::find(std::string_view name) const {
  for (const Directive& directive : directives) {
    if (directive.name == name) return &directive;
  }
  return nullptr;
}

}  // namespace fairlead::corefile
