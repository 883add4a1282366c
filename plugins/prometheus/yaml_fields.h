// The members of a YAML mapping whose keys are all known. Errors have the words of Go's YAML.
#pragma once

#include <yaml-cpp/yaml.h>

#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace fairlead::plugins::prometheus {

/// Everything throws std::runtime_error for a value of another kind than asked for. What is not
/// there, or null, is what it was without.
class YamlFields {
 public:
  /// `type` is what errors call the mapping.
  YamlFields(const YAML::Node& node, std::string_view type,
             std::initializer_list<std::string_view> keys);

  void read(const char* key, std::string& out) const;
  void read(const char* key, bool& out) const;
  void read(const char* key, int64_t& out) const;
  void read(const char* key, std::vector<std::string>& out) const;
  void read(const char* key, std::map<std::string, std::string>& out) const;

  /// A null node when it is not there.
  [[nodiscard]] YAML::Node node(const char* key) const;

 private:
  std::map<std::string, YAML::Node> members_;
};

}  // namespace fairlead::plugins::prometheus
