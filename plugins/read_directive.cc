#include "plugins/read_directive.h"

#include <cstddef>
#include <exception>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "corefile/cursor.h"

namespace fairlead::plugins {
namespace {

using corefile::Token;

constexpr int kMostTries = 100;

struct Range {
  size_t begin = 0;
  size_t end = 0;  // behind the last
};

std::string place_of(const Token& token) {
  return token.file + ":" + std::to_string(token.line);
}

// The uses of a directive in its words.
std::vector<Range> uses_of(const corefile::Directive& words) {
  std::vector<Range> uses;
  int depth = 0;
  for (size_t i = 0; i < words.tokens.size(); ++i) {
    const Token& token = words.tokens[i];
    if (depth == 0 && token.starts_line && token.text == words.name) uses.push_back({i, i});
    depth += token.opens() ? 1 : token.closes() ? -1 : 0;
    if (!uses.empty()) uses.back().end = i + 1;
  }
  return uses;
}

// The lines within the braces of `use`, each with the braces that it opens.
std::vector<Range> lines_of(const corefile::Directive& words, const Range& use) {
  std::vector<Range> lines;
  int depth = 0;
  bool begins = false;
  for (size_t i = use.begin; i < use.end; ++i) {
    const Token& token = words.tokens[i];
    const int before = depth;
    depth += token.opens() ? 1 : token.closes() ? -1 : 0;
    if (before == 0 || depth == 0) {
      begins = depth == 1;
      continue;
    }
    if (begins || (before == 1 && token.starts_line)) lines.push_back({i, i});
    begins = false;
    lines.back().end = i + 1;
  }
  return lines;
}

// Takes wrong lines out of a directive, one after the other.
class Weeding {
 public:
  explicit Weeding(corefile::Directive& words) : words_(words) {}

  // Takes out the line that `error` is about, or else the whole use. False: the error follows from
  // what was taken out of the use before.
  bool take_out(const corefile::ConfigError& error) {
    for (const Range& use : uses_of(words_)) {
      if (!is_in(use, error)) continue;
      const std::string place = place_of(words_.tokens[use.begin]);
      if (const auto line = line_in(use, error)) {
        erase(*line);
        spoilt_.insert(place);
        return true;
      }
      erase(use);
      return !spoilt_.contains(place);
    }
    words_.tokens.clear();
    return true;
  }

 private:
  [[nodiscard]] bool is_in(const Range& range, const corefile::ConfigError& error) const {
    for (size_t i = range.begin; i < range.end; ++i) {
      const Token& token = words_.tokens[i];
      if (token.line == error.line() && token.file == error.file()) return true;
    }
    return false;
  }

  // None when the words that follow the directive's name are meant.
  [[nodiscard]] std::optional<Range> line_in(const Range& use,
                                             const corefile::ConfigError& error) const {
    const Token& name = words_.tokens[use.begin];
    if (name.line == error.line() && name.file == error.file()) return std::nullopt;
    for (const Range& line : lines_of(words_, use)) {
      if (is_in(line, error)) return line;
    }
    return std::nullopt;
  }

  void erase(const Range& range) {
    const auto begin = words_.tokens.begin();
    words_.tokens.erase(begin + static_cast<ptrdiff_t>(range.begin),
                        begin + static_cast<ptrdiff_t>(range.end));
  }

  corefile::Directive& words_;
  std::set<std::string> spoilt_;  // where uses begin that lack a line
};

}  // namespace

void read_directive(const Directive& directive, const corefile::Directive& words, Plan& plan) {
  corefile::Cursor cursor(words);
  if (directive.read == nullptr) throw cursor.not_supported("directive '" + words.name + "'");
  directive.read(cursor, plan);
  for (const std::string& warning : cursor.warnings())
    plan.warn("plugin/" + words.name + ": " + warning);
}

void check_directive(const Directive& directive, corefile::Directive words, Plan& plan,
                     corefile::Mistakes& mistakes) {
  Weeding weeding(words);
  for (int tries = 0; tries < kMostTries && !words.tokens.empty(); ++tries) {
    Plan trial = plan;
    try {
      read_directive(directive, words, trial);
      // What a line that was taken out would have said may be missed for no reason.
      if (tries > 0) trial.warnings.resize(plan.warnings.size());
      plan = std::move(trial);
      return;
    } catch (const corefile::ConfigError& error) {
      if (weeding.take_out(error)) mistakes.add(error);
    } catch (const std::exception& error) {
      mistakes.add(error);
      return;
    }
  }
}

}  // namespace fairlead::plugins
