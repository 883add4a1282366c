#include "plugins/config.h"

#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "corefile/key.h"
#include "corefile/parser.h"
#include "net/file.h"
#include "plugins/directive.h"
#include "plugins/foreign.h"
#include "plugins/kept_files.h"
#include "plugins/read_directive.h"
#include "plugins/shared_listeners.h"

namespace fairlead::plugins {
namespace {

constexpr size_t kMaxCorefile = 16u << 20;  // octets
constexpr const char* kDefaultCorefile = "Corefile";

std::string corefile_name(const std::string& conf) {
  return conf.empty() ? kDefaultCorefile : conf;
}

// What is served without a Corefile.
corefile::Config default_config(uint16_t port) {
  const corefile::MemoryReader no_files;
  const corefile::Environment no_environment = [](const std::string&) { return std::string(); };
  return corefile::parse(".:" + std::to_string(port) + " {\nwhoami\nlog\n}\n", "Corefile",
                         {no_files, no_environment, directive_names()});
}

// The Corefile's text, from a file's name or descriptor.
template <typename File>
std::string read_text(const File& file, const std::string& name) {
  std::string text;
  if (const int error = net::read_file(file, kMaxCorefile, text))
    throw std::runtime_error("open " + name + ": " + std::generic_category().message(error));
  return text;
}

std::string place_of(const corefile::Token& token) {
  return token.file + ":" + std::to_string(token.line);
}

void set_uses(const corefile::ServerBlock& parsed, Plan& plan) {
  plan.place = place_of(parsed.keys.front());
  for (const corefile::Directive& directive : parsed.directives) {
    int depth = 0;
    for (const corefile::Token& token : directive.tokens) {
      const bool use = depth == 0 && token.starts_line && token.text == directive.name;
      if (use) plan.uses.push_back({directive.name, place_of(token)});
      depth += token.opens() ? 1 : token.closes() ? -1 : 0;
    }
  }
}

// All words count: what a cached answer depends on is not known here.
void identify(const corefile::Directive& directive, Plan& plan) {
  std::string text;
  for (const corefile::Token& token : directive.tokens)
    text.append(token.starts_line ? "\n" : " ").append(token.text);
  plan.identify(text);
}

std::vector<net::ListenAddress> addresses_of(const Plan& plan, uint16_t port) {
  if (plan.addresses.empty()) return {net::ListenAddress{.port = port, .wildcard = true}};
  std::vector<net::ListenAddress> all = plan.addresses;
  for (net::ListenAddress& address : all) address.port = port;
  return all;
}

// A block that binds every address by their common one stands beside one that binds a single
// address: the kernel takes the closer one.
void check_listening(const Plan& plan, const corefile::Token& at, corefile::ListenTable& table) {
  if (plan.is_conditional) return;
  const bool bound = !plan.addresses.empty();
  for (const ServedKey& served : plan.keys) {
    for (const net::ListenAddress& address : served.addresses)
      table.add(served.key, bound && address.wildcard ? "0.0.0.0" : address.host(), at);
  }
}

void listen_at(const net::ListenAddress& address, const std::string& transport,
               const ListenSettings& settings, std::vector<Listening>& all) {
  const auto known = std::ranges::find(all, address, &Listening::address);
  if (known == all.end()) {
    all.push_back({address, transport, settings});
  } else {
    known->settings.connections.add(settings.connections);
    auto& streams = known->settings.https.max_streams;
    if (!streams) streams = settings.https.max_streams;
  }
}

// What CoreDNS says nothing about.
void warn_of_plain_text(Plan& plan) {
  for (const ServedKey& served : plan.keys) {
    if (served.key.transport == "https" && !plan.tls) {
      plan.warn(served.key.to_string() + " (" + plan.place +
                ") speaks plain HTTP: its block has no tls directive, so a proxy in front of it "
                "has to do TLS");
    }
    if (served.key.transport != "tls" || plan.tls) continue;
    plan.warn(served.key.to_string() + " (" + plan.place +
              ") IS SERVED WITHOUT TLS: its block has no tls directive, so questions and answers "
              "travel as plain text and clients of DNS over TLS get none");
  }
}

ServedKey served_key(const corefile::Key& key, const corefile::Token& at, const Plan& plan) {
  if (key.transport != "dns" && key.transport != "tls" && key.transport != "https")
    throw corefile::parse_error(at, corefile::not_supported("transport '" + key.transport + "'"));
  const auto zone = dns::Name::from_text(key.zone);
  if (!zone) throw corefile::parse_error(at, "'" + key.zone + "' is no domain name");
  return {key, zone->lowered(), addresses_of(plan, key.port)};
}

// Parsed blocks, given their meaning. The first error is thrown, or each goes to `mistakes`.
class Meaning {
 public:
  Meaning(uint16_t default_port, const corefile::FileReader& files,
          std::span<const net::InterfaceAddress> interfaces, std::span<const Directive> known,
          corefile::Mistakes* mistakes)
      : default_port_(default_port),
        files_(files),
        interfaces_(interfaces.begin(), interfaces.end()),
        known_(known),
        mistakes_(mistakes) {}

  Config of(corefile::Config parsed) {
    if (parsed.blocks.empty()) {
      auto warnings = std::move(parsed.warnings);
      parsed = default_config(default_port_);
      parsed.warnings = std::move(warnings);
    }
    // Of mistakes it finds the first, and each block's are found below.
    if (mistakes_ == nullptr) corefile::check_keys(parsed, default_port_);
    Config config{.warnings = parsed.warnings,
                  .hash = corefile::content_hash(parsed.blocks, parsed.file)};
    for (const corefile::ServerBlock& block : parsed.blocks) {
      config.blocks.push_back(plan_of(block));
      std::ranges::copy(config.blocks.back().warnings, std::back_inserter(config.warnings));
    }
    return config;
  }

