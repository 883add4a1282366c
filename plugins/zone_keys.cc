#include "plugins/zone_keys.h"

#include <openssl/crypto.h>

#include <optional>
#include <string_view>

#include "corefile/file_reader.h"

namespace fairlead::plugins {
namespace {

using corefile::Context;
using corefile::Cursor;

constexpr std::string_view kEndings[] = {".key", ".private"};

// Errors are Go's words.
std::string read_file(const Cursor& cursor, const Context& context, const std::string& path) {
  const std::optional<corefile::FileText> file = context.files->read(path);
  if (!file) throw cursor.error("open " + path + ": no such file or directory");
  if (!file->error.empty()) throw cursor.error("open " + path + ": " + file->error);
  return file->text;
}

NamedKey read_key(Cursor& cursor, const Context& context, std::string_view name) {
  for (const std::string_view ending : kEndings) {
    if (name.ends_with(ending)) name.remove_suffix(ending.size());
  }
  const std::string base = corefile::rooted_path(context, std::string(name));
  const std::string public_text = read_file(cursor, context, base + ".key");
  std::string private_text = read_file(cursor, context, base + ".private");
  std::string wrong;
  auto key = signing::ZoneKey::read(public_text, private_text, wrong);
  OPENSSL_cleanse(private_text.data(), private_text.size());
  if (key == nullptr) throw cursor.error(base + ": " + wrong);
  if (key->is_weak())
    cursor.warn(base + ": RSA with SHA-1 (algorithm " + std::to_string(key->algorithm()) +
                ") is not to be signed with any more (RFC 8624): make a key of algorithm 13");
  return {std::move(key), base};
}

}  // namespace

std::vector<NamedKey> read_keys(Cursor& cursor, const Context& context) {
  const std::vector<std::string> names = cursor.remaining_args();
  if (names.empty()) throw cursor.arg_error();
  std::vector<NamedKey> keys;
  if (context.files == nullptr) return keys;
  for (const std::string& name : names) keys.push_back(read_key(cursor, context, name));
  return keys;
}

}  // namespace fairlead::plugins
