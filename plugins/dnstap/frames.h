// Frame Streams, the writer's end of a conversation: READY, the reader's ACCEPT, START, data, STOP,
// the reader's FINISH.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace fairlead::plugins::dnstap {

/// The numbers of control frames.
enum class Control : uint8_t { Accept = 1, Start = 2, Stop = 3, Ready = 4, Finish = 5 };

inline constexpr std::string_view kContentType = "protobuf:dnstap.Dnstap";

/// Appends a control frame; READY and START name the content type.
void append_control(Control control, std::vector<uint8_t>& out);

/// What a reader says, piece by piece. Never keeps more than one control frame.
class ControlReader {
 public:
  static constexpr size_t kMost = 512;  // octets of a control frame, as in libfstrm

  enum class Said : uint8_t {
    Nothing,  // not yet
    Accept,   // it takes our content type
    Finish,
    Wrong,  // no Frame Streams, or another content type: the conversation is over
  };

  /// Takes from the front of `octets` what belongs to the next control frame; says Nothing when
  /// all was taken and it is not whole.
  Said take(std::span<const uint8_t>& octets);

 private:
  [[nodiscard]] Said meaning() const;

  std::array<uint8_t, kMost + 8> frame_{};
  size_t size_ = 0;
};

}  // namespace fairlead::plugins::dnstap
