// The text of `fairlead status`: lines that are about something, under each other.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "dns/printable.h"

namespace fairlead::server {

class StatusText {
 public:
  static constexpr size_t kMost = size_t{64} << 10;  // octets; what would be more is left out

  /// `about` is empty for what goes on with the line before. Control characters become spaces.
  void add(std::string_view about, std::string_view text) {
    constexpr size_t kColumn = 10;
    if (text_.size() + kColumn + text.size() + 2 > kMost) return;
    text_ += about;
    text_.append(about.size() < kColumn ? kColumn - about.size() : 1, ' ');
    dns::append_line(text, text_);
    text_ += '\n';
  }

  /// Lines with their line end in front, as /ready has them.
  void add_lines(std::string_view about, std::string_view lines) {
    while (!lines.empty()) {
      lines.remove_prefix(1);
      const size_t end = std::min(lines.find('\n'), lines.size());
      add(about, lines.substr(0, end));
      lines.remove_prefix(end);
    }
  }

  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

}  // namespace fairlead::server
