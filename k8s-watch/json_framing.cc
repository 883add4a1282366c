#include "k8s-watch/json_framing.h"

namespace fairlead::k8s_watch {
namespace {

constexpr size_t kMaxKey = 256;

bool is_space(char c) {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

}  // namespace

bool ListSplitter::fail(const char* why) {
  state_ = State::Failed;
  error_ = why;
  return false;
}

bool ListSplitter::feed(std::string_view bytes, ListSink& sink) {
  while (!bytes.empty() && state_ != State::Failed) {
    if (state_ == State::InKey) {
      bytes.remove_prefix(take_key(bytes));
    } else if (state_ == State::InValue || state_ == State::InItem) {
      bytes.remove_prefix(take_value(bytes, sink));
    } else {
      if (!is_space(bytes.front())) between(bytes.front());
      bytes.remove_prefix(1);
    }
  }
  return state_ != State::Failed;
}

/// The grammar outside of texts: one octet that is no space.
bool ListSplitter::between(char c) {
  switch (state_) {
    case State::Start:
      if (c != '{') return fail("not a JSON object");
      state_ = State::FirstKey;
      return true;
    case State::FirstKey:
    case State::Key:
      if (c == '}' && state_ == State::FirstKey) {
        state_ = State::End;
        return true;
      }
      if (c != '"') return fail("a member's name was expected");
      key_.clear();
      state_ = State::InKey;
      return true;
    case State::Colon:
      if (c != ':') return fail("a colon was expected");
      state_ = State::Value;
      return true;
    case State::Value:
      return begin_value(c);
    case State::AfterValue:
      if (c != ',' && c != '}') return fail("a comma or closing brace was expected");
      state_ = c == ',' ? State::Key : State::End;
      return true;
    case State::FirstItem:
      if (c != ']') return begin_item(c);
      state_ = State::AfterValue;
      return true;
    case State::Item:
      return begin_item(c);
    case State::AfterItem:
      if (c != ',' && c != ']') return fail("a comma or closing bracket was expected");
      state_ = c == ',' ? State::Item : State::AfterValue;
      return true;
    default:
      return fail("text after the list's end");
  }
}

bool ListSplitter::begin_value(char c) {
  if (key_ != "items") {
    state_ = State::InValue;
  } else if (saw_items_) {
    return fail("two members named items");
  } else {
    saw_items_ = true;
    if (c == '[') {
      state_ = State::FirstItem;
      return true;
    }
    // Go writes an empty list as null when nobody made it.
    if (c != 'n') return fail("items is not a list");
    state_ = State::InValue;
  }
  begin_text(c);
  return state_ != State::Failed;
}

bool ListSplitter::begin_item(char c) {
  state_ = State::InItem;
  begin_text(c);
  return state_ != State::Failed;
}

void ListSplitter::begin_text(char c) {
  if (c == ',' || c == ']' || c == '}' || c == ':') {
    fail("a value was expected");
    return;
  }
  empty_joined(text_);
  text_.assign(1, c);
  depth_ = c == '{' || c == '[' ? 1 : 0;
  in_string_ = c == '"';
  escaped_ = false;
  scalar_ = depth_ == 0 && !in_string_;
  too_long_ = false;
}

size_t ListSplitter::take_key(std::string_view bytes) {
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (bytes[i] == '"') {
      state_ = State::Colon;
      return i + 1;
    }
    if (bytes[i] == '\\' || key_.size() == kMaxKey) {
      fail("a member of the list has an unusable name");
      return i;
    }
    key_.push_back(bytes[i]);
  }
  return bytes.size();
}

/// Follows one octet of a container or string; true when the text ends with it.
bool ListSplitter::end_of_text(char c) {
  if (in_string_) {
    if (escaped_) {
      escaped_ = false;
    } else if (c == '\\') {
      escaped_ = true;
    } else if (c == '"') {
      in_string_ = false;
      return depth_ == 0;
    }
    return false;
  }
  if (c == '"') in_string_ = true;
  if (c == '{' || c == '[') ++depth_;
  return (c == '}' || c == ']') && --depth_ == 0;
}

size_t ListSplitter::take_value(std::string_view bytes, ListSink& sink) {
  size_t length = 0;
  bool done = false;
  while (length < bytes.size() && !done) {
    const char c = bytes[length];
    if (scalar_) {
      done = c == ',' || c == ']' || c == '}' || is_space(c);
      if (done) break;
    } else {
      done = end_of_text(c);
    }
    ++length;
  }
  const size_t limit = state_ == State::InItem ? max_item_ : kMaxMember;
  if (too_long_ || length > limit - text_.size()) {
    if (state_ == State::InValue) fail("a member of the list is too long");
    too_long_ = true;
    text_.clear();
  } else {
    text_.append(bytes.substr(0, length));
  }
  if (done && state_ != State::Failed) finish_text(sink);
  return length;
}

void ListSplitter::finish_text(ListSink& sink) {
  if (state_ == State::InItem) {
    state_ = State::AfterItem;
    if (too_long_) {
      sink.oversized_item();
    } else {
      sink.item(text_);
    }
    return;
  }
  state_ = State::AfterValue;
  sink.member(key_, text_);
}

}  // namespace fairlead::k8s_watch
