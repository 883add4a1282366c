// Words to server blocks: keys, braces, snippets, imports, environment. Checks directive names, not
// their arguments.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "corefile/corefile.h"
#include "corefile/directives.h"
#include "corefile/file_reader.h"

namespace fairlead::corefile {

class Mistakes;

struct Sources {
  const FileReader& files;
  Environment environment;
  DirectiveNames directives;  // those there are
  // Takes the errors that the rest of the text can be read without, instead of their being thrown:
  // names of directives, imports. Null: all are thrown.
  Mistakes* mistakes = nullptr;
  // Those of others, for the error that names them.
  std::span<const ForeignName> foreign{};
};

// Bounds that stop an import loop or a file that multiplies itself.
inline constexpr int kMaxSnippetImports = 10'000;
inline constexpr int kMaxFileImports = 100'000;
inline constexpr size_t kMaxTokens = 500'000;
inline constexpr size_t kMaxTokenBytes = 64u << 20;

// Parses a whole Corefile. `file` is its name as given by the user: errors name it, relative
// imports start from its folder. Throws ConfigError, or with Sources::mistakes ends where the text
// can be read no further, with the blocks before that. Safe on any input.
Config parse(std::string_view text, const std::string& file, const Sources& sources);

// `{%NAME%}`, then `{$NAME}`, replaced by the environment, each place once: a value is not searched
// again.
std::string replace_environment(std::string_view text, const Environment& environment);

}  // namespace fairlead::corefile
