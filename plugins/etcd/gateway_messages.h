// What etcd's JSON gateway is told and says (etcd v3 API: rpc.proto, kv.proto as JSON; octets are
// base64, 64-bit numbers texts). Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fairlead::plugins::etcd {

/// Keys from `begin` up to `end`, which is not among them.
struct Range {
  std::string begin, end;
  friend bool operator==(const Range&, const Range&) = default;
};

/// All keys that begin with `text`.
Range all_beginning_with(std::string_view text);

/// Of /v3/kv/range: up to `limit` keys in their order, as of `revision` (0: now).
std::string range_request(const Range& range, size_t limit, int64_t revision);
/// Of /v3/watch: a watch, with the number 0, whose first event may be of revision `from`.
struct Watched {
  Range range;
  int64_t from = 0;
};
std::string watch_request(const Watched& watched);
std::string authenticate_request(std::string_view name, std::string_view password);
/// Of /v3/lease/timetolive.
std::string lease_request(int64_t id);

struct KeyValue {
  std::string key, value;
  int64_t lease = 0;  // 0: none
  int64_t revision = 0;
};

/// What stands in front of every response. 0 where it is not said.
struct Header {
  uint64_t cluster = 0;
  int64_t revision = 0;
};

struct RangeReply {
  Header header;
  std::vector<KeyValue> keys;
  bool more = false;
};

struct WatchEvent {
  bool deleted = false;
  KeyValue key;  // of one that is deleted without value and lease
};

struct WatchReply {
  Header header;
  int64_t number = 0;  // of the watch
  bool created = false;
  bool canceled = false;
  bool fragment = false;  // more of the last revision follows
  int64_t compacted = 0;  // canceled, as events before this revision are gone
  std::string why;        // canceled: etcd's words; or an error of the gateway
  std::vector<WatchEvent> events;
};

/// Empty for what is no such reply.
std::optional<RangeReply> read_range(std::string_view json);
/// One line of the stream.
std::optional<WatchReply> read_watch(std::string_view json);
std::optional<std::string> read_token(std::string_view json);
/// Seconds; negative: the lease is over.
std::optional<int64_t> read_lease_ttl(std::string_view json);

/// What an error response says, on one line of at most 256 octets; empty when it says nothing.
std::string error_text(std::string_view json);

}  // namespace fairlead::plugins::etcd
