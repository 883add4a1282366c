#include "corefile/directives.h"

#include <algorithm>
#include <vector>

namespace fairlead::corefile {
namespace {

// Edits (insert, delete, replace, swap of neighbours) from `a` to `b`.
int distance(std::string_view a, std::string_view b) {
  std::vector<int> two_up(b.size() + 1), up(b.size() + 1), row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) up[j] = static_cast<int>(j);
  for (size_t i = 1; i <= a.size(); ++i) {
    row[0] = static_cast<int>(i);
    for (size_t j = 1; j <= b.size(); ++j) {
      const int change = a[i - 1] == b[j - 1] ? 0 : 1;
      row[j] = std::min({up[j] + 1, row[j - 1] + 1, up[j - 1] + change});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], two_up[j - 2] + 1);
    }
    std::swap(two_up, up);
    std::swap(up, row);
  }
  return up[b.size()];
}

}  // namespace

int directive_order(DirectiveNames known, std::string_view name) {
  const auto found = std::ranges::find(known, name, &DirectiveName::name);
  return found == known.end() ? -1 : static_cast<int>(found - known.begin());
}

std::string_view nearest_name(std::span<const std::string_view> known, std::string_view name,
                              int most) {
  constexpr size_t kLongest = 64;
  if (name.empty() || name.size() > kLongest) return {};
  std::string_view best;
  // A third of the letters may be wrong, `most` at most; more is a guess.
  int limit = std::min(most, static_cast<int>(name.size()) / 3 + (name.size() > 1 ? 1 : 0));
  for (const std::string_view other : known) {
    const size_t longer = std::max(other.size(), name.size());
    const size_t shorter = std::min(other.size(), name.size());
    if (longer - shorter > static_cast<size_t>(std::max(limit, 0))) continue;
    const int edits = distance(name, other);
    if (edits <= limit) {
      best = other;
      limit = edits - 1;
    }
  }
  return best;
}

std::string_view nearest_directive(DirectiveNames known, std::string_view name) {
  std::vector<std::string_view> names;
  names.reserve(known.size());
  for (const DirectiveName& directive : known) names.push_back(directive.name);
  return nearest_name(names, name);
}

std::string did_you_mean(std::string_view nearest) {
  return nearest.empty() ? "" : " (did you mean '" + std::string(nearest) + "'?)";
}

}  // namespace fairlead::corefile
