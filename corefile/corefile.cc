#include "corefile/corefile.h"

#include <openssl/evp.h>

#include <array>
#include <memory>

#include "corefile/parser.h"

namespace fairlead::corefile {
namespace {

std::string place(const Token& at, std::string_view plugin) {
  std::string text;
  if (!plugin.empty()) text.append("plugin/").append(plugin).append(": ");
  return text.append(at.file).append(":").append(std::to_string(at.line)).append(" - ");
}

class Hash {
 public:
  Hash() : context_(EVP_MD_CTX_new(), &EVP_MD_CTX_free) {
    if (!context_ || EVP_DigestInit_ex(context_.get(), EVP_sha512(), nullptr) != 1) {
      throw std::runtime_error("SHA-512 is not available");
    }
  }

  void add(std::string_view bytes) { EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()); }

  // Lengths in front of texts keep two different files from becoming the same bytes.
  void add_tokens(char kind, const std::vector<Token>& tokens) {
    add(std::string(1, kind) + std::to_string(tokens.size()) + ";");
    for (const Token& token : tokens) {
      const char* flags =
          token.starts_line ? (token.quoted ? "lq" : "l") : (token.quoted ? "q" : "");
      add(flags + std::to_string(token.text.size()) + ":");
      add(token.text);
    }
  }

  std::string hex() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    EVP_DigestFinal_ex(context_.get(), digest.data(), &size);
    std::string text;
    for (unsigned int i = 0; i < size; ++i) {
      text += "0123456789abcdef"[digest[i] >> 4];
      text += "0123456789abcdef"[digest[i] & 15];
    }
    return text;
  }

 private:
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

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

const Directive* ServerBlock::find(std::string_view name) const {
  for (const Directive& directive : directives) {
    if (directive.name == name) return &directive;
  }
  return nullptr;
}

std::string content_hash(const std::vector<ServerBlock>& blocks) {
  Hash hash;
  for (const ServerBlock& block : blocks) {
    hash.add_tokens('k', block.keys);
    for (const Directive& directive : block.directives) hash.add_tokens('d', directive.tokens);
  }
  return hash.hex();
}

}  // namespace fairlead::corefile
