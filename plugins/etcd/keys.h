// Keys of etcd and the names they stand for: /skydns/local/skydns/web is web.skydns.local.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "dns/name.h"

namespace fairlead::plugins::etcd {

/// The option `path` as the beginning of keys: one slash in front, none at the end, "." and ".."
/// taken away as in a path of files. "/" for the root.
std::string clean_path(std::string_view path);

/// The key of `name` (lower-cased) below `root`, which is a clean_path(). What stands in a label
/// and is a slash makes a level of its own.
std::string key_of(std::string_view root, dns::NameView name);

/// The same, but only up to the label that stands for any, "*" or "any", if there is one.
struct Place {
  std::string key;
  bool wildcard = false;
};
Place place_of(std::string_view root, dns::NameView name);

/// Whether `key` has the levels of `pattern`, a key_of(), of which "*" and "any" are any level. It
/// may have more.
bool matches(std::string_view pattern, std::string_view key);

/// The name that `key` stands for; empty for a key that is not below `root` or spells no name.
std::optional<dns::Name> name_of(std::string_view root, std::string_view key);

}  // namespace fairlead::plugins::etcd
