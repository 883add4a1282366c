#include "forward/http2.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>
#include <utility>

#include "net/nghttp2.h"

namespace fairlead::forward {
namespace {

constexpr size_t kMostBodies = size_t{1024} * 1024;  // of one connection
constexpr size_t kMostOutput = size_t{256} * 1024;   // more is said when this has left

}  // namespace

struct Http2::Stream {
  Question question;
  int32_t number = 0;
  size_t sent = 0;  // octets of the question
  size_t header_size = 0;
  unsigned status = 0;
  std::string content_type;
  std::vector<uint8_t> body;
  bool over = false;  // neither end has more to say
  bool done = false;  // the listener has been told

  [[nodiscard]] bool said(bool get) const { return get || sent == question.message.size(); }
};

// nghttp2 says what a callback is given.
// NOLINTBEGIN(readability-function-size)
struct Http2::Callbacks {
  static Http2& of(void* user) { return *static_cast<Http2*>(user); }

  // Null when nobody waits for what comes on it.
  static Stream* find(nghttp2_session* session, int32_t number) {
    auto* const stream =
        static_cast<Stream*>(nghttp2_session_get_stream_user_data(session, number));
    return stream != nullptr && !stream->done ? stream : nullptr;
  }

  static int header(nghttp2_session* session, const nghttp2_frame* frame, const uint8_t* name,
                    size_t name_size, const uint8_t* value, size_t value_size, uint8_t,
                    void* user) {
    Stream* const stream = find(session, frame->hd.stream_id);
    if (stream == nullptr) return 0;
    return net::guarded_http2([&] {
      of(user).add_header(*stream, {reinterpret_cast<const char*>(name), name_size},
                          {reinterpret_cast<const char*>(value), value_size});
    });
  }

  static int data(nghttp2_session* session, uint8_t, int32_t number, const uint8_t* octets,
                  size_t size, void* user) {
    Stream* const stream = find(session, number);
    if (stream == nullptr) return 0;
    return net::guarded_http2([&] { of(user).add_body(*stream, {octets, size}); });
  }

  static int frame_received(nghttp2_session* session, const nghttp2_frame* frame, void* user) {
    return net::guarded_http2([&] {
      Http2& http = of(user);
      if (frame->hd.type == NGHTTP2_SETTINGS) http.learn_width();
      if (frame->hd.type == NGHTTP2_GOAWAY) {
        http.farewell_ = std::string("http2: server sent GOAWAY; ErrCode=") +
                         nghttp2_http2_strerror(frame->goaway.error_code);
      }
      Stream* const stream = find(session, frame->hd.stream_id);
      if (stream != nullptr && net::ends_http2_stream(*frame))
        stream->over = stream->said(http.upstream_.get);
      if (stream != nullptr && frame->hd.type == NGHTTP2_HEADERS) http.header_ended(*stream);
      if (stream != nullptr && !stream->done && net::ends_http2_stream(*frame)) http.whole(*stream);
    });
  }

  static int invalid_frame(nghttp2_session*, const nghttp2_frame*, int error, void* user) {
    return net::guarded_http2(
        [&] { of(user).farewell_ = std::string("http2: ") + nghttp2_strerror(error); });
  }

  static int closed(nghttp2_session* session, int32_t number, uint32_t code, void* user) {
    auto* const stream =
        static_cast<Stream*>(nghttp2_session_get_stream_user_data(session, number));
    if (stream == nullptr) return 0;
    return net::guarded_http2([&] { of(user).closed(*stream, code); });
  }

  static ssize_t read(nghttp2_session*, int32_t, uint8_t* out, size_t size, uint32_t* flags,
                      nghttp2_data_source* source, void*) {
    auto& stream = *static_cast<Stream*>(source->ptr);
    const auto& message = stream.question.message;
    const size_t piece = std::min(size, message.size() - stream.sent);
    std::copy_n(message.data() + stream.sent, piece, out);
    stream.sent += piece;
    if (stream.sent == message.size()) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return static_cast<ssize_t>(piece);
  }

