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

std::string_view nearest_directive(DirectiveNames known, std::string_view name) {
  constexpr size_t kLongest = 32;
  if (name.empty() || name.size() > kLongest) return {};
  std::string_view best;
  // A third of the letters may be wrong, two at most; more is a guess.
  int limit = std::min(2, static_cast<int>(name.size()) / 3 + (name.size() > 1 ? 1 : 0));
  for (const DirectiveName& directive : known) {
    const int edits = distance(name, directive.name);
    if (edits <= limit) {
      best = directive.name;
      limit = edits - 1;
    }
  }
  return best;
}

}  // namespace fairlead::corefile
