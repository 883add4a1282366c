#include "plugins/etcd/keys.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

#include "dns/name_text.h"

namespace fairlead::plugins::etcd {
namespace {

bool is_any(std::string_view level) {
  return level == "*" || level == "any";
}

// The levels of a path, those that are empty left out.
std::vector<std::string_view> levels_of(std::string_view path) {
  std::vector<std::string_view> levels;
  while (!path.empty()) {
    const size_t end = std::min(path.find('/'), path.size());
    if (end != 0) levels.push_back(path.substr(0, end));
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return levels;
}

// As CoreDNS spells it in a name.
std::string text_of(std::span<const uint8_t> label) {
  std::array<uint8_t, dns::kMaxLabelSize + 2> name{};
  std::memcpy(name.data(), label.data(), label.size());
  std::string text;
  dns::append_word(dns::NameView(name.data(), label.size() + 1), text);
  text.pop_back();  // the final dot
  return text;
}

void append_level(std::string_view level, std::string& key) {
  if (!key.ends_with('/')) key += '/';
  key += level;
}

// From the root's side on.
std::vector<std::string> labels_of(dns::NameView name) {
  std::vector<std::string> labels;
  for (size_t at = 0; name[at] != 0; at += name[at] + 1U)
    labels.push_back(text_of(name.subspan(at, name[at] + 1U)));
  std::ranges::reverse(labels);
  return labels;
}

void append_label(const std::string& label, std::string& key) {
  for (const std::string_view level : levels_of(label)) append_level(level, key);
}

}  // namespace

std::string clean_path(std::string_view path) {
  std::vector<std::string_view> clean;
  for (const std::string_view level : levels_of(path)) {
    if (level == ".") continue;
    if (level != "..") {
      clean.push_back(level);
    } else if (!clean.empty()) {
      clean.pop_back();
    }
  }
  std::string text = "/";
  for (const std::string_view level : clean) append_level(level, text);
  return text;
}

std::string key_of(std::string_view root, dns::NameView name) {
  std::string key(root);
  for (const std::string& label : labels_of(name)) append_label(label, key);
  return key;
}

Place place_of(std::string_view root, dns::NameView name) {
  Place place{std::string(root)};
  for (const std::string& label : labels_of(name)) {
    if (is_any(label)) {
      place.wildcard = true;
      break;
    }
    append_label(label, place.key);
  }
  return place;
}

bool matches(std::string_view pattern, std::string_view key) {
  for (;;) {
    const size_t pattern_end = std::min(pattern.find('/'), pattern.size());
    const size_t key_end = std::min(key.find('/'), key.size());
    const std::string_view level = pattern.substr(0, pattern_end);
    if (!is_any(level) && level != key.substr(0, key_end)) return false;
    if (pattern_end == pattern.size()) return true;
    if (key_end == key.size()) return false;
    pattern.remove_prefix(pattern_end + 1);
    key.remove_prefix(key_end + 1);
  }
}

std::optional<dns::Name> name_of(std::string_view root, std::string_view key) {
  const std::string_view above = root == "/" ? std::string_view() : root;
  if (!key.starts_with(above)) return std::nullopt;
  key.remove_prefix(above.size());
  if (!key.starts_with('/')) return std::nullopt;
  key.remove_prefix(1);
  if (key.ends_with('/')) key.remove_suffix(1);
  std::string text;
  while (!key.empty()) {
    const size_t slash = key.rfind('/');
    text += slash == std::string_view::npos ? key : key.substr(slash + 1);
    text += '.';
    key = key.substr(0, slash == std::string_view::npos ? 0 : slash);
  }
  return text.empty() ? std::nullopt : dns::Name::from_text(text);
}

}  // namespace fairlead::plugins::etcd
