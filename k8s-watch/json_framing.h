// Cuts a stream of bytes into the JSON texts it holds, without understanding them: lines of a watch
// stream, items of a list. Only strings, escapes and brackets are followed; what a text says is for
// a parser. Memory is bounded by one text.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "k8s-watch/joined_text.h"

namespace fairlead::k8s_watch {

/// The pieces of a LIST body, in its order. The views hold during the call.
class ListSink {
 public:
  virtual ~ListSink() = default;
  virtual void item(std::string_view text) = 0;
  /// An item longer than the limit went by; its text is gone.
  virtual void oversized_item() = 0;
  /// A member of the list object other than its items.
  virtual void member(std::string_view key, std::string_view text) = 0;
};

/// Splits {"kind": …, "metadata": {…}, "items": [{…}, …]} as it arrives.
class ListSplitter {
 public:
  /// `max_item`: the longest item handed out. Other members may be at most kMaxMember long.
  explicit ListSplitter(size_t max_item) : max_item_(max_item) {}

  /// False: this is no JSON object with a list of items, and stays so.
  bool feed(std::string_view bytes, ListSink& sink);
  [[nodiscard]] bool complete() const { return state_ == State::End && saw_items_; }
  [[nodiscard]] const std::string& error() const { return error_; }

  static constexpr size_t kMaxMember = 1U << 20U;

 private:
  enum class State {
    Start,
    FirstKey,
    Key,
    InKey,
    Colon,
    Value,
    InValue,
    AfterValue,
    FirstItem,
    Item,
    InItem,
    AfterItem,
    End,
    Failed
  };

  bool between(char c);
  bool begin_value(char c);
  bool begin_item(char c);
  size_t take_key(std::string_view bytes);
  size_t take_value(std::string_view bytes, ListSink& sink);
  bool end_of_text(char c);
  void finish_text(ListSink& sink);
  void begin_text(char c);
  bool fail(const char* why);

  size_t max_item_;
  State state_ = State::Start;
  std::string key_;
  std::string text_;
  std::string error_;
  size_t depth_ = 0;        // open brackets of the text being taken
  bool in_string_ = false;  // of the text being taken, or the key
  bool escaped_ = false;    // the last octet was a backslash in a string
  bool scalar_ = false;     // the text is a number or a word: it ends where something else begins
  bool too_long_ = false;
  bool saw_items_ = false;
};

/// Joins pieces of a stream into lines, without the line feed. A blank line is left out.
class LineJoiner {
 public:
  explicit LineJoiner(size_t max_line) : max_line_(max_line) {}

  /// Calls `take(std::string_view line) -> bool` for each line that is complete; false from it, or
  /// a line that is too long, ends the work with false.
  template <typename Take>
  bool feed(std::string_view bytes, Take take);

 private:
  size_t max_line_;
  std::string line_;
};

template <typename Take>
bool LineJoiner::feed(std::string_view bytes, Take take) {
  while (!bytes.empty()) {
    const size_t end = bytes.find('\n');
    const std::string_view piece = bytes.substr(0, end);
    if (piece.size() > max_line_ - line_.size()) return false;
    if (end == std::string_view::npos) {
      line_.append(piece);
      return true;
    }
    bytes.remove_prefix(end + 1);
    if (line_.empty()) {
      if (!piece.empty() && !take(piece)) return false;
      continue;
    }
    line_.append(piece);
    const bool going_on = take(std::string_view(line_));
    empty_joined(line_);
    if (!going_on) return false;
  }
  return true;
}

}  // namespace fairlead::k8s_watch
