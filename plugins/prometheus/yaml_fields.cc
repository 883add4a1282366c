#include "plugins/prometheus/yaml_fields.h"

#include <algorithm>
#include <stdexcept>

namespace fairlead::plugins::prometheus {
namespace {

[[noreturn]] void fail(const YAML::Node& at, const std::string& what) {
  throw std::runtime_error("yaml: unmarshal errors: line " + std::to_string(at.Mark().line + 1) +
                           ": " + what);
}

[[noreturn]] void fail_type(const YAML::Node& value, const char* wanted) {
  const std::string kind = value.IsMap()        ? "!!map"
                           : value.IsSequence() ? "!!seq"
                                                : "!!str `" + value.Scalar() + "`";
  fail(value, "cannot unmarshal " + kind + " into " + wanted);
}

const std::string& text_of(const YAML::Node& value) {
  if (!value.IsScalar()) fail_type(value, "string");
  return value.Scalar();
}

}  // namespace

YamlFields::YamlFields(const YAML::Node& node, std::string_view type,
                       std::initializer_list<std::string_view> keys) {
  if (!node.IsDefined() || node.IsNull()) return;
  if (!node.IsMap()) fail_type(node, std::string(type).c_str());
  for (const auto& member : node) {
    const std::string key = text_of(member.first);
    if (std::ranges::find(keys, key) == keys.end())
      fail(member.first, "field " + key + " not found in type " + std::string(type));
    if (!members_.emplace(key, member.second).second)
      fail(member.first, "field " + key + " already set in type " + std::string(type));
  }
}

YAML::Node YamlFields::node(const char* key) const {
  const auto found = members_.find(key);
  return found == members_.end() ? YAML::Node() : found->second;
}

void YamlFields::read(const char* key, std::string& out) const {
  const YAML::Node value = node(key);
  if (!value.IsNull()) out = text_of(value);
}

void YamlFields::read(const char* key, bool& out) const {
  const YAML::Node value = node(key);
  if (!value.IsNull() && !YAML::convert<bool>::decode(value, out)) fail_type(value, "bool");
}

void YamlFields::read(const char* key, int64_t& out) const {
  const YAML::Node value = node(key);
  if (!value.IsNull() && !YAML::convert<int64_t>::decode(value, out)) fail_type(value, "int");
}

void YamlFields::read(const char* key, std::vector<std::string>& out) const {
  const YAML::Node value = node(key);
  if (value.IsNull()) return;
  if (!value.IsSequence()) fail_type(value, "[]string");
  for (const YAML::Node& one : value) out.push_back(text_of(one));
}

void YamlFields::read(const char* key, std::map<std::string, std::string>& out) const {
  const YAML::Node value = node(key);
  if (value.IsNull()) return;
  if (!value.IsMap()) fail_type(value, "map[string]string");
  for (const auto& member : value) {
    const std::string& name = text_of(member.first);
    if (!out.emplace(name, text_of(member.second)).second)
      fail(member.first, "key \"" + name + "\" already set in map");
  }
}

}  // namespace fairlead::plugins::prometheus