  static std::unique_ptr<nghttp2_session_callbacks, net::FreeHttp2Callbacks> all() {
    nghttp2_session_callbacks* made = nullptr;
    net::check_http2(nghttp2_session_callbacks_new(&made));
    nghttp2_session_callbacks_set_on_header_callback(made, header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(made, data);
    nghttp2_session_callbacks_set_on_frame_recv_callback(made, frame_received);
    nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(made, invalid_frame);
    nghttp2_session_callbacks_set_on_stream_close_callback(made, closed);
    return std::unique_ptr<nghttp2_session_callbacks, net::FreeHttp2Callbacks>(made);
  }
};
// NOLINTEND(readability-function-size)

Http2::Http2(DohUpstream& upstream, ConversationListener& listener)
    : DohConversation(upstream, listener), width_(upstream.streams) {
  nghttp2_session* made = nullptr;
  net::check_http2(nghttp2_session_client_new(&made, Callbacks::all().get(), this));
  session_.reset(made);
  const std::array<nghttp2_settings_entry, 3> settings{
      {{NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
       {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, uint32_t{kMaxHttpBody} + 1},
       {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, uint32_t{kMaxHttpHeader}}}};
  net::check_http2(
      nghttp2_submit_settings(made, NGHTTP2_FLAG_NONE, settings.data(), settings.size()));
  net::check_http2(
      nghttp2_session_set_local_window_size(made, NGHTTP2_FLAG_NONE, 0, int32_t{kMostBodies}));
}

// Closing its streams, nghttp2 calls nobody.
Http2::~Http2() = default;

void Http2::received(size_t size) {
  if (!error_.empty()) return;
  receiving_ = true;
  const ssize_t used = nghttp2_session_mem_recv(session_.get(), input_.data(), size);
  receiving_ = false;
  if (used < 0) {
    error_ = std::string("http2: ") + nghttp2_strerror(static_cast<int>(used));
    return;
  }
  if (takes_more()) {
    go_on();
  } else {
    send_away(farewell_.empty() ? "http2: the connection takes no more" : farewell_);
  }
  say();
  const bool over = nghttp2_session_want_read(session_.get()) == 0 &&
                    nghttp2_session_want_write(session_.get()) == 0;
  if (over && error_.empty()) error_ = farewell_.empty() ? "http2: the end" : farewell_;
}

void Http2::say() {
  while (!receiving_ && error_.empty() && output_.size() < kMostOutput) {
    const uint8_t* octets = nullptr;
    const ssize_t size = nghttp2_session_mem_send(session_.get(), &octets);
    if (size < 0) error_ = std::string("http2: ") + nghttp2_strerror(static_cast<int>(size));
    if (size <= 0) return;
    output_.insert(output_.end(), octets, octets + size);
  }
}

bool Http2::takes_more() const {
  return error_.empty() && width_ > 0 && nghttp2_session_check_request_allowed(session_.get()) != 0;
}

void Http2::start(Question question) {
  auto stream = std::make_unique<Stream>();
  stream->question = std::move(question);
  const auto& message = stream->question.message;
  const std::string size = std::to_string(message.size());
  const std::string target = upstream_.get ? doh_target(message) : std::string(kDohPath);
  std::array<nghttp2_nv, 7> fields{};
  size_t used = 0;
  fields[used++] = net::http2_field(":method", upstream_.get ? "GET" : "POST");
  fields[used++] = net::http2_field(":scheme", "https");
  fields[used++] = net::http2_field(":authority", upstream_.authority);
  // A path with a question is of no use to the next one's compression.
  fields[used++] = net::http2_field(
      ":path", target, upstream_.get ? NGHTTP2_NV_FLAG_NO_INDEX : NGHTTP2_NV_FLAG_NONE);
  fields[used++] = net::http2_field("accept", kDohType);
  if (!upstream_.get) {
    fields[used++] = net::http2_field("content-type", kDohType);
    fields[used++] = net::http2_field("content-length", size);
  }
  nghttp2_data_provider body{.source = {.ptr = stream.get()}, .read_callback = Callbacks::read};
  stream->number = nghttp2_submit_request(session_.get(), nullptr, fields.data(), used,
                                          upstream_.get ? nullptr : &body, stream.get());
  if (stream->number < 0) throw std::bad_alloc();  // takes_more() was asked: nothing else can be
  streams_.emplace(stream->number, std::move(stream));
}

// A reply that is not the final one (103) has a status of its own. What is not looked at is counted
// as well.
void Http2::add_header(Stream& stream, std::string_view name, std::string_view value) {
  stream.header_size += name.size() + value.size() + net::kHttpFieldCost;
  if (stream.header_size > kMaxHttpHeader) return fail(stream, "http2: the header is too large");
  if (name == ":status") {
    std::from_chars(value.data(), value.data() + value.size(), stream.status);
    stream.content_type.clear();
  } else if (name == "content-type" && stream.body.empty()) {
    stream.content_type = value;
  }
}

void Http2::header_ended(Stream& stream) {
  if (stream.status < 200) return;
  const std::string fault = fault_of_head(stream.status, stream.content_type);
  if (!fault.empty()) fail(stream, fault);
}

void Http2::add_body(Stream& stream, std::span<const uint8_t> octets) {
  if (stream.body.size() + octets.size() > kMaxHttpBody)
    return fail(stream, "http: the body is too large");
  if (kept_ + octets.size() > kMostBodies) return fail(stream, "http2: too much at once");
  stream.body.insert(stream.body.end(), octets.begin(), octets.end());
  kept_ += octets.size();
}

void Http2::whole(Stream& stream) {
  const std::string fault = fault_of_body(stream.body);
  if (!fault.empty()) return fail(stream, fault);
  std::vector<uint8_t> body = std::move(stream.body);
  kept_ -= body.size();
  stream.body.clear();
  finish(stream);
  listener_.on_reply(stream.question.id, body);
}

void Http2::closed(Stream& stream, uint32_t code) {
  stream.over = true;
  if (!stream.done) {
    fail(stream,
         "stream error: stream ID " + std::to_string(stream.number) + "; " +
             nghttp2_http2_strerror(code),
         code == NGHTTP2_REFUSED_STREAM);
  }
  streams_.erase(stream.number);
}

void Http2::learn_width() {
  const uint32_t allowed =
      nghttp2_session_get_remote_settings(session_.get(), NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS);
  width_ = std::min<size_t>(allowed, kMaxHttpStreams);
  upstream_.streams = std::max<size_t>(width_, 1);
}

void Http2::fail(Stream& stream, std::string_view text, bool untouched) {
  kept_ -= stream.body.size();
  stream.body.clear();
  finish(stream);
  listener_.on_failure(stream.question.id, text, untouched);
}

// Nothing more is to be said on it by either end.
void Http2::finish(Stream& stream) {
  stream.done = true;
  if (stream.over) return;
  net::check_http2(
      nghttp2_submit_rst_stream(session_.get(), NGHTTP2_FLAG_NONE, stream.number, NGHTTP2_CANCEL));
}

}  // namespace fairlead::forward
