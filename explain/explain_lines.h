// The lines of an explanation: what each is about, and the text.
#pragma once

#include <string>
#include <string_view>

#include "dns/printable.h"

namespace fairlead::explain {

class ExplainLines {
 public:
  /// A heading, at the margin.
  void head(std::string_view text) { text_.append(text).append("\n"); }

  /// A line about `topic`; an empty one goes on with the line before. Control characters of `text`,
  /// which may be an API server's, become spaces.
  void add(std::string_view topic, std::string_view text) {
    constexpr size_t kColumn = 12;
    text_.append("  ").append(topic);
    text_.append(topic.size() < kColumn ? kColumn - topic.size() : 1, ' ');
    dns::append_line(text, text_);
    text_ += '\n';
  }

  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

}  // namespace fairlead::explain