 private:
  template <typename Part>
  void attempt(Part part) {
    if (mistakes_ == nullptr) {
      part();
    } else {
      mistakes_->attempt(part);
    }
  }

  Plan plan_of(const corefile::ServerBlock& block) {
    std::vector<corefile::Key> keys;
    attempt([&] { keys = corefile::parse_keys(block, default_port_); });
    // What follows is not to be blamed for a key that is wrong.
    const auto zones = keys.empty() ? std::vector<std::string>{"."} : corefile::zones_of(keys);
    Plan plan(corefile::Context{zones, "", &files_}, interfaces_);
    set_uses(block, plan);
    read_directives(block, plan);
    const corefile::Token& at = block.keys.front();
    for (const corefile::Key& key : keys) {
      attempt([&] {
        plan.keys.push_back(served_key(key, at, plan));
        plan.identify(key.to_string());
      });
    }
    attempt([&] { check_listening(plan, at, table_); });
    warn_of_plain_text(plan);
    for (KeptFile& file : plan.files_kept) {
      attempt([&] {
        const std::string warning = kept_.add(file);
        if (!warning.empty()) plan.warn(warning);
      });
    }
    for (const ServedKey& served : plan.keys) {
      for (const net::ListenAddress& address : served.addresses)
        attempt([&] { shared_.add(plan, served, address, at); });
    }
    return plan;
  }

  void read_directives(const corefile::ServerBlock& parsed, Plan& plan) {
    for (const corefile::Directive& words : parsed.directives) {
      const auto found = std::ranges::find(known_, words.name, &Directive::name);
      const Directive directive = found == known_.end() ? Directive{words.name} : *found;
      plan.directives.push_back(words.name);
      plan.set_reading(words.name);
      identify(words, plan);
      if (mistakes_ == nullptr) {
        read_directive(directive, words, plan);
      } else {
        check_directive(directive, words, plan, *mistakes_);
      }
    }
  }

  const uint16_t default_port_;
  const corefile::FileReader& files_;
  const std::vector<net::InterfaceAddress> interfaces_;
  const std::span<const Directive> known_;
  corefile::Mistakes* const mistakes_;
  corefile::ListenTable table_;
  SharedListeners shared_;
  KeptFiles kept_;
};

// Of the flag -conf; none: there is no file, and none was named.
std::optional<std::string> corefile_text(const std::string& conf, const std::string& stdin_text) {
  if (conf == "stdin") return stdin_text;
  if (conf.empty() && access(kDefaultCorefile, F_OK) != 0) return std::nullopt;
  return read_text(corefile_name(conf), corefile_name(conf));
}

corefile::Config parse_text(const std::string& text, const std::string& name,
                            corefile::Mistakes* mistakes = nullptr) {
  const corefile::DiskReader files;
  return corefile::parse(
      text, name,
      {files, corefile::process_environment(), directive_names(), mistakes, foreign_names()});
}

}  // namespace

Config make_config(corefile::Config parsed, uint16_t default_port,
                   const corefile::FileReader& files,
                   std::span<const net::InterfaceAddress> interfaces,
                   std::span<const Directive> known) {
  return Meaning(default_port, files, interfaces, known, nullptr).of(std::move(parsed));
}

Config check_config(corefile::Config parsed, uint16_t default_port,
                    const corefile::FileReader& files,
                    std::span<const net::InterfaceAddress> interfaces,
                    corefile::Mistakes& mistakes) {
  return Meaning(default_port, files, interfaces, directives(), &mistakes).of(std::move(parsed));
}

std::string read_stdin(const std::string& conf) {
  return conf == "stdin" ? read_text(STDIN_FILENO, conf) : std::string();
}

Config load_config(const std::string& conf, const std::string& stdin_text, uint16_t default_port) {
  const corefile::DiskReader files;
  const auto text = corefile_text(conf, stdin_text);
  if (text) return text_config(*text, corefile_name(conf), default_port);
  return make_config({}, default_port, files, net::interface_addresses());
}

Config text_config(const std::string& text, const std::string& name, uint16_t default_port) {
  const corefile::DiskReader files;
  return make_config(parse_text(text, name), default_port, files, net::interface_addresses());
}

Config check_corefile(const std::string& conf, const std::string& stdin_text, uint16_t default_port,
                      corefile::Mistakes& mistakes) {
  const corefile::DiskReader files;
  const auto text = corefile_text(conf, stdin_text);
  corefile::Config parsed;
  if (text) parsed = parse_text(*text, corefile_name(conf), &mistakes);
  Config config =
      check_config(std::move(parsed), default_port, files, net::interface_addresses(), mistakes);
  for (const Plan& plan : config.blocks) {
    for (const Plan::Check& check : plan.checks) mistakes.attempt([&] { check(config.warnings); });
  }
  return config;
}

std::vector<Listening> listening_of(const Config& config) {
  std::vector<Listening> all;
  for (const Plan& plan : config.blocks) {
    for (const ServedKey& served : plan.keys) {
      for (const net::ListenAddress& address : served.addresses)
        listen_at(address, served.key.transport, plan.listening, all);
    }
  }
  std::ranges::sort(all, {}, &Listening::address);
  return all;
}

}  // namespace fairlead::plugins
