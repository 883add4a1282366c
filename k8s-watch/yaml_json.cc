#include "k8s-watch/yaml_json.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <map>
#include <sstream>

#include "dns/printable.h"

namespace fairlead::k8s_watch {
namespace {

constexpr std::string_view kUtf8Mark = "\xef\xbb\xbf";

bool all_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

/// RFC 8259 §6, with an integer part short enough for 64 bits and without an exponent.
bool is_json_number(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  const size_t dot = text.find('.');
  const std::string_view whole = text.substr(0, dot);
  if (!all_digits(whole) || whole.size() > 18 || (whole.size() > 1 && whole.front() == '0'))
    return false;
  return dot == std::string_view::npos || all_digits(text.substr(dot + 1));
}

bool is_null(std::string_view text) {
  return text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL";
}

std::string json_string(std::string_view text) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += {'\\', c};
    } else if (octet < 0x20) {
      out += "\\u00";
      out += {kHex[octet >> 4U], kHex[octet & 15U]};
    } else {
      out += c;
    }
  }
  return out += '"';
}

/// Writes what the YAML parser says as JSON while it says it.
class JsonWriter final : public YAML::EventHandler {
 public:
  std::string take() { return out_.empty() ? "null" : std::move(out_); }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (documents_++ > 0) fail(mark, "text after the end of the document");
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    write(mark, anchor, "null");
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override;
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, anchor, '[');
  }
  void OnSequenceEnd() override { close(']'); }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(mark, anchor, '{');
  }
  void OnMapEnd() override { close('}'); }

 private:
  struct Frame {
    bool map;
    bool empty = true;
    bool key_next;
    YAML::anchor_t anchor;
    size_t begin;
  };

  [[noreturn]] static void fail(const YAML::Mark& mark, const char* why) {
    throw YAML::ParserException(mark, why);
  }

  [[nodiscard]] bool key_expected() const {
    return !frames_.empty() && frames_.back().map && frames_.back().key_next;
  }
  void separate(const YAML::Mark& mark);
  void write(const YAML::Mark& mark, YAML::anchor_t anchor, const std::string& json);
  void open(const YAML::Mark& mark, YAML::anchor_t anchor, char bracket);
  void close(char bracket);
  void remember(YAML::anchor_t anchor, std::string json);

  std::string out_;
  std::vector<Frame> frames_;
  std::map<YAML::anchor_t, std::string> anchors_;
  size_t remembered_ = 0;  // octets in anchors_
  int documents_ = 0;
};

/// What stands in front of the next value or key.
void JsonWriter::separate(const YAML::Mark& mark) {
  if (out_.size() > kMaxJson) fail(mark, "the document is too large");
  if (frames_.empty()) return;
  Frame& frame = frames_.back();
  if (frame.map && !frame.key_next) {
    out_ += ':';
  } else if (!frame.empty) {
    out_ += ',';
  }
  frame.empty = false;
  frame.key_next = frame.map && !frame.key_next;
}

void JsonWriter::write(const YAML::Mark& mark, YAML::anchor_t anchor, const std::string& json) {
  if (key_expected() && !json.starts_with('"')) fail(mark, "a key must be a text");
  separate(mark);
  out_ += json;
  remember(anchor, json);
}

void JsonWriter::OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                          const std::string& value) {
  if (!key_expected()) return write(mark, anchor, scalar_to_json(tag, value));
  if (tag == "?" && value == "<<") fail(mark, "merge keys (<<) are not supported");
  write(mark, anchor, json_string(value));
}

void JsonWriter::OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) {
  const auto found = anchors_.find(anchor);
  if (found == anchors_.end()) fail(mark, "an alias stands inside of what it names");
  write(mark, YAML::anchor_t{}, found->second);
}

void JsonWriter::open(const YAML::Mark& mark, YAML::anchor_t anchor, char bracket) {
  if (key_expected()) fail(mark, "a key must be a text");
  separate(mark);
  const bool map = bracket == '{';
  frames_.push_back({.map = map, .key_next = map, .anchor = anchor, .begin = out_.size()});
  out_ += bracket;
}

void JsonWriter::close(char bracket) {
  out_ += bracket;
  const Frame frame = frames_.back();
  frames_.pop_back();
  if (frame.anchor != YAML::anchor_t{}) remember(frame.anchor, out_.substr(frame.begin));
}

void JsonWriter::remember(YAML::anchor_t anchor, std::string json) {
  if (anchor == YAML::anchor_t{}) return;
  remembered_ += json.size();
  if (remembered_ > kMaxJson) fail(YAML::Mark::null_mark(), "the anchors' content is too large");
  anchors_[anchor] = std::move(json);
}

bool is_marker(std::string_view line, std::string_view marker) {
  return line.starts_with(marker) &&
         (line.size() == marker.size() ||
          std::string_view(" \t\r").find(line[marker.size()]) != std::string_view::npos);
}

/// Nothing but white space, a comment or a directive.
bool says_nothing(std::string_view line) {
  const size_t first = line.find_first_not_of(" \t\r");
  return first == std::string_view::npos || line[first] == '#' || line[0] == '%';
}

}  // namespace

std::vector<YamlDocument> split_documents(std::string_view text) {
  if (text.starts_with(kUtf8Mark)) text.remove_prefix(kUtf8Mark.size());
  std::vector<YamlDocument> documents;
  YamlDocument current{1, {}};
  bool speaks = false;
  const auto finish = [&] {
    if (speaks) documents.push_back(std::move(current));
    speaks = false;
  };
  for (size_t number = 1; !text.empty(); ++number) {
    const size_t end = std::min(text.find('\n'), text.size());
    std::string line(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (is_marker(line, "---") || is_marker(line, "...")) {
      finish();
      current = {number, {}};
      line.replace(0, 3, "   ");
    }
    const bool silent = says_nothing(line);
    speaks = speaks || !silent;
    // A directive belongs to the marker after it, which is gone.
    current.text += silent && line.starts_with('%') && !speaks ? "" : line;
    current.text += '\n';
  }
  finish();
  return documents;
}

std::string scalar_to_json(const std::string& tag, const std::string& text) {
  if (tag != "?") return json_string(text);
  if (is_null(text)) return "null";
  if (text == "true" || text == "True" || text == "TRUE") return "true";
  if (text == "false" || text == "False" || text == "FALSE") return "false";
  return is_json_number(text) ? text : json_string(text);
}

std::string yaml_to_json(const std::string& document) {
  try {
    std::istringstream in(document);
    YAML::Parser parser(in);
    JsonWriter writer;
    // Twice: the second call finds what the first has left behind.
    if (parser.HandleNextDocument(writer)) parser.HandleNextDocument(writer);
    return writer.take();
  } catch (const YAML::Exception& error) {
    throw YamlError(error.mark.is_null() ? 1 : static_cast<size_t>(error.mark.line) + 1,
                    dns::printable(error.msg));
  }
}

}  // namespace fairlead::k8s_watch
