// The words of a Corefile in reading order. Internal to the parser.
#pragma once

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "corefile/corefile.h"

namespace fairlead::corefile {

using Tokens = std::shared_ptr<const std::vector<Token>>;

// The words in reading order, with imports opened in place. A stack of lists instead of one spliced
// list keeps a file of many imports linear.
class TokenStream {
 public:
  // What `tokens` holds comes before what was to come.
  void push(Tokens tokens) {
    drop_finished();
    if (!tokens->empty()) frames_.push_back({std::move(tokens), 0});
  }

  bool next() {
    drop_finished();
    if (frames_.empty()) return false;
    Frame& frame = frames_.back();
    current_ = (*frame.tokens)[frame.next];
    if (frame.next == 0) current_.starts_line = true;
    ++frame.next;
    return true;
  }

  // To the next word if it is on the line of the current one.
  bool next_on_line() {
    drop_finished();
    if (frames_.empty()) return false;
    const Frame& frame = frames_.back();
    if (frame.next == 0 || (*frame.tokens)[frame.next].starts_line) return false;
    return next();
  }

  // The last word that next() gave.
  [[nodiscard]] const Token& current() const { return current_; }

 private:
  struct Frame {
    Tokens tokens;
    size_t next;
  };

  void drop_finished() {
    while (!frames_.empty() && frames_.back().next == frames_.back().tokens->size())
      frames_.pop_back();
  }

  std::vector<Frame> frames_;
  Token current_;
};

}  // namespace fairlead::corefile
