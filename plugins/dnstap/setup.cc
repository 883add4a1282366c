#include "plugins/dnstap/setup.h"

#include <string_view>

#include "net/endpoint.h"

namespace fairlead::plugins::dnstap {
namespace {

using corefile::Context;
using corefile::Cursor;

constexpr int64_t kMostMib = 1024;
constexpr int64_t kMostQueue = 4096;
constexpr uint32_t kQueueUnit = 10'000;

// One of the two numbers behind `full`.
struct Number {
  const char* name;
  int64_t most;
  const char* unit;
};

uint32_t parse_number(const Cursor& cursor, const std::string& text, const Number& of) {
  const int64_t value = corefile::integer_argument(
      cursor, text, std::string("dnstap: invalid ") + of.name + " \"" + text + "\": ");
  if (value < 1 || value > of.most) {
    throw cursor.error(std::string("dnstap: ") + of.name + " must be between 1 and " +
                       std::to_string(of.most) + " (" + of.unit + "): " + std::to_string(value));
  }
  return static_cast<uint32_t>(value);
}

// Without a known scheme it is a path, as in CoreDNS.
void parse_endpoint(const Cursor& cursor, std::string_view text, Options& options) {
  const auto take = [&](std::string_view scheme) {
    const bool is = text.starts_with(scheme);
    if (is) text.remove_prefix(scheme.size());
    return is;
  };
  if (take("tcp://")) {
    options.transport = Transport::Tcp;
  } else if (take("tls://")) {
    options.transport = Transport::Tls;
  } else {
    take("unix://");
    options.path = text;
    return;
  }
  const auto parts = net::split_host_port(text);
  if (!parts || !parts->port || !net::parse_port(*parts->port)) throw cursor.arg_error();
  options.host = parts->host;
  options.port = *parts->port;
}

void parse_tls(Cursor& cursor, const Context& context, Options& options) {
  if (!options.listen) throw cursor.error("tls directive only valid for listeners");
  const std::vector<std::string> files = cursor.remaining_args();
  if (files.size() < 2) throw cursor.error("tls requires cert and key file paths");
  options.certificate = corefile::rooted_path(context, files[0]);
  options.key = corefile::rooted_path(context, files[1]);
  if (files.size() > 2) options.ca = corefile::rooted_path(context, files[2]);
}

void parse_option(Cursor& cursor, const Context& context, Options& options) {
  const std::string property = cursor.value();
  if (property == "identity") {
    options.identity = cursor.first_arg();
  } else if (property == "version") {
    options.version = cursor.first_arg();
  } else if (property == "extra") {
    options.extra = cursor.first_arg();
  } else if (property == "skipverify") {
    options.verify = false;
  } else if (property == "tls") {
    parse_tls(cursor, context, options);
  } else {
    throw cursor.unknown_property({"identity", "version", "extra", "skipverify", "tls"});
  }
}

Options parse_use(Cursor& cursor, const Context& context) {
  Options options;
  std::vector<std::string> args = cursor.remaining_args();
  if (args.empty()) throw cursor.arg_error();
  if (args[0] == "listen") {
    if (args.size() == 1) throw cursor.error("dnstap listen requires an endpoint argument");
    options.listen = true;
    args.erase(args.begin());
  }
  parse_endpoint(cursor, args[0], options);
  options.full = args.size() > 1 && args[1] == "full";
  if (options.full && args.size() > 2) {
    options.buffer_mib =
        parse_number(cursor, args[2], {"MultipleTcpWriteBuf", kMostMib, "MiB units"});
  }
  if (options.full && args.size() > 3) {
    options.queue =
        kQueueUnit * parse_number(cursor, args[3], {"MultipleQueue", kMostQueue, "x10k messages"});
  }
  while (cursor.next_block()) parse_option(cursor, context, options);
  if (options.listen && options.transport == Transport::Tls && options.certificate.empty())
    cursor.warn("dnstap: TLS listener requires cert and key files: " + options.endpoint() +
                " is not opened");
  return options;
}

}  // namespace

std::string Options::endpoint() const {
  if (transport == Transport::Unix) return path;
  const bool v6 = host.find(':') != std::string::npos;
  return (transport == Transport::Tls ? "tls://" : "tcp://") + (v6 ? "[" + host + "]" : host) +
         ":" + port;
}

std::vector<Options> parse(Cursor& cursor, const Context& context) {
  std::vector<Options> all;
  while (cursor.next()) all.push_back(parse_use(cursor, context));
  return all;
}

}  // namespace fairlead::plugins::dnstap
