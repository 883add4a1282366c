// The words of one record in the text of a zone file (RFC 1035 §5.1): blanks, comments, parentheses
// and quotes are understood here, meaning is not.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace fairlead::dns {

/// A view into the text. Escapes are still in it: see append_unescaped().
struct RecordWord {
  enum class Kind : uint8_t { Plain, Quoted, End, Broken };
  Kind kind = Kind::End;
  bool glued = false;  // nothing stands between this word and the one before
  std::string_view text;
  uint32_t line = 1;    // where it ends: both count from 1
  uint32_t column = 0;  // of what stands behind it on its line, or of its last octet

  [[nodiscard]] bool plain() const { return kind == Kind::Plain; }
  [[nodiscard]] bool quoted() const { return kind == Kind::Quoted; }
  [[nodiscard]] bool ends() const { return kind == Kind::End; }
};

/// Reads the first line that has words, over several lines of text where parentheses say so. Any
/// octets are accepted; time is linear in the text.
class RecordWords {
 public:
  /// `text` must outlive this. It begins in `line` of its file.
  explicit RecordWords(std::string_view text, uint32_t line = 1) : text_(text), line_(line) {}

  /// The next word. End when there is none, also ever after; Broken, with what is wrong as its
  /// text, for a quote that is not closed and for parentheses that do not match: both where they
  /// were opened.
  RecordWord next();
  [[nodiscard]] RecordWord peek() const { return RecordWords(*this).next(); }

  /// Behind an End: goes on to the next line that has words; false when there is none.
  bool next_record();
  /// Behind a word: what is left of its line as it stands in the text, which is read then.
  std::string_view rest_of_line();
  [[nodiscard]] uint32_t line() const { return line_; }
  /// Behind an End: the text ends with this line, which is whole.
  [[nodiscard]] bool at_last_line_end() const { return text_.substr(at_) == "\n"; }

  /// The first word stands behind blanks: the owner is left out.
  [[nodiscard]] bool begins_blank() const;

 private:
  [[nodiscard]] bool at_end() const { return at_ == text_.size(); }
  bool take_parenthesis();
  bool skip_blanks();
  void take();
  RecordWord quoted(RecordWord word);
  RecordWord plain(RecordWord word);
  [[nodiscard]] RecordWord finished(RecordWord word, RecordWord::Kind kind, size_t from,
                                    size_t size) const;
  struct Place {
    uint32_t line = 1;
    uint32_t column = 0;  // of the octet in front
  };
  [[nodiscard]] Place here() const { return {line_, column_}; }
  static RecordWord broken(std::string_view why, Place at);

  std::string_view text_;
  size_t at_ = 0;
  uint32_t line_ = 1;
  uint32_t column_ = 0;  // octets of this line that are behind us
  uint32_t open_ = 0;    // parentheses
  Place opened_;         // the outermost of them
  bool begun_ = false;   // a word has been read
  bool extra_ = false;   // a parenthesis was closed that is not open
};

/// `text` with "\X" and "\DDD" resolved (RFC 1035 §5.1); one or two digits are themselves, as in
/// CoreDNS. False for a number above 255 and for a backslash at the end.
bool append_unescaped(std::string_view text, std::string& out);

/// "dns: WHAT: "WORD" at line: 1:9", the word escaped, and cut when it is long. Of a word that is
/// broken: what is wrong with that.
std::string problem_with(const RecordWord& word, std::string_view what);

}  // namespace fairlead::dns
