#include "corefile/arguments.h"

#include <arpa/inet.h>

#include <charconv>
#include <stdexcept>

#include "corefile/duration.h"
#include "corefile/key.h"
#include "net/endpoint.h"

namespace fairlead::corefile {
namespace {

std::string number_error(const std::string& text, const char* why) {
  return "strconv.Atoi: parsing \"" + text + "\": " + why;
}

// No port behind the colon is any that is free, as in Go.
bool is_port(std::string_view text) {
  return text.empty() || net::parse_port(text);
}

// What keeps `text` from being HOST:PORT, or nullptr.
const char* listen_problem(const std::string& text) {
  const auto parts = net::split_host_port(text);
  if (parts && parts->port) return nullptr;
  if (text.find(':') == std::string::npos) return "missing port in address";
  if (parts) return parts->brackets ? "missing port in address" : "too many colons in address";
  return text.find(']') == std::string::npos ? "missing ']' in address"
                                             : "too many colons in address";
}

}  // namespace

int64_t integer_argument(const Cursor& cursor, const std::string& text, const std::string& before) {
  std::string_view digits = text;
  if (digits.starts_with('+') && !digits.substr(1).starts_with('-')) digits.remove_prefix(1);
  int64_t value = 0;
  const auto [end, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (ec == std::errc::result_out_of_range)
    throw cursor.error(before + number_error(text, "value out of range"));
  if (ec != std::errc() || end != digits.data() + digits.size())
    throw cursor.error(before + number_error(text, "invalid syntax"));
  return value;
}

std::chrono::nanoseconds duration_argument(const Cursor& cursor, const std::string& text,
                                           const std::string& wrong) try {
  return parse_duration(text);
} catch (const std::invalid_argument& e) {
  throw cursor.error(wrong.empty() ? e.what() : wrong);
}

std::vector<std::string> zone_arguments(const Cursor& cursor, const std::vector<std::string>& args,
                                        const std::vector<std::string>& otherwise) try {
  if (args.empty()) return otherwise;
  std::vector<std::string> zones;
  for (const std::string& arg : args) {
    for (std::string& zone : normalize_zone(arg)) zones.push_back(std::move(zone));
  }
  return zones;
} catch (const std::invalid_argument& e) {
  throw cursor.error(e.what());
}

std::string listen_address(Cursor& cursor, const std::string& text, WrongPort wrong) {
  if (const char* problem = listen_problem(text))
    throw cursor.error("address " + text + ": " + problem);
  if (is_port(*net::split_host_port(text)->port)) return text;
  const std::string what = "address " + text + ": invalid port";
  if (wrong == WrongPort::IsError) throw cursor.error(what);
  cursor.warn(what);
  return text;
}

std::string rooted_path(const Context& context, const std::string& path) {
  if (path.empty() || path.front() == '/' || context.root_dir.empty()) return path;
  return context.root_dir + "/" + path;
}

bool is_ip_address(const std::string& text) {
  unsigned char address[16];
  return inet_pton(AF_INET, text.c_str(), address) == 1 ||
         inet_pton(AF_INET6, text.c_str(), address) == 1;
}

}  // namespace fairlead::corefile
