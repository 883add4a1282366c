#include "k8s-watch/decode.h"

#include <utility>

#include "dns/printable.h"
#include "k8s-watch/decode_objects.h"
#include "k8s-watch/decode_protobuf.h"
#include "k8s-watch/fields.h"
#include "k8s-watch/json_framing.h"

namespace fairlead::k8s_watch {
namespace {

/// The parser keeps a multiple of the largest text it has seen; beyond this size it is not worth
/// keeping.
constexpr size_t kKeptText = 2U << 20U;
constexpr size_t kStatusExcerpt = 200;

/// simdjson's parser with its buffers, which serve one text after the other.
class Parser {
 public:
  /// The element is valid until the next call.
  simdjson::error_code parse(std::string_view text, simdjson::dom::element& out) {
    if (largest_ > kKeptText) {
      parser_ = std::make_unique<simdjson::dom::parser>();
      largest_ = 0;
    }
    largest_ = std::max(largest_, text.size());
    // The text is copied: simdjson reads some octets past its end.
    return parser_->parse(text.data(), text.size(), true).get(out);
  }

 private:
  std::unique_ptr<simdjson::dom::parser> parser_ = std::make_unique<simdjson::dom::parser>();
  size_t largest_ = 0;
};

/// Errors inside of values, which leave no doubt where the text begins and ends.
bool concerns_one_value(simdjson::error_code error) {
  return error == simdjson::UTF8_ERROR || error == simdjson::DEPTH_ERROR ||
         error == simdjson::NUMBER_ERROR || error == simdjson::STRING_ERROR;
}

void report(Decoded&& decoded, Event::Type type, DecodeSink& sink) {
  if (auto skip = skip_of(decoded)) {
    const bool whole = skip->whole;
    sink.skipped(std::move(*skip));
    if (whole) return;
  }
  Event event;
  event.type = decoded.gone ? Event::Type::Deleted : type;
  event.object = std::move(decoded.object);
  event.key = std::move(decoded.key);
  event.resource_version = std::move(decoded.resource_version);
  sink.event(std::move(event));
}

Event bookmark(simdjson::dom::element json) {
  Event event;
  event.type = Event::Type::Bookmark;
  Rejection ignored;
  simdjson::dom::object object;
  if (json.get(object) != simdjson::SUCCESS) return event;
  const auto metadata = Fields(object, "", ignored).object("metadata");
  if (!metadata) return event;
  event.resource_version = metadata->text("resourceVersion");
  const auto annotations = metadata->object("annotations");
  event.initial_events_end = annotations && annotations->text(kInitialEventsEnd) == "true";
  return event;
}

}  // namespace

struct WatchDecoder::State {
  zones::Kind kind;
  Extras extras;
  LineJoiner lines{kMaxObjectSize};
  Parser parser;
  std::string error;

  bool take_line(std::string_view line, DecodeSink& sink);
};

WatchDecoder::WatchDecoder(zones::Kind kind, Extras extras)
    : state_(new State{kind, extras, LineJoiner{kMaxObjectSize}, {}, {}}) {}
WatchDecoder::~WatchDecoder() = default;
WatchDecoder::WatchDecoder(WatchDecoder&&) noexcept = default;
WatchDecoder& WatchDecoder::operator=(WatchDecoder&&) noexcept = default;

const std::string& WatchDecoder::error() const {
  return state_->error;
}

bool WatchDecoder::feed(std::string_view bytes, DecodeSink& sink) {
  if (!state_->error.empty()) return false;
  const bool ok = state_->lines.feed(
      bytes, [&](std::string_view line) { return state_->take_line(line, sink); });
  if (!ok && state_->error.empty()) state_->error = "a line of the watch stream is too long";
  return ok;
}

bool WatchDecoder::State::take_line(std::string_view line, DecodeSink& sink) {
  if (line.find_first_not_of(" \t\r") == std::string_view::npos) return true;
  simdjson::dom::element json;
  const auto outcome = parser.parse(line, json);
  if (concerns_one_value(outcome)) {
    sink.skipped({{}, "json", simdjson::error_message(outcome), {}});
    return true;
  }
  simdjson::dom::object object;
  if (outcome != simdjson::SUCCESS || json.get(object) != simdjson::SUCCESS) {
    error = "a line of the watch stream is no JSON object: " + dns::printable(line, kStatusExcerpt);
    return false;
  }
  Rejection rejection;
  const Fields fields(object, "", rejection);
  const std::string_view type = fields.text("type");
  const auto inner = fields.find("object");
  if (!inner) {
    sink.skipped({{}, "missing", "object", {}});
  } else if (type == "ADDED" || type == "MODIFIED") {
    const auto as = type == "ADDED" ? Event::Type::Added : Event::Type::Modified;
    report(decode_object(kind, *inner, {.extras = extras}), as, sink);
  } else if (type == "DELETED") {
    report(decode_object(kind, *inner, {.metadata_only = true}), Event::Type::Deleted, sink);
  } else if (type == "BOOKMARK") {
    sink.event(bookmark(*inner));
  } else if (type == "ERROR") {
    Event event;
    event.type = Event::Type::Error;
    event.status = decode_status_object(*inner);
    sink.event(std::move(event));
  } else {
    sink.skipped({{}, "event", "type " + dns::printable(type, 40), {}});
  }
  return true;
}

bool ProtobufWatchDecoder::feed(std::string_view bytes, DecodeSink& sink) {
  if (!error_.empty()) return false;
  const bool ok =
      frames_.feed(bytes, [&](std::string_view frame) { return take_frame(frame, sink); });
  if (!ok && error_.empty()) error_ = "a frame of the watch stream is too long";
  return ok;
}

bool ProtobufWatchDecoder::take_frame(std::string_view frame, DecodeSink& sink) {
  ProtobufEvent found;
  if (!read_event(frame, found)) {
    error_ = "a frame of the watch stream is no event";
    return false;
  }
  if (found.type == "ADDED" || found.type == "MODIFIED") {
    const auto as = found.type == "ADDED" ? Event::Type::Added : Event::Type::Modified;
    report(decode_protobuf_object(kind_, found.object, {.extras = extras_}), as, sink);
  } else if (found.type == "DELETED") {
    report(decode_protobuf_object(kind_, found.object, {.metadata_only = true}),
           Event::Type::Deleted, sink);
  } else if (found.type == "BOOKMARK") {
    sink.event(decode_protobuf_bookmark(found.object));
  } else if (found.type == "ERROR") {
    Event event;
    event.type = Event::Type::Error;
    event.status = decode_protobuf_status(found.object);
    sink.event(std::move(event));
  } else {
    sink.skipped({{}, "event", "type " + dns::printable(found.type, 40), {}});
  }
  return true;
}

struct ListDecoder::State final : ListSink {
  State(zones::Kind of, Extras with) : kind(of), extras(with) {}

