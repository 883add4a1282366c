// Reading protobuf messages whose sender nobody vouches for. Internal to decoding. Source: the
// encoding chapter of the Protocol Buffers documentation; groups are not known.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "k8s-watch/joined_text.h"
#include "k8s-watch/rules.h"

namespace fairlead::k8s_watch {

/// Walks the fields of one message, in the order in which they stand:
///
///     while (message.next()) switch (message.field()) { case 1: name = message.text(); … }
///
/// A value of another type than asked for reads as empty and is noted in the rejection, as is
/// damage, which also ends the walk. Views point into the bytes given.
class Message {
 public:
  /// `path` is where the message stands, for the note; it must outlive the message.
  Message(std::string_view bytes, const char* path, Rejection& rejection)
      : rest_(bytes), path_(path), rejection_(&rejection) {}

  /// Goes to the next field; false at the end.
  bool next();

  [[nodiscard]] uint64_t field() const { return field_; }
  [[nodiscard]] std::string_view text() const;
  [[nodiscard]] int64_t integer() const;
  [[nodiscard]] bool boolean() const { return integer() != 0; }
  [[nodiscard]] Message message(const char* path) const { return {text(), path, *rejection_}; }

  /// Notes what is wrong with `path`; the first finding stands.
  void reject(const char* reason, const char* path) const { rejection_->set(reason, path); }
  /// The object can be used without `path`.
  void omit(const char* reason, const char* path) const { rejection_->omit(reason, path); }

 private:
  enum class Type : uint8_t { Varint = 0, Fixed64 = 1, Bytes = 2, Fixed32 = 5 };

  bool take_varint(uint64_t& out);
  bool take_bytes(uint64_t size);
  bool take_value();

  std::string_view rest_;
  const char* path_;
  Rejection* rejection_;
  uint64_t field_ = 0;
  Type type_ = Type::Varint;
  uint64_t number_ = 0;
  std::string_view bytes_;
};

/// Joins pieces of a stream into frames, each behind its length in four octets, most significant
/// first. Memory is bounded by one frame.
class FrameJoiner {
 public:
  explicit FrameJoiner(size_t max_frame) : max_frame_(max_frame) {}

  /// Calls `take(std::string_view frame) -> bool` for each frame that is complete; false from it,
  /// or a frame that is too long, ends the work with false.
  template <typename Take>
  bool feed(std::string_view bytes, Take take);

 private:
  static constexpr size_t kHead = 4;

  size_t max_frame_;
  size_t head_octets_ = 0;  // of the next frame's length that have arrived
  uint32_t size_ = 0;
  std::string frame_;
};

template <typename Take>
bool FrameJoiner::feed(std::string_view bytes, Take take) {
  while (!bytes.empty()) {
    for (; head_octets_ < kHead && !bytes.empty(); ++head_octets_, bytes.remove_prefix(1))
      size_ = size_ << 8U | static_cast<uint8_t>(bytes.front());
    if (head_octets_ < kHead) return true;
    if (size_ > max_frame_) return false;
    const std::string_view piece = bytes.substr(0, size_ - frame_.size());
    bytes.remove_prefix(piece.size());
    const bool whole = piece.size() == size_;
    if (!whole) frame_.append(piece);
    if (!whole && frame_.size() < size_) return true;
    const bool going_on = take(whole ? piece : std::string_view(frame_));
    empty_joined(frame_);
    head_octets_ = size_ = 0;
    if (!going_on) return false;
  }
  return true;
}

}  // namespace fairlead::k8s_watch
