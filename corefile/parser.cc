#include "corefile/parser.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "corefile/lexer.h"
#include "corefile/mistakes.h"
#include "corefile/token_stream.h"

namespace fairlead::corefile {
namespace {

void replace_references(std::string& text, std::string_view open, std::string_view close,
                        const Environment& environment) {
  size_t at = text.find(open);
  while (at != std::string::npos) {
    const size_t name = at + open.size();
    const size_t end = text.find(close, at);
    // An empty reference ends the search, as it does in CoreDNS.
    if (end == std::string::npos || end <= name) return;
    const std::string value = environment(text.substr(name, end - name));
    text.replace(at, end + close.size() - at, value);
    at = text.find(open, at + value.size());
  }
}

bool is_import(const Token& token) {
  return token.starts_line && token.text == "import";
}

class Parser {
 public:
  Parser(const Sources& sources, std::string_view text, const std::string& file)
      : sources_(sources) {
    Token whole{.text = {}, .file = file, .line = 1, .starts_line = true, .quoted = false};
    stream_.push(lex(text, file, whole));
    config_.file = file;
  }

  Config run() {
    if (sources_.mistakes == nullptr) {
      read();
    } else {
      sources_.mistakes->attempt([this] { read(); });
    }
    return std::move(config_);
  }

 private:
  void read() {
    while (advance()) parse_block();
  }

  // Thrown, unless mistakes are gathered.
  void refuse(const ConfigError& error) const {
    if (sources_.mistakes == nullptr) throw error;
    sources_.mistakes->add(error);
  }

  // --- words ---
  bool advance() {
    ended_ = !stream_.next();
    return !ended_;
  }

  [[nodiscard]] const Token& current() const { return stream_.current(); }
  [[nodiscard]] ConfigError error(std::string_view message) const {
    return parse_error(current(), message);
  }

  Token replaced(Token token) {
    std::string text = replace_environment(token.text, sources_.environment);
    count(0, text.size(), token);
    if (text != token.text) token.quoted = true;
    token.text = std::move(text);
    return token;
  }

  Tokens lex(std::string_view text, const std::string& file, const Token& at) {
    count(0, text.size(), at);
    auto tokens = std::make_shared<const std::vector<Token>>(tokenize(text, file));
    count(tokens->size(), 0, at);
    return tokens;
  }

  void count(size_t tokens, size_t bytes, const Token& at) {
    tokens_ += tokens;
    bytes_ += bytes;
    if (tokens_ > kMaxTokens || bytes_ > kMaxTokenBytes)
      throw parse_error(at, "the configuration is too large");
  }

  // --- blocks ---
  void parse_block() {
    block_ = ServerBlock{};
    parse_keys();
    if (!ended_ && is_snippet()) {
      parse_snippet();
      return;
    }
    if (!ended_) parse_contents();
    if (block_.keys.empty()) {
      if (!block_.directives.empty()) warn_keyless();
      return;
    }
    std::stable_sort(
        block_.directives.begin(), block_.directives.end(),
        [this](const auto& a, const auto& b) { return order_of(a.name) < order_of(b.name); });
    config_.blocks.push_back(std::move(block_));
  }

  [[nodiscard]] int order_of(const std::string& name) const {
    return directive_order(sources_.directives, name);
  }

  void warn_keyless() {
    const Token& first = block_.directives.front().tokens.front();
    config_.warnings.push_back(first.file + ":" + std::to_string(first.line) +
                               " - A server block without a zone is ignored");
  }

  // Leaves the position at the word after the keys, or ended_.
  void parse_keys() {
    bool expecting = false;
    while (!ended_) {
      if (is_import(current())) {
        open_import();
        advance();
        continue;
      }
      if (!take_key(expecting)) return;
      advance();
      if (!ended_ && !expecting && current().starts_line) return;
    }
    if (expecting) throw error("Unexpected EOF");
  }

  // False at the opening brace.
  bool take_key(bool& expecting) {
    if (current().closes()) throw error("Unexpected '}' because no matching opening brace");
    if (current().opens()) {
      if (expecting) throw error("Expected another address but had '{' - check for extra comma");
      return false;
    }
    Token key = replaced(current());
    if (key.text.empty()) return true;
    expecting = key.text.back() == ',';
    if (expecting) key.text.pop_back();
    if (!key.text.empty()) block_.keys.push_back(std::move(key));
    return true;
  }

