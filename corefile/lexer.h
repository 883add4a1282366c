// Corefile text to words. Knows quotes, comments and lines; knows no grammar.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "corefile/corefile.h"

namespace fairlead::corefile {

// Splits `text` at Unicode spaces. A leading byte order mark and carriage returns are dropped; `#`
// outside quotes hides the rest of the line, but inside a word only the rest of the word; a quote
// is special only as the first character of a word, may span lines, and knows only the escape \". A
// quote that is never closed ends with the text. Any byte is accepted; time and memory are linear
// in text.size(). `file` is what errors will name.
std::vector<Token> tokenize(std::string_view text, const std::string& file);

}  // namespace fairlead::corefile
