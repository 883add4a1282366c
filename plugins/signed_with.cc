#include "plugins/signed_with.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "dns/name.h"
#include "plugins/names.h"

namespace fairlead::plugins {

SignedWith signed_with(corefile::Cursor& cursor, std::span<const signing::TsigKey> keys,
                       bool complete) {
  const std::vector<std::string> words = cursor.remaining_args();
  if (words.empty() || words.size() > 2) throw cursor.arg_error();
  SignedWith with;
  with.key.name = name_at(cursor, words[0]);
  const auto key = std::ranges::find(keys, with.key.name, &signing::TsigKey::name);
  if (key != keys.end()) {
    with.key = *key;
  } else if (complete) {
    throw cursor.error("tsig has no key \"" + words[0] + "\" in this block");
  }
  if (words.size() == 2) {
    const auto name = dns::Name::from_text(words[1]);
    const auto algorithm = name ? signing::tsig_algorithm(name->view()) : std::nullopt;
    if (!algorithm) throw cursor.error("unknown TSIG algorithm \"" + words[1] + '"');
    with.algorithm = *algorithm;
  }
  return with;
}

}  // namespace fairlead::plugins
