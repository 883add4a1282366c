// The dnstap directive: where messages go, and what they say beside the question.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "corefile/arguments.h"
#include "corefile/cursor.h"

namespace fairlead::plugins {
class Plan;
}

namespace fairlead::plugins::dnstap {

enum class Transport : uint8_t { Unix, Tcp, Tls };

// One line, and its options.
struct Options {
  bool listen = false;  // wait for connections rather than make one
  Transport transport = Transport::Unix;
  std::string path;        // of a Unix socket
  std::string host, port;  // of the others
  bool full = false;       // with the DNS messages
  uint32_t buffer_mib = 1;
  uint32_t queue = 10'000;  // messages of each worker
  std::optional<std::string> identity, version;
  std::string extra;                 // with placeholders
  bool verify = true;                // the certificate of who is connected to
  std::string certificate, key, ca;  // files, of the form that listens

  // "tcp://127.0.0.1:6000", for the log.
  [[nodiscard]] std::string endpoint() const;
  friend bool operator==(const Options&, const Options&) = default;
};

// One for each line. Throws corefile::ConfigError.
std::vector<Options> parse(corefile::Cursor& cursor, const corefile::Context& context);

// What parse() says, into the block's plan. Throws corefile::ConfigError.
void read(corefile::Cursor& cursor, Plan& plan);

}  // namespace fairlead::plugins::dnstap
