#include "k8s-watch/base64.h"

#include <openssl/evp.h>

namespace fairlead::k8s_watch {

std::string encode_base64(std::string_view octets) {
  std::string out(4 * ((octets.size() + 2) / 3) + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                   reinterpret_cast<const unsigned char*>(octets.data()),
                                   static_cast<int>(octets.size()));
  out.resize(static_cast<size_t>(size));
  return out;
}

std::optional<std::string> decode_base64(std::string_view text) {
  std::string packed;
  for (const char c : text) {
    if (c != ' ' && c != '\n' && c != '\r' && c != '\t') packed += c;
  }
  if (packed.size() % 4 != 0) return std::nullopt;
  std::string out(packed.size() / 4 * 3, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                   reinterpret_cast<const unsigned char*>(packed.data()),
                                   static_cast<int>(packed.size()));
  if (size < 0) return std::nullopt;
  // OpenSSL counts the padding as octets.
  const size_t padding = packed.ends_with("==") ? 2 : packed.ends_with('=') ? 1 : 0;
  out.resize(static_cast<size_t>(size) - padding);
  return out;
}

}  // namespace fairlead::k8s_watch
