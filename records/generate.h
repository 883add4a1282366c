// $GENERATE, a line that stands for many (as BIND has it).
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace fairlead::records {

/// "1-10" or "1-10/2", at most kMostSteps.
struct GenerateRange {
  static constexpr int64_t kMostSteps = 65536;

  int64_t start = 0;
  int64_t stop = 0;
  int64_t step = 1;

  /// What is wrong, empty for nothing.
  std::string read(std::string_view text);
};

/// `line` with each "$" and "${OFFSET,WIDTH,BASE}" replaced by `number`; "$$" and "\$" are a dollar
/// sign. BASE is d, o, x or X. What is wrong, empty for nothing; `bad` is the part that it is wrong
/// with.
std::string generate_line(std::string_view line, int64_t number, std::string& out,
                          std::string_view& bad);

}  // namespace fairlead::records
