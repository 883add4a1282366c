// The hash of a configuration, as CoreDNS has it: SHA-512 over its server blocks as Go's
// encoding/json writes them.
#include <openssl/evp.h>

#include <array>
#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "corefile/corefile.h"
#include "net/utf8.h"

namespace fairlead::corefile {
namespace {

constexpr char kHex[] = "0123456789abcdef";

// U+2028 and U+2029 end a line in JavaScript; Go writes them so that JSON can stand in a script.
bool ends_script_line(std::string_view character) {
  return character == "\xe2\x80\xa8" || character == "\xe2\x80\xa9";
}

void append_octet(uint8_t octet, std::string& out) {
  static constexpr std::string_view kShort = "\b\f\n\r\t\"\\";
  static constexpr std::string_view kLetters = "bfnrt\"\\";
  const char c = static_cast<char>(octet);
  if (const size_t at = kShort.find(c); at != std::string_view::npos) {
    out += {'\\', kLetters[at]};
  } else if (octet < ' ' || c == '<' || c == '>' || c == '&') {
    out += "\\u00";
    out += {kHex[octet >> 4U], kHex[octet & 15U]};
  } else {
    out += c;
  }
}

void append_string(std::string_view text, std::string& out) {
  out += '"';
  for (size_t at = 0; at < text.size();) {
    const size_t size = net::utf8_size(text, at);
    const std::string_view character = text.substr(at, size);
    if (size == 0) {
      out += net::kReplacementCharacter;
    } else if (size == 1) {
      append_octet(static_cast<uint8_t>(text[at]), out);
    } else if (ends_script_line(character)) {
      out += character.back() == '\xa8' ? "\\u2028" : "\\u2029";
    } else {
      out += character;
    }
    at += size == 0 ? 1 : size;
  }
  out += '"';
}

// Words of the Corefile itself have no file, those of what it imports have.
void append_token(const Token& token, const std::string& file, std::string& out) {
  out += R"({"File":)";
  append_string(token.file == file ? std::string_view() : token.file, out);
  out += R"(,"Line":)" + std::to_string(token.line) + R"(,"Text":)";
  append_string(token.written.empty() ? token.text : token.written, out);
  out += '}';
}

void append_block(const ServerBlock& block, const std::string& file, std::string& out) {
  const auto comma = [&out](bool& first) {
    if (!std::exchange(first, false)) out += ',';
  };
  bool first = true;
  out += R"({"Keys":[)";
  for (const Token& key : block.keys) {
    comma(first);
    append_string(key.text, out);
  }
  out += R"(],"Tokens":{)";
  std::map<std::string_view, const Directive*> sorted;
  for (const Directive& directive : block.directives) sorted[directive.name] = &directive;
  first = true;
  for (const auto& [name, directive] : sorted) {
    comma(first);
    append_string(name, out);
    out += ":[";
    bool first_token = true;
    for (const Token& token : directive->tokens) {
      comma(first_token);
      append_token(token, file, out);
    }
    out += ']';
  }
  out += "}}";
}

std::string sha512_hex(std::string_view octets) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  if (EVP_Digest(octets.data(), octets.size(), digest.data(), &size, EVP_sha512(), nullptr) != 1)
    throw std::runtime_error("SHA-512 is not available");
  std::string text;
  for (unsigned int i = 0; i < size; ++i) text += {kHex[digest[i] >> 4U], kHex[digest[i] & 15U]};
  return text;
}

}  // namespace

std::string content_hash(const std::vector<ServerBlock>& blocks, const std::string& file) {
  if (blocks.empty()) return sha512_hex("null");
  std::string json = "[";
  for (const ServerBlock& block : blocks) {
    if (json.size() > 1) json += ',';
    append_block(block, file, json);
  }
  return sha512_hex(json + ']');
}

}  // namespace fairlead::corefile