  // The position is at the opening brace, or at the first directive of a file without braces.
  void parse_contents() {
    const Token opening = current();
    const bool braces = opening.opens();
    if (braces) advance();
    while (!ended_) {
      if (current().closes()) {
        if (!braces) throw error("Unexpected '}' because no matching opening brace");
        return;
      }
      if (current().text == "import") {
        open_import();
        advance();
      } else {
        parse_directive();
      }
    }
    if (braces) throw unclosed(opening);
  }

  // The file ends inside of a block: the last word alone would tell nobody what is missing.
  [[nodiscard]] ConfigError unclosed(const Token& opening) const {
    return error("Unexpected end of file, expecting '}' for the '{' at " + opening.file + ":" +
                 std::to_string(opening.line));
  }

  // From the directive's name to the word after its last, or ended_.
  void parse_directive() {
    Token name = replaced(current());
    if (name.text != current().text) name.written = current().text;
    std::vector<Token> unknown;
    std::vector<Token>& tokens = is_usable(name) ? tokens_of(name.text) : unknown;
    tokens.push_back(std::move(name));
    int nesting = 0;
    Token opening;
    while (advance()) {
      if (nesting == 0 && current().opens()) opening = current();
      if (nesting == 0 && current().starts_line && !current().opens()) return;
      if (nesting > 0 && is_import(current())) {
        open_import();
        continue;
      }
      check_brace(nesting, tokens.back());
      tokens.push_back(replaced(current()));
    }
    if (nesting > 0) throw unclosed(opening);
  }

  // Counts braces and refuses those that stand where none may.
  void check_brace(int& nesting, const Token& before) const {
    const Token& token = current();
    if (token.opens()) {
      if (nesting == 0 && (token.starts_line || before.closes())) throw argument_error(token);
      ++nesting;
    } else if (token.closes()) {
      if (nesting == 0) throw error("Unexpected '}' because no matching opening brace");
      --nesting;
    } else if (nesting == 0 && before.closes()) {
      throw argument_error(before);
    }
  }

  [[nodiscard]] std::string unknown(const std::string& name) const {
    const auto foreign = std::ranges::find(sources_.foreign, name, &ForeignName::name);
    if (foreign != sources_.foreign.end())
      return not_supported("directive '" + name + "'", foreign->instead);
    return "Unknown directive '" + name + "'" +
           did_you_mean(nearest_directive(sources_.directives, name));
  }

  [[nodiscard]] bool is_usable(const Token& name) const {
    const int order = order_of(name.text);
    if (order < 0) {
      refuse(parse_error(name, unknown(name.text)));
      return false;
    }
    const DirectiveName& known = sources_.directives[static_cast<size_t>(order)];
    if (known.supported) return true;
    refuse(parse_error(name, not_supported("directive '" + name.text + "'", known.instead)));
    return false;
  }

  std::vector<Token>& tokens_of(const std::string& name) {
    for (Directive& directive : block_.directives) {
      if (directive.name == name) return directive.tokens;
    }
    return block_.directives.emplace_back(Directive{name, {}}).tokens;
  }

  // --- snippets ---
  [[nodiscard]] bool is_snippet() const {
    if (block_.keys.size() != 1) return false;
    const std::string& key = block_.keys.front().text;
    return key.size() >= 2 && key.front() == '(' && key.back() == ')';
  }

  void parse_snippet() {
    const std::string& key = block_.keys.front().text;
    const std::string name = key.substr(1, key.size() - 2);
    if (snippets_.contains(name))
      throw error("redeclaration of previously declared snippet " + name);
    if (!current().opens()) throw syntax_error(current(), "{");
    const Token opening = current();
    std::vector<Token> body;
    for (int nesting = 1; nesting > 0;) {
      if (!advance()) throw unclosed(opening);
      if (current().opens()) ++nesting;
      if (current().closes()) --nesting;
      if (nesting > 0) take_snippet_word(name, body);
    }
    snippets_.emplace(name, std::make_shared<const std::vector<Token>>(std::move(body)));
  }

