#include "plugins/sign/setup.h"

#include <algorithm>
#include <filesystem>
#include <string_view>
#include <utility>

#include "dns/printable.h"
#include "dns/types.h"
#include "net/utf8.h"
#include "plugins/names.h"
#include "plugins/zone_keys.h"

namespace fairlead::plugins::sign {
namespace {

using corefile::Context;
using corefile::Cursor;
using Words = std::vector<std::string>;

constexpr size_t kMostShown = 64;  // octets of a path in an error
constexpr const char* kDirectory = "/var/lib/coredns";

void parse_key(Cursor& cursor, const Context& context, Keys& keys) {
  if (!cursor.next_arg()) throw cursor.arg_error();
  const std::string source = cursor.value();
  if (source == "directory") throw cursor.error("directory: not implemented");
  if (source != "file")
    throw cursor.error("key " + source + ": only `key file` is known", {"file"});
  for (NamedKey& named : read_keys(cursor, context)) {
    if (!named.key->is_entry_point())
      throw cursor.error("DNSKEY in \"" + named.base + ".key\" is not a CSK/KSK");
    keys.push_back(std::move(named.key));
  }
}

std::string parse_directory(Cursor& cursor, const Context& context) {
  const Words words = cursor.remaining_args();
  if (words.size() != 1) throw cursor.error("can only be one argument after \"directory\"");
  return corefile::rooted_path(context, words[0]);
}

// Without "." and such: one file has one name, as for CoreDNS.
std::string cleaned(const std::string& path) {
  return std::filesystem::path(path).lexically_normal().string();
}

// As CoreDNS, to which octets that are no UTF-8 become U+FFFD: no file has such a name on purpose.
bool is_readable(std::string_view path) {
  for (size_t at = 0; at < path.size();) {
    const size_t size = net::utf8_size(path, at);
    if (size == 0 || path.substr(at, size) == net::kReplacementCharacter) return false;
    at += size;
  }
  return true;
}

// A zone's name in a file's name: what would lead elsewhere is none (RFC 1035 §5.1 escapes).
void check_file_name(const Cursor& cursor, const std::string& text) {
  if (text.find('/') != std::string::npos)
    throw cursor.error("zone \"" + text + "\" cannot be in the name of a file");
}

void parse_use(Cursor& cursor, const Context& context, std::vector<Options>& all) {
  Options options;
  options.at = cursor.token();
  if (!cursor.next_arg()) throw cursor.arg_error();
  options.path = cleaned(corefile::rooted_path(context, cursor.value()));
  if (!is_readable(options.path))
    throw cursor.error("dbfile \"" + dns::printable(options.path, kMostShown) +
                       "\" contains invalid characters");
  const auto origins = names_at(
      cursor, corefile::zone_arguments(cursor, cursor.remaining_args(), context.block_zones));
  std::string directory = kDirectory;
  while (cursor.next_block()) {
    const std::string name = cursor.value();
    if (name == "key") {
      parse_key(cursor, context, options.keys);
    } else if (name == "directory") {
      directory = parse_directory(cursor, context);
    } else {
      throw cursor.unknown_property({"key", "directory"});
    }
  }
  for (const dns::Name& origin : origins) {
    const std::string zone = dns::to_text(origin.view());
    check_file_name(cursor, zone);
    options.origin = origin;
    std::string signed_path = directory;
    signed_path.append("/db.").append(zone).append("signed");
    options.signed_path = cleaned(signed_path);
    all.push_back(options);
  }
  if (options.keys.empty() && context.files != nullptr)
    cursor.warn("sign has no keys for " + options.path + ": nothing is signed");
}

}  // namespace

std::vector<Options> parse(Cursor& cursor, const Context& context) {
  std::vector<Options> all;
  while (cursor.next()) parse_use(cursor, context, all);
  return all;
}

}  // namespace fairlead::plugins::sign
