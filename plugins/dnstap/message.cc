#include "plugins/dnstap/message.h"

#include <cstddef>

namespace fairlead::plugins::dnstap {
namespace {

using std::chrono::duration_cast;
using std::chrono::nanoseconds;
using std::chrono::seconds;
using std::chrono::system_clock;

constexpr size_t kLength = 4;

// What stands behind a field's number (protobuf, "Encoding").
constexpr uint64_t kVarint = 0, kBytes = 2, kFixed32 = 5;

// Writes protobuf behind what is there.
class Writer {
 public:
  explicit Writer(std::vector<uint8_t>& out) : out_(out) {}

  void number(uint32_t field, uint64_t value) {
    varint(uint64_t{field} << 3 | kVarint);
    varint(value);
  }
  void fixed(uint32_t field, uint32_t value) {
    varint(uint64_t{field} << 3 | kFixed32);
    for (int shift = 0; shift < 32; shift += 8)
      out_.push_back(static_cast<uint8_t>(value >> shift));
  }
  void bytes(uint32_t field, std::span<const uint8_t> value) {
    varint(uint64_t{field} << 3 | kBytes);
    varint(value.size());
    out_.insert(out_.end(), value.begin(), value.end());
  }
  void text(uint32_t field, std::string_view value) {
    if (value.empty()) return;
    bytes(field, {reinterpret_cast<const uint8_t*>(value.data()), value.size()});
  }

 private:
  void varint(uint64_t value) {
    for (; value >= 0x80; value >>= 7) out_.push_back(static_cast<uint8_t>(value | 0x80));
    out_.push_back(static_cast<uint8_t>(value));
  }

  std::vector<uint8_t>& out_;
};

// Both fields of a time.
void write_time(Writer& writer, uint32_t field, system_clock::time_point time) {
  const auto since = time.time_since_epoch();
  const auto whole = duration_cast<seconds>(since);
  writer.number(field, static_cast<uint64_t>(whole.count()));
  writer.fixed(field + 1, static_cast<uint32_t>(duration_cast<nanoseconds>(since - whole).count()));
}

bool is_response(Kind kind) {
  return kind == Kind::ClientResponse || kind == Kind::ForwarderResponse;
}

// The field `message`.
void write_message(const Message& message, Writer& writer) {
  const bool has_query = message.query.port != 0;
  const bool has_response = message.response.port != 0;
  const auto& known = has_query ? message.query.address : message.response.address;
  writer.number(1, static_cast<uint64_t>(message.kind));
  writer.number(2, known.is_v6() ? 2 : 1);
  writer.number(3, static_cast<uint64_t>(message.protocol));
  if (has_query) writer.bytes(4, message.query.address.octets());
  if (has_response) writer.bytes(5, message.response.address.octets());
  if (has_query) writer.number(6, message.query.port);
  if (has_response) writer.number(7, message.response.port);
  write_time(writer, 8, message.query_time);
  if (!is_response(message.kind)) {
    if (!message.octets.empty()) writer.bytes(10, message.octets);
    return;
  }
  write_time(writer, 12, message.response_time);
  if (!message.octets.empty()) writer.bytes(14, message.octets);
}

}  // namespace

void append_frame(const Message& message, std::vector<uint8_t>& out) {
  thread_local std::vector<uint8_t> inner;  // kept for its memory
  inner.clear();
  Writer inner_writer(inner);
  write_message(message, inner_writer);

  const size_t begin = out.size();
  out.resize(begin + kLength);
  Writer writer(out);
  writer.text(1, message.identity);
  writer.text(2, message.version);
  writer.text(3, message.extra);
  writer.bytes(14, inner);
  writer.number(15, 1);  // the type: MESSAGE
  const size_t size = out.size() - begin - kLength;
  for (size_t i = 0; i < kLength; ++i)
    out[begin + i] = static_cast<uint8_t>(size >> (8 * (kLength - 1 - i)));
}

}  // namespace fairlead::plugins::dnstap
