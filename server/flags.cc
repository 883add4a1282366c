#include "server/flags.h"

#include <charconv>
#include <map>
#include <optional>
#include <string_view>

namespace fairlead::server {
namespace {

struct Definition {
  std::string_view value;  // what usage_text calls the value; empty for a switch
  std::string_view text;
  std::string Flags::* text_field = nullptr;
  bool Flags::* switch_field = nullptr;
};

const std::map<std::string, Definition, std::less<>>& definitions() {
  static const std::map<std::string, Definition, std::less<>> kDefinitions{
      {"check", {"", "Parse and check the Corefile without opening a socket, then exit", nullptr, &Flags::check}},
      {"conf", {"string", "Corefile to load (\"stdin\" reads standard input; default ./Corefile)", &Flags::conf}},
      {"dns.port", {"string", "Default port of server blocks (default 53)"}},
      {"h", {"", "Show this text", nullptr, &Flags::help}},
      {"help", {"", "Show this text", nullptr, &Flags::help}},
      {"p", {"string", "Short for -dns.port"}},
      {"pidfile", {"string", "Path to write the process id to", &Flags::pidfile}},
      {"plugins", {"", "List the supported plugins", nullptr, &Flags::plugins}},
      {"quiet", {"", "Do not print the version and the zones at start", nullptr, &Flags::quiet}},
      {"version", {"", "Show the version", nullptr, &Flags::version}},
  };
  return kDefinitions;
}

std::optional<bool> to_bool(std::string_view text) {
  for (const std::string_view yes : {"1", "t", "T", "true", "TRUE", "True"}) {
    if (text == yes) return true;
  }
  for (const std::string_view no : {"0", "f", "F", "false", "FALSE", "False"}) {
    if (text == no) return false;
  }
  return std::nullopt;
}

UsageError invalid_value(const std::string& name, const std::string& value, const std::string& why) {
  return {"invalid value \"" + value + "\" for flag -" + name + ": " + why};
}

std::optional<UsageError> set_value(const std::string& name, const std::string& value, Flags& flags) {
  const Definition& definition = definitions().find(name)->second;
  if (definition.switch_field != nullptr) {
    const auto on = to_bool(value);
    if (!on) return UsageError{"invalid boolean value \"" + value + "\" for -" + name + ": parse error"};
    flags.*definition.switch_field = *on;
    return std::nullopt;
  }
  if (definition.text_field != nullptr) {
    flags.*definition.text_field = value;
    return std::nullopt;
  }
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), flags.port);
  const bool whole = error == std::errc() && end == value.data() + value.size() && flags.port != 0;
  return whole ? std::nullopt : std::optional(invalid_value(name, value, "a port is 1 to 65535"));
}

// One argument split into its name and, behind '=', its value.
struct Argument {
  std::string name;
  std::optional<std::string> value;
};

std::variant<Argument, UsageError> split(const std::string& text) {
  Argument argument;
  const size_t dashes = text.starts_with("--") ? 2 : 1;
  const size_t equals = text.find('=');
  argument.name = text.substr(dashes, equals == std::string::npos ? equals : equals - dashes);
  if (argument.name.empty() || argument.name.front() == '-') return UsageError{"bad flag syntax: " + text};
  if (equals != std::string::npos) argument.value = text.substr(equals + 1);
  return argument;
}

}  // namespace

std::variant<Flags, UsageError> parse_flags(const std::vector<std::string>& arguments) {
  Flags flags;
  size_t i = 0;
  while (i < arguments.size() && arguments[i].size() > 1 && arguments[i].front() == '-') {
    const std::string& text = arguments[i++];
    if (text == "--") break;
    auto parsed = split(text);
    if (const auto* error = std::get_if<UsageError>(&parsed)) return *error;
    auto& argument = std::get<Argument>(parsed);
    const auto definition = definitions().find(argument.name);
    if (definition == definitions().end()) {
      return UsageError{"flag provided but not defined: -" + argument.name};
    }
    if (!argument.value && definition->second.value.empty()) argument.value = "true";
    if (!argument.value && i == arguments.size()) return UsageError{"flag needs an argument: -" + argument.name};
    if (!argument.value) argument.value = arguments[i++];
    if (auto error = set_value(argument.name, *argument.value, flags)) return *error;
  }
  if (i == arguments.size()) return flags;
  std::string extra;
  for (; i < arguments.size(); ++i) extra += (extra.empty() ? "" : " ") + arguments[i];
  return UsageError{"extra command line arguments: [" + extra + "]", false, 1};
}

std::string usage_text(const std::string& program) {
  std::string text = "Usage of " + program + ":\n";
  for (const auto& [name, definition] : definitions()) {
    text += "  -" + name;
    if (!definition.value.empty()) text += " " + std::string(definition.value);
    text += "\n    \t" + std::string(definition.text) + "\n";
  }
  return text;
}

}  // namespace fairlead::server
