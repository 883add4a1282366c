// The client's end of HTTP/2, without its socket.
#pragma once

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fairlead::test {

/// Makes frames and reads them; what is heard is kept by stream.
class Http2Client {
 public:
  struct Heard {
    std::map<std::string, std::string> fields;
    std::string body;
    bool closed = false;
    uint32_t error = 0;
  };
  using Fields = std::vector<std::pair<std::string, std::string>>;

  Http2Client() {
    nghttp2_session_callbacks* callbacks = nullptr;
    nghttp2_session_callbacks_new(&callbacks);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_close);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
    nghttp2_session_client_new(&session_, callbacks, this);
    nghttp2_session_callbacks_del(callbacks);
    nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, nullptr, 0);
  }
  ~Http2Client() { nghttp2_session_del(session_); }
  Http2Client(const Http2Client&) = delete;
  Http2Client& operator=(const Http2Client&) = delete;

  static Fields get(const std::string& path) {
    return {{":method", "GET"}, {":scheme", "https"}, {":path", path}, {":authority", "x"}};
  }
  static Fields post(const std::string& path) {
    return {{":method", "POST"}, {":scheme", "https"}, {":path", path}, {":authority", "x"}};
  }

  /// The stream's number. `ends`: false leaves the request open behind the body.
  int32_t ask(const Fields& fields, const std::string* body = nullptr, bool ends = true) {
    std::vector<nghttp2_nv> values;
    for (const auto& [name, value] : fields) {
      values.push_back({reinterpret_cast<uint8_t*>(const_cast<char*>(name.data())),
                        reinterpret_cast<uint8_t*>(const_cast<char*>(value.data())), name.size(),
                        value.size(), NGHTTP2_NV_FLAG_NONE});
    }
    nghttp2_data_provider data{};
    if (body != nullptr) {
      bodies_.push_back(std::make_unique<Body>(Body{*body, 0, ends}));
      data.source.ptr = bodies_.back().get();
      data.read_callback = on_read;
    }
    return nghttp2_submit_request(session_, nullptr, values.data(), values.size(),
                                  body != nullptr ? &data : nullptr, nullptr);
  }

  void give_up(int32_t stream) {
    nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, stream, NGHTTP2_CANCEL);
  }

  std::vector<uint8_t> output() {
    std::vector<uint8_t> out;
    for (;;) {
      const uint8_t* octets = nullptr;
      const ssize_t size = nghttp2_session_mem_send(session_, &octets);
      if (size <= 0) return out;
      out.insert(out.end(), octets, octets + size);
    }
  }

  bool receive(std::span<const uint8_t> octets) {
    return nghttp2_session_mem_recv(session_, octets.data(), octets.size()) >= 0;
  }

  std::map<int32_t, Heard> heard;
  bool told_to_go = false;
  nghttp2_session* native() { return session_; }

 private:
  struct Body {
    std::string text;
    size_t sent;
    bool ends;
  };

  static Http2Client& of(void* user) { return *static_cast<Http2Client*>(user); }
  static int on_header(nghttp2_session*, const nghttp2_frame* frame, const uint8_t* name,
                       size_t name_size, const uint8_t* value, size_t value_size, uint8_t,
                       void* user) {
    of(user)
        .heard[frame->hd.stream_id]
        .fields[{reinterpret_cast<const char*>(name), name_size}]
        .assign(reinterpret_cast<const char*>(value), value_size);
    return 0;
  }
  static int on_data(nghttp2_session*, uint8_t, int32_t id, const uint8_t* octets, size_t size,
                     void* user) {
    of(user).heard[id].body.append(reinterpret_cast<const char*>(octets), size);
    return 0;
  }
  static int on_close(nghttp2_session*, int32_t id, uint32_t error, void* user) {
    of(user).heard[id].closed = true;
    of(user).heard[id].error = error;
    return 0;
  }
  static int on_frame(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    if (frame->hd.type == NGHTTP2_GOAWAY) of(user).told_to_go = true;
    return 0;
  }
  static ssize_t on_read(nghttp2_session*, int32_t, uint8_t* out, size_t size, uint32_t* flags,
                         nghttp2_data_source* source, void*) {
    auto& body = *static_cast<Body*>(source->ptr);
    const size_t piece = std::min(size, body.text.size() - body.sent);
    if (piece == 0 && !body.ends) return NGHTTP2_ERR_DEFERRED;
    std::copy_n(body.text.data() + body.sent, piece, out);
    body.sent += piece;
    if (body.sent == body.text.size() && body.ends) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return static_cast<ssize_t>(piece);
  }

  nghttp2_session* session_ = nullptr;
  std::vector<std::unique_ptr<Body>> bodies_;
};

}  // namespace fairlead::test
