// A parsed Corefile with the meaning of every directive: what the server is to do, before anything
// is opened or started.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "corefile/corefile.h"
#include "corefile/file_reader.h"
#include "corefile/mistakes.h"
#include "net/endpoint.h"
#include "net/interfaces.h"
#include "plugins/directive.h"
#include "plugins/plan.h"

namespace fairlead::net {
class CurrentTls;
}

namespace fairlead::plugins {

struct Config {
  std::vector<Plan> blocks;
  std::vector<std::string> warnings;
  std::string hash;  // SHA-512 in hex over the parsed blocks
};

/// Gives meaning to parsed blocks (no blocks: `.:PORT { whoami log }`). `files` serves what
/// directives read while they are parsed; `known` are those there are. Opens nothing. Throws
/// corefile::ConfigError.
Config make_config(corefile::Config parsed, uint16_t default_port,
                   const corefile::FileReader& files,
                   std::span<const net::InterfaceAddress> interfaces,
                   std::span<const Directive> known = directives());

/// The same of directives(), with every error put into `mistakes`: the result has what is right.
Config check_config(corefile::Config parsed, uint16_t default_port,
                    const corefile::FileReader& files,
                    std::span<const net::InterfaceAddress> interfaces,
                    corefile::Mistakes& mistakes);

/// The Corefile on the standard input, when `conf` is "stdin"; else empty. Throws
/// std::runtime_error when it cannot be read.
std::string read_stdin(const std::string& conf);

/// Reads and parses the Corefile and calls make_config. `conf` as in the flag -conf: a path, or
/// empty for ./Corefile if there is one. `stdin_text` is used when conf is "stdin". Throws
/// corefile::ConfigError, or std::runtime_error when the file cannot be read.
Config load_config(const std::string& conf, const std::string& stdin_text, uint16_t default_port);

/// The same of a Corefile that lies in no file; `name` is what errors call it.
Config text_config(const std::string& text, const std::string& name, uint16_t default_port);

/// For -check: everything that is wrong with it and can be found without opening anything; what
/// Plan::check() was given runs. Throws std::runtime_error when the file cannot be read.
Config check_corefile(const std::string& conf, const std::string& stdin_text, uint16_t default_port,
                      corefile::Mistakes& mistakes);

/// Every address that some block is served at, each once, with what its blocks say of it: of
/// several the last one that is set holds.
struct Listening {
  net::ListenAddress address;
  std::string transport;  // of the keys: "dns", "tls", "https"
  ListenSettings settings;
  std::shared_ptr<const net::CurrentTls> tls = nullptr;  // set when it is deployed

  /// Datagrams are for the transport dns alone.
  [[nodiscard]] bool has_datagrams() const { return transport == "dns"; }
};
std::vector<Listening> listening_of(const Config& config);

}  // namespace fairlead::plugins