  void take_snippet_word(const std::string& name, std::vector<Token>& body) const {
    const bool imports_itself = !body.empty() && is_import(body.back()) &&
                                replace_environment(current().text, sources_.environment) == name;
    if (imports_itself) throw error(kSnippetLoop);
    body.push_back(current());
  }

  // --- imports ---
  // At the word `import`; afterwards next() gives the first word imported.
  void open_import() {
    try {
      follow_import();
    } catch (const ConfigError& error) {
      if (has_run_away()) throw;
      refuse(error);
    }
  }

  // Imports have met a bound: what follows would meet it again and again.
  [[nodiscard]] bool has_run_away() const {
    return snippet_imports_ > kMaxSnippetImports || file_imports_ > kMaxFileImports ||
           tokens_ > kMaxTokens || bytes_ > kMaxTokenBytes;
  }

  void follow_import() {
    if (!stream_.next_on_line()) throw argument_error(current());
    const Token pattern = replaced(current());
    if (pattern.text.empty()) throw parse_error(pattern, "Import requires a non-empty filepath");
    if (stream_.next_on_line())
      throw error("Import takes only one argument (glob pattern or file)");
    const auto snippet = snippets_.find(pattern.text);
    if (snippet == snippets_.end()) {
      import_files(pattern);
      return;
    }
    if (++snippet_imports_ > kMaxSnippetImports) throw parse_error(pattern, kSnippetLoop);
    count(snippet->second->size(), 0, pattern);
    stream_.push(snippet->second);
  }

  void import_files(const Token& pattern) {
    if (++file_imports_ > kMaxFileImports) throw parse_error(pattern, kFileLoop);
    const std::string path = absolute(pattern);
    const bool is_glob = path.find_first_of("*?[]") != std::string::npos;
    if (!is_glob) {
      import_file(path, pattern);
      return;
    }
    const bool brackets =
        path.find('[') != std::string::npos && path.find(']') != std::string::npos;
    if (std::count(path.begin(), path.end(), '*') > 1 ||
        std::count(path.begin(), path.end(), '?') > 1 || brackets) {
      throw parse_error(pattern,
                        "Glob pattern may only contain one wildcard (*), but has others: " + path);
    }
    std::vector<std::string> matches = sources_.files.glob(path);
    if (matches.empty()) {
      config_.warnings.push_back("No files matching import glob pattern: " + pattern.text);
    }
    // The stream is a stack: what is pushed last is read first.
    for (auto match = matches.rbegin(); match != matches.rend(); ++match)
      import_file(*match, pattern);
  }

  void import_file(const std::string& path, const Token& pattern) {
    const bool readable = path.find('\0') == std::string::npos;
    const std::optional<FileText> file = readable ? sources_.files.read(path) : std::nullopt;
    if (!file) throw parse_error(pattern, "File to import not found: " + pattern.text);
    if (!file->error.empty())
      throw parse_error(pattern, "Could not import " + path + ": " + file->error);
    stream_.push(lex(file->text, path, pattern));
  }

  [[nodiscard]] std::string absolute(const Token& pattern) const {
    const std::filesystem::path folder = std::filesystem::path(sources_.files.working_directory()) /
                                         std::filesystem::path(pattern.file).parent_path();
    return (folder / pattern.text).lexically_normal().string();
  }

  static constexpr std::string_view kSnippetLoop = "maximum snippet import depth (10000) exceeded";
  static constexpr std::string_view kFileLoop = "maximum file import depth (100000) exceeded";

  const Sources& sources_;
  TokenStream stream_;
  bool ended_ = false;  // the last advance() found nothing
  ServerBlock block_;
  Config config_;
  std::map<std::string, Tokens> snippets_;
  int snippet_imports_ = 0;
  int file_imports_ = 0;
  size_t tokens_ = 0;
  size_t bytes_ = 0;
};

}  // namespace

Config parse(std::string_view text, const std::string& file, const Sources& sources) {
  return Parser(sources, text, file).run();
}

std::string replace_environment(std::string_view text, const Environment& environment) {
  std::string out(text);
  if (out.find('{') == std::string::npos) return out;
  replace_references(out, "{%", "%}", environment);
  replace_references(out, "{$", "}", environment);
  return out;
}

}  // namespace fairlead::corefile
