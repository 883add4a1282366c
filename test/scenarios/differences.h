// The table of what is meant to differ from CoreDNS: differences.txt.
#pragma once

#include <regex>
#include <string>
#include <vector>

#include "test/scenarios/wire.h"

namespace fairlead::scenarios {

/// One recorded question with CoreDNS's reply and ours, as lines.
struct Compared {
  Question question;
  std::vector<std::string> theirs, ours;
};

class Differences {
 public:
  /// Reads the table. Throws std::runtime_error on a line it cannot read.
  explicit Differences(const std::string& path);

  /// The kinds of line ("reply", "edns", "answer", …) in which the two replies differ and that no
  /// entry explains.
  std::vector<std::string> unexplained(const Compared& compared);

  /// Headings that the document at `path` does not have.
  [[nodiscard]] std::vector<std::string> undocumented(const std::string& path) const;

  /// Headings of entries that have explained nothing so far.
  [[nodiscard]] std::vector<std::string> unused() const;

 private:
  struct Entry {
    std::string heading;
    std::vector<std::string> parts;
    std::regex question, theirs, ours;  // the query line; the reply's lines joined by '|'
    size_t used = 0;
  };
  std::vector<Entry> entries_;
};

}  // namespace fairlead::scenarios
