#include "server/flags.h"

#include <iterator>
#include <optional>
#include <string_view>

#include "corefile/directives.h"
#include "net/endpoint.h"

namespace fairlead::server {
namespace {

struct FlagText {
  std::string_view name;
  std::string_view value;  // empty for a switch
  std::string_view help;
};

constexpr FlagText kFlags[] = {
    {"check", "", "Read the Corefile, report what is wrong with it, and exit"},
    {"conf", "string", "Corefile to load, or stdin (default \"Corefile\", if there is one)"},
    {"dns.port", "string", "Default port (default \"53\")"},
    {"help", "", "Show this text"},
    {"log-format", "string", "Log format, text or json (default \"text\")"},
    {"p", "string", "Default port (default \"53\")"},
    {"pidfile", "string", "Path to write the process ID to"},
    {"plugins", "", "List the plugins"},
    {"quiet", "", "Say nothing at start"},
    {"translate-kube-dns", "string",
     "Print the Corefile for the kube-dns ConfigMap in this file (- for stdin), and exit"},
    {"version", "", "Show the version"},
};

// Told apart from flags by main().
struct CommandText {
  std::string_view name;
  std::string_view arguments;
  std::string_view help;
};

constexpr CommandText kCommands[] = {
    {"explain", "NAME [TYPE] [flags]",
     "Say why a name has the answer that it has (its flags: fairlead explain -help)"},
    {"status", "",
     "Say how the server that runs here is: ready, reloaded, what it knows, its upstreams"},
};

const FlagText* find_flag(std::string_view name) {
  if (name == "h") name = "help";
  for (const FlagText& flag : kFlags) {
    if (flag.name == name) return &flag;
  }
  return nullptr;
}

std::string in_quotes(std::string_view text) {
  return "\"" + std::string(text) + "\"";
}

// Go's strconv.ParseBool.
std::optional<bool> parse_bool(std::string_view text) {
  for (const std::string_view yes : {"1", "t", "T", "true", "TRUE", "True"}) {
    if (text == yes) return true;
  }
  for (const std::string_view no : {"0", "f", "F", "false", "FALSE", "False"}) {
    if (text == no) return false;
  }
  return std::nullopt;
}

bool& switch_of(Flags& flags, std::string_view name) {
  if (name == "check") return flags.check;
  if (name == "plugins") return flags.plugins;
  if (name == "quiet") return flags.quiet;
  if (name == "version") return flags.version;
  return flags.help;
}

// Empty, or what is wrong with the value.
std::string set_value(Flags& flags, std::string_view name, const std::string& value) {
  if (name == "conf") {
    flags.conf = value;
  } else if (name == "pidfile") {
    flags.pidfile = value;
  } else if (name == "log-format") {
    if (value != "text" && value != "json")
      return "unknown log format " + in_quotes(value) + ": expected text or json";
    flags.log_format = value == "json" ? net::LogFormat::Json : net::LogFormat::Text;
  } else if (name == "translate-kube-dns") {
    if (value.empty()) return "invalid value \"\" for flag -translate-kube-dns: a file is needed";
    flags.translate_kube_dns = value;
  } else {
    const auto port = net::parse_port(value);
    if (!port) {
      return "invalid value " + in_quotes(value) + " for flag -" + std::string(name) +
             ": parse error";
    }
    flags.port = *port;
  }
  return {};
}

class Reader {
 public:
  explicit Reader(const std::vector<std::string>& arguments) : arguments_(arguments) {}

  std::variant<Flags, UsageError> run() {
    while (at_ < arguments_.size()) {
      const std::string& argument = arguments_[at_];
      if (argument.size() < 2 || argument[0] != '-') break;
      ++at_;
      if (argument == "--") break;
      const std::string wrong = take(argument);
      if (!wrong.empty()) return UsageError{wrong};
    }
    if (at_ < arguments_.size() && !flags_.help) return extra();
    return flags_;
  }

 private:
  std::string take(const std::string& argument) {
    std::string_view name = std::string_view(argument).substr(argument.starts_with("--") ? 2 : 1);
    if (name.empty() || name[0] == '-' || name[0] == '=') return "bad flag syntax: " + argument;
    const size_t equals = name.find('=');
    std::optional<std::string> value;
    if (equals != std::string_view::npos) value = std::string(name.substr(equals + 1));
    name = name.substr(0, equals);
    const FlagText* flag = find_flag(name);
    if (flag == nullptr) return "flag provided but not defined: -" + std::string(name);
    return flag->value.empty() ? take_switch(flag->name, value) : take_value(flag->name, value);
  }

  std::string take_switch(std::string_view name, const std::optional<std::string>& value) {
    const std::optional<bool> on = value ? parse_bool(*value) : true;
    if (!on)
      return "invalid boolean value " + in_quotes(*value) + " for -" + std::string(name) +
             ": parse error";
    switch_of(flags_, name) = *on;
    return {};
  }

  std::string take_value(std::string_view name, std::optional<std::string> value) {
    if (!value) {
      if (at_ == arguments_.size()) return "flag needs an argument: -" + std::string(name);
      value = arguments_[at_++];
    }
    return set_value(flags_, name, *value);
  }

  [[nodiscard]] UsageError extra() const {
    std::vector<std::string_view> commands;
    commands.reserve(std::size(kCommands));
    for (const CommandText& command : kCommands) commands.push_back(command.name);
    const std::string& word = arguments_[at_];
    const std::string_view near = corefile::nearest_name(commands, word);
    if (!near.empty() && near == word)
      return {"the command " + in_quotes(word) + " stands in front of all flags", false, 2};
    if (!near.empty()) {
      return {"unknown command " + in_quotes(word) + ", did you mean " + in_quotes(near) + "?",
              false, 2};
    }
    std::string list;
    for (size_t i = at_; i < arguments_.size(); ++i)
      list += (list.empty() ? "" : " ") + arguments_[i];
    return {"extra command line arguments: [" + list + "]", false, 1};
  }

  const std::vector<std::string>& arguments_;
  size_t at_ = 0;
  Flags flags_;
};

}  // namespace

std::variant<Flags, UsageError> parse_flags(const std::vector<std::string>& arguments) {
  return Reader(arguments).run();
}

std::string usage_text(const std::string& program) {
  std::string text = "Usage of " + program + ":\n";
  for (const FlagText& flag : kFlags) {
    text.append("  -").append(flag.name);
    if (!flag.value.empty()) text.append(" ").append(flag.value);
    text.append("\n    \t").append(flag.help).append("\n");
  }
  text += "Commands, in front of all flags:\n";
  for (const CommandText& command : kCommands) {
    text.append("  ").append(command.name);
    if (!command.arguments.empty()) text.append(" ").append(command.arguments);
    text.append("\n    \t").append(command.help).append("\n");
  }
  return text;
}

}  // namespace fairlead::server
