#include "plugins/dnstap/frames.h"

#include <algorithm>

namespace fairlead::plugins::dnstap {
namespace {

constexpr size_t kHead = 8;  // an escape of four zeros, and the control's length
constexpr size_t kWord = 4;
constexpr uint32_t kContentTypeField = 1;

void append_word(size_t value, std::vector<uint8_t>& out) {
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<uint8_t>(value >> shift));
}

uint32_t word_at(std::span<const uint8_t> octets) {
  return uint32_t{octets[0]} << 24 | uint32_t{octets[1]} << 16 | uint32_t{octets[2]} << 8 |
         octets[3];
}

// Whether the fields of a control frame name our content type: each has type, length, octets.
bool names_content_type(std::span<const uint8_t> fields) {
  while (fields.size() >= 2 * kWord) {
    const uint32_t type = word_at(fields);
    const uint32_t size = word_at(fields.subspan(kWord));
    fields = fields.subspan(2 * kWord);
    if (size > fields.size()) return false;
    if (type == kContentTypeField && std::ranges::equal(fields.first(size), kContentType))
      return true;
    fields = fields.subspan(size);
  }
  return false;
}

}  // namespace

void append_control(Control control, std::vector<uint8_t>& out) {
  const bool names = control == Control::Ready || control == Control::Start;
  append_word(0, out);
  append_word(names ? 3 * kWord + kContentType.size() : kWord, out);
  append_word(static_cast<size_t>(control), out);
  if (!names) return;
  append_word(kContentTypeField, out);
  append_word(kContentType.size(), out);
  out.insert(out.end(), kContentType.begin(), kContentType.end());
}

ControlReader::Said ControlReader::take(std::span<const uint8_t>& octets) {
  for (;;) {
    size_t wanted = kHead;
    if (size_ >= kHead) {
      const std::span<const uint8_t> head(frame_);
      const uint32_t length = word_at(head.subspan(kWord));
      // A reader never sends data, and each control says at least what it is.
      if (word_at(head) != 0 || length < kWord || length > kMost) return Said::Wrong;
      wanted += length;
    }
    const size_t taken = std::min(wanted - size_, octets.size());
    std::copy_n(octets.begin(), taken, frame_.begin() + static_cast<ptrdiff_t>(size_));
    octets = octets.subspan(taken);
    size_ += taken;
    if (size_ < wanted) return Said::Nothing;
    if (wanted == kHead) continue;
    const Said said = meaning();
    size_ = 0;
    return said;
  }
}

ControlReader::Said ControlReader::meaning() const {
  const std::span<const uint8_t> control(frame_.data() + kHead, size_ - kHead);
  switch (word_at(control)) {
    case static_cast<uint32_t>(Control::Accept):
      return names_content_type(control.subspan(kWord)) ? Said::Accept : Said::Wrong;
    case static_cast<uint32_t>(Control::Finish):
      return Said::Finish;
    default:
      return Said::Wrong;
  }
}

}  // namespace fairlead::plugins::dnstap
