// Label selectors of Kubernetes: read here, so that a mistake is found with its line and not by the
// API server, and applied here, because a folder of manifests has none.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fairlead::k8s_watch {

/// Requirements that must all hold: "a", "!a", "a=b", "a==b", "a!=b", "a in (b,c)", "a notin
/// (b,c)", joined by commas. As in Kubernetes, "!=" and "notin" also select what has no such label.
class LabelSelector {
 public:
  /// Selects everything.
  LabelSelector() = default;
  /// Throws std::runtime_error with what is wrong.
  static LabelSelector parse(std::string_view text);

  /// The value of a label, if the object has it.
  using Lookup = std::function<std::optional<std::string_view>(std::string_view key)>;
  [[nodiscard]] bool matches(const Lookup& label) const;

 private:
  struct Requirement {
    std::string key;
    bool wanted = true;      // false: the opposite must hold
    bool any_value = false;  // the label's presence is what counts
    std::vector<std::string> values;
  };
  class Reader;

  std::vector<Requirement> requirements_;
};

}  // namespace fairlead::k8s_watch