  void item(std::string_view text) override;
  void oversized_item() override;
  void member(std::string_view key, std::string_view text) override;

  zones::Kind kind;
  Extras extras;
  ListSplitter splitter{kMaxObjectSize};
  Parser parser;
  DecodeSink* sink = nullptr;  // during feed()
  size_t items = 0;
  std::string resource_version, continue_token, error;
};

void ListDecoder::State::item(std::string_view text) {
  ++items;
  simdjson::dom::element json;
  if (const auto outcome = parser.parse(text, json); outcome != simdjson::SUCCESS) {
    sink->skipped({{},
                   "json",
                   "item " + std::to_string(items) + ": " + simdjson::error_message(outcome),
                   {}});
    return;
  }
  report(decode_object(kind, json, {.extras = extras}), Event::Type::Added, *sink);
}

void ListDecoder::State::oversized_item() {
  ++items;
  sink->skipped({{}, "size", "item " + std::to_string(items), {}});
}

void ListDecoder::State::member(std::string_view key, std::string_view text) {
  if (key == "items" && text != "null") error = "items is not a list";
  // A proxy in front of the server may answer with something else, and a list of something else
  // says nothing of what exists.
  if (key == "kind" && text != "\"List\"" && text != std::string("\"") + type_name(kind) + "List\"")
    error = "something else came instead of a list: " + dns::printable(text, 40);
  if (key != "metadata") return;
  simdjson::dom::element json;
  simdjson::dom::object object;
  if (parser.parse(text, json) != simdjson::SUCCESS || json.get(object) != simdjson::SUCCESS) {
    error = "the list's metadata cannot be read";
    return;
  }
  Rejection rejection;
  const Fields metadata(object, "metadata", rejection);
  resource_version = metadata.text("resourceVersion");
  continue_token = metadata.text("continue");
  if (!rejection.reason.empty()) error = "the list's " + rejection.detail + " is of a wrong type";
}

ListDecoder::ListDecoder(zones::Kind kind, Extras extras)
    : state_(std::make_unique<State>(kind, extras)) {}
ListDecoder::~ListDecoder() = default;
ListDecoder::ListDecoder(ListDecoder&&) noexcept = default;
ListDecoder& ListDecoder::operator=(ListDecoder&&) noexcept = default;

bool ListDecoder::feed(std::string_view bytes, DecodeSink& sink) {
  if (!state_->error.empty()) return false;
  state_->sink = &sink;
  if (!state_->splitter.feed(bytes, *state_)) {
    state_->error = "the list cannot be read: " + state_->splitter.error();
  }
  state_->sink = nullptr;
  return state_->error.empty();
}

bool ListDecoder::finish() {
  if (state_->error.empty() && !state_->splitter.complete())
    state_->error = "the list is incomplete";
  return state_->error.empty();
}

const std::string& ListDecoder::resource_version() const {
  return state_->resource_version;
}
const std::string& ListDecoder::continue_token() const {
  return state_->continue_token;
}
const std::string& ListDecoder::error() const {
  return state_->error;
}

Status decode_status(std::string_view body) {
  if (is_protobuf(body)) return decode_protobuf_status(body);
  Parser parser;
  simdjson::dom::element json;
  Status status;
  if (body.size() <= kMaxObjectSize && parser.parse(body, json) == simdjson::SUCCESS)
    status = decode_status_object(json);
  if (status.code == 0 && status.message.empty())
    status.message = dns::printable(body, kStatusExcerpt);
  return status;
}

}  // namespace fairlead::k8s_watch
