// Bytes of the Kubernetes API, as JSON or protobuf, turned into objects. Lists and watch streams
// are decoded while they arrive: memory is bounded by one object. No I/O, no clock, no threads; an
// instance belongs to one thread.
//
// One object that cannot be used (a field of a wrong type, an absurd name) is reported as a Skip
// and the others go on; so is a part that the others of its object do without (an endpoint's
// address, a port). Nothing here throws on input, of whatever kind.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "k8s-watch/extras.h"
#include "k8s-watch/protobuf.h"
#include "zones/objects.h"

namespace fairlead::k8s_watch {

using Object = std::variant<zones::Namespace, zones::Service, zones::EndpointSlice, zones::Pod,
                            zones::ServiceImport>;

/// The largest object, and so the largest line of a watch stream. An API server's own limit is
/// about 1.5 MiB.
inline constexpr size_t kMaxObjectSize = 16U << 20U;

/// A Kubernetes Status object (meta/v1): how the API says what went wrong.
struct Status {
  int code = 0;  // HTTP status; 0 when the text was no Status
  std::string reason, message;
  int retry_after_seconds = 0;
};

/// What a watch stream says, or one item of a list (always Added or Deleted).
struct Event {
  enum class Type { Added, Modified, Deleted, Bookmark, Error };

  Type type = Type::Added;
  std::optional<Object> object;  // set for Added and Modified only
  zones::ObjectKey key;          // empty for Bookmark and Error
  std::string resource_version;  // of the object or the bookmark; empty for Error
  bool initial_events_end =
      false;      // Bookmark: everything that existed when a WatchList began has been sent
  Status status;  // Error only
};

/// An object left out, or a part of one. `key` holds what could be read of it.
struct Skip {
  zones::ObjectKey key;
  std::string reason;  // "json", "size", "event", "missing", "type", "name", "address" or "port"
  std::string detail;  // which field, for a log line; printable ASCII
  std::string resource_version;  // a watch goes on from here all the same; may be empty
  bool whole = true;             // false: only a part (see `detail`); the object's event follows
};

/// Receives what a decoder finds, in the stream's order, during feed().
class DecodeSink {
 public:
  virtual ~DecodeSink() = default;
  virtual void event(Event&& event) = 0;
  virtual void skipped(Skip&& skip) = 0;
};

/// A watch stream: one JSON event a line. A pod that is being deleted or has finished arrives as
/// Deleted, because no name may lead to it any more (`pods verified`).
class WatchDecoder {
 public:
  explicit WatchDecoder(zones::Kind kind, Extras extras = {});
  ~WatchDecoder();
  WatchDecoder(WatchDecoder&&) noexcept;
  WatchDecoder& operator=(WatchDecoder&&) noexcept;

  /// Takes the stream in pieces of any size. False: the stream is broken (a line that is no JSON,
  /// or longer than kMaxObjectSize) and stays so; error() says why. An unfinished last line is
  /// simply never reported.
  bool feed(std::string_view bytes, DecodeSink& sink);
  [[nodiscard]] const std::string& error() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The same stream as protobuf: an event a frame.
class ProtobufWatchDecoder {
 public:
  explicit ProtobufWatchDecoder(zones::Kind kind, Extras extras = {})
      : kind_(kind), extras_(extras) {}

  /// As WatchDecoder's. Broken: a frame that is no event, or longer than kMaxObjectSize.
  bool feed(std::string_view bytes, DecodeSink& sink);
  [[nodiscard]] const std::string& error() const { return error_; }

 private:
  bool take_frame(std::string_view frame, DecodeSink& sink);

  zones::Kind kind_;
  Extras extras_;
  FrameJoiner frames_{kMaxObjectSize};
  std::string error_;
};

/// The body of a LIST: each item arrives as an Added event (Deleted, for a pod that is going).
class ListDecoder {
 public:
  explicit ListDecoder(zones::Kind kind, Extras extras = {});
  ~ListDecoder();
  ListDecoder(ListDecoder&&) noexcept;
  ListDecoder& operator=(ListDecoder&&) noexcept;

  /// Takes the body in pieces of any size. False: it is no list and stays so; error() says why.
  bool feed(std::string_view bytes, DecodeSink& sink);
  /// To be called at the body's end. False when the list is incomplete: then nothing may be
  /// concluded from what is missing.
  bool finish();

  /// The list's metadata, complete once finish() said true. An empty continue token marks the last
  /// page.
  [[nodiscard]] const std::string& resource_version() const;
  [[nodiscard]] const std::string& continue_token() const;
  [[nodiscard]] const std::string& error() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Reads the body of an error response, in either encoding. A text that is no Status gives code 0
/// and its own first characters as message.
Status decode_status(std::string_view body);

}  // namespace fairlead::k8s_watch
