#include "plugins/etcd/gateway_messages.h"

// One of the few places that read JSON.
#include <simdjson.h>

#include <charconv>

#include "dns/printable.h"
#include "k8s-watch/base64.h"

namespace fairlead::plugins::etcd {
namespace {

using simdjson::dom::element;
using simdjson::dom::object;

constexpr size_t kMostText = 256;

std::optional<object> object_of(simdjson::simdjson_result<element> value) {
  object found;
  if (value.get(found) != simdjson::SUCCESS) return std::nullopt;
  return found;
}

std::string text_of(object from, std::string_view name) {
  std::string_view text;
  if (from[name].get(text) != simdjson::SUCCESS) return {};
  return std::string(text);
}

// 64 bits are texts, fewer are numbers.
template <typename Number>
Number number_of(object from, std::string_view name) {
  Number number = 0;
  const auto value = from[name];
  if (value.get(number) == simdjson::SUCCESS) return number;
  const std::string text = text_of(from, name);
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

bool flag_of(object from, std::string_view name) {
  bool flag = false;
  return from[name].get(flag) == simdjson::SUCCESS && flag;
}

Header header_of(object from) {
  const auto header = object_of(from["header"]);
  if (!header) return {};
  return {number_of<uint64_t>(*header, "cluster_id"), number_of<int64_t>(*header, "revision")};
}

std::optional<KeyValue> key_value_of(object from) {
  auto key = k8s_watch::decode_base64(text_of(from, "key"));
  auto value = k8s_watch::decode_base64(text_of(from, "value"));
  if (!key || !value) return std::nullopt;
  return KeyValue{std::move(*key), std::move(*value), number_of<int64_t>(from, "lease"),
                  number_of<int64_t>(from, "mod_revision")};
}

// Calls `take(object) -> bool` for each member of a list that may be missing.
template <typename Take>
bool each(object from, std::string_view name, Take take) {
  simdjson::dom::array list;
  const auto value = from[name];
  if (value.error() != simdjson::SUCCESS) return true;
  if (value.get(list) != simdjson::SUCCESS) return false;
  for (const element one : list) {
    object member;
    if (one.get(member) != simdjson::SUCCESS || !take(member)) return false;
  }
  return true;
}

std::string short_line(std::string_view text) {
  return dns::one_line(text.substr(0, kMostText));
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    constexpr unsigned char kSpace = 0x20;
    if (c == '"' || c == '\\') {
      out += {'\\', c};
    } else if (static_cast<unsigned char>(c) < kSpace) {
      constexpr std::string_view kHex = "0123456789abcdef";
      const auto octet = static_cast<unsigned char>(c);
      out += "\\u00";
      out += {kHex[octet >> 4U], kHex[octet & 15U]};
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string range_text(const Range& range) {
  return R"("key":")" + k8s_watch::encode_base64(range.begin) + R"(","range_end":")" +
         k8s_watch::encode_base64(range.end) + '"';
}

// What the gateway says in place of a message. It knew two forms of it.
std::string trouble_of(object from) {
  if (const auto error = object_of(from["error"])) return text_of(*error, "message");
  const std::string message = text_of(from, "message");
  return message.empty() ? text_of(from, "error") : message;
}

}  // namespace

Range all_beginning_with(std::string_view text) {
  constexpr char kLast = '\xFF';
  std::string end(text);
  while (!end.empty() && end.back() == kLast) end.pop_back();
  if (!end.empty()) ++end.back();
  return {std::string(text), end.empty() ? std::string(1, '\0') : end};
}

std::string range_request(const Range& range, size_t limit, int64_t revision) {
  return "{" + range_text(range) + R"(,"limit":")" + std::to_string(limit) + R"(","revision":")" +
         std::to_string(revision) + "\"}";
}

std::string watch_request(const Watched& watched) {
  return R"({"create_request":{)" + range_text(watched.range) + R"(,"start_revision":")" +
         std::to_string(watched.from) + R"(","progress_notify":true,"fragment":true}})" + "\n";
}

std::string authenticate_request(std::string_view name, std::string_view password) {
  return R"({"name":)" + quoted(name) + R"(,"password":)" + quoted(password) + "}";
}

std::string lease_request(int64_t id) {
  return R"({"ID":")" + std::to_string(id) + "\"}";
}

std::optional<RangeReply> read_range(std::string_view json) {
  simdjson::dom::parser parser;
  const auto root = object_of(parser.parse(json));
  if (!root || !object_of((*root)["header"])) return std::nullopt;
  RangeReply reply{.header = header_of(*root), .keys = {}, .more = flag_of(*root, "more")};
  const bool good = each(*root, "kvs", [&](object one) {
    auto key = key_value_of(one);
    if (key) reply.keys.push_back(std::move(*key));
    return key.has_value();
  });
  if (!good) return std::nullopt;
  return reply;
}

std::optional<WatchReply> read_watch(std::string_view json) {
  simdjson::dom::parser parser;
  const auto root = object_of(parser.parse(json));
  if (!root) return std::nullopt;
  const auto result = object_of((*root)["result"]);
  if (!result) {
    WatchReply refused{.canceled = true, .why = short_line(trouble_of(*root)), .events = {}};
    if (refused.why.empty()) return std::nullopt;
    return refused;
  }
  WatchReply reply{.header = header_of(*result),
                   .number = number_of<int64_t>(*result, "watch_id"),
                   .created = flag_of(*result, "created"),
                   .canceled = flag_of(*result, "canceled"),
                   .fragment = flag_of(*result, "fragment"),
                   .compacted = number_of<int64_t>(*result, "compact_revision"),
                   .why = short_line(text_of(*result, "cancel_reason")),
                   .events = {}};
  const bool good = each(*result, "events", [&](object one) {
    const auto key = object_of(one["kv"]);
    auto read = key ? key_value_of(*key) : std::nullopt;
    if (read) reply.events.push_back({text_of(one, "type") == "DELETE", std::move(*read)});
    return read.has_value();
  });
  if (!good) return std::nullopt;
  return reply;
}

std::optional<std::string> read_token(std::string_view json) {
  simdjson::dom::parser parser;
  const auto root = object_of(parser.parse(json));
  std::string token = root ? text_of(*root, "token") : std::string();
  if (token.empty() || dns::one_line(token) != token) return std::nullopt;
  return token;
}

std::optional<int64_t> read_lease_ttl(std::string_view json) {
  simdjson::dom::parser parser;
  const auto root = object_of(parser.parse(json));
  if (!root || !object_of((*root)["header"])) return std::nullopt;
  return number_of<int64_t>(*root, "TTL");
}

std::string error_text(std::string_view json) {
  simdjson::dom::parser parser;
  const auto root = object_of(parser.parse(json));
  return root ? short_line(trouble_of(*root)) : std::string();
}

}  // namespace fairlead::plugins::etcd
