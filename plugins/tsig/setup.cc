#include "plugins/tsig/setup.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "corefile/file_reader.h"
#include "plugins/names.h"
#include "plugins/tsig/key_file.h"

namespace fairlead::plugins::tsig {
namespace {

using corefile::Context;
using corefile::Cursor;
using Words = std::vector<std::string>;

// As IANA writes them, and so CoreDNS.
constexpr std::array<std::pair<std::string_view, uint8_t>, 6> kOpcodes{
    {{"QUERY", 0}, {"IQUERY", 1}, {"STATUS", 2}, {"NOTIFY", 4}, {"UPDATE", 5}, {"DSO", 6}}};

// CoreDNS starts with a secret that is none, too.
void add_key(Cursor& cursor, const signing::TsigKey& key, Options& options) {
  const auto same = [&](const signing::TsigKey& other) { return other.name == key.name; };
  const std::string name = dns::to_text(key.name.view());
  if (std::ranges::any_of(options.keys, same)) throw cursor.error("key \"" + name + "\" redefined");
  if (key.secret.empty())
    return cursor.warn("the secret of key " + name +
                       " is not base64: no signature with it is good");
  options.keys.push_back(key);
}

void parse_secret(Cursor& cursor, Options& options) {
  const Words words = cursor.remaining_args();
  if (words.size() != 2) throw cursor.arg_error();
  signing::TsigKey key;
  const std::string wrong = make_key(words[0], words[1], key);
  if (!wrong.empty()) throw cursor.error(wrong);
  add_key(cursor, key, options);
}

void parse_secrets(Cursor& cursor, const Context& context, Options& options) {
  const std::string path = corefile::rooted_path(context, cursor.only_arg());
  if (context.files == nullptr) return;
  const std::optional<corefile::FileText> file = context.files->read(path);
  if (!file) throw cursor.error("open " + path + ": no such file or directory");
  if (!file->error.empty()) throw cursor.error("open " + path + ": " + file->error);
  std::vector<signing::TsigKey> keys;
  const std::string wrong = read_key_file(file->text, keys);
  if (!wrong.empty()) throw cursor.error(path + ": " + wrong);
  for (const signing::TsigKey& key : keys) add_key(cursor, key, options);
}

// `all`, `none`, or a list: what was said before counts no more.
template <class Number, class Find>
void parse_required(Cursor& cursor, bool& all, std::set<Number>& numbers, const Find& find) {
  const Words words = cursor.remaining_args();
  if (words.empty()) throw cursor.arg_error();
  numbers.clear();
  all = words[0] == "all";
  if (all || words[0] == "none") {
    if (words.size() > 1) throw cursor.arg_error();
    return;
  }
  for (const std::string& word : words) numbers.insert(find(word));
}

void parse_option(Cursor& cursor, const Context& context, Options& options) {
  const std::string name = cursor.value();
  if (name == "secret") {
    parse_secret(cursor, options);
  } else if (name == "secrets") {
    parse_secrets(cursor, context, options);
  } else if (name == "require") {
    parse_required(cursor, options.all, options.types, [&](const std::string& word) {
      const auto type = dns::rr_type_from_text(word);
      if (!type) throw cursor.error("unknown query type '" + word + "'");
      return static_cast<uint16_t>(*type);
    });
  } else if (name == "require_opcode") {
    parse_required(cursor, options.all_opcodes, options.opcodes, [&](const std::string& word) {
      for (const auto& [known, number] : kOpcodes) {
        if (dns::lowered(word) == dns::lowered(known)) return dns::Opcode{number};
      }
      throw cursor.error("unknown opcode '" + word + "'");
    });
  } else {
    throw cursor.unknown_property({"secret", "secrets", "require", "require_opcode"});
  }
}

}  // namespace

Options parse(Cursor& cursor, const Context& context) {
  Options options;
  while (cursor.next()) {
    cursor.require_once();
    options.zones = names_at(
        cursor, corefile::zone_arguments(cursor, cursor.remaining_args(), context.block_zones));
    while (cursor.next_block()) parse_option(cursor, context, options);
    if (options.keys.empty() && context.files != nullptr)
      cursor.warn("tsig has no secrets in this block: no signature is good");
  }
  return options;
}

}  // namespace fairlead::plugins::tsig
