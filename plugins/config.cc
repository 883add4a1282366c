#include "plugins/config.h"

#include <unistd.h>

#include <algorithm>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "corefile/key.h"
#include "corefile/parser.h"
#include "net/file.h"
#include "plugins/directive.h"

namespace fairlead::plugins {
namespace {

constexpr size_t kMaxCorefile = 16u << 20;  // octets

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

void read_directives(const corefile::ServerBlock& parsed, std::span<const Directive> all,
                     Plan& plan) {
  for (const corefile::Directive& directive : parsed.directives) {
    const auto known = std::ranges::find(all, directive.name, &Directive::name);
    corefile::Cursor cursor(directive);
    if (known == all.end() || known->read == nullptr)
      throw cursor.error("directive '" + directive.name + "' is not supported yet");
    plan.directives.push_back(directive.name);
    plan.set_reading(directive.name);
    identify(directive, plan);
    known->read(cursor, plan);
    for (const std::string& warning : cursor.warnings())
      plan.warn("plugin/" + directive.name + ": " + warning);
  }
}

std::vector<net::ListenAddress> addresses_of(const Plan& plan, uint16_t port) {
  if (plan.addresses.empty()) return {net::ListenAddress{.port = port, .wildcard = true}};
  std::vector<net::ListenAddress> all = plan.addresses;
  for (net::ListenAddress& address : all) address.port = port;
  return all;
}

void set_keys(const corefile::ServerBlock& parsed, const std::vector<corefile::Key>& keys,
              Plan& plan) {
  for (const corefile::Key& key : keys) {
    if (key.transport != "dns") {
      throw corefile::parse_error(parsed.keys.front(),
                                  "transport '" + key.transport + "' is not supported yet");
    }
    const auto zone = dns::Name::from_text(key.zone);
    if (!zone)
      throw corefile::parse_error(parsed.keys.front(), "'" + key.zone + "' is no domain name");
    plan.keys.push_back({key, zone->lowered(), addresses_of(plan, key.port)});
    plan.identify(key.to_string());
  }
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

void listen_at(const net::ListenAddress& address, const ListenSettings& settings,
               std::vector<Listening>& all) {
  const auto known = std::ranges::find(all, address, &Listening::address);
  if (known == all.end()) {
    all.push_back({address, settings});
  } else {
    known->settings.connections.add(settings.connections);
  }
}

}  // namespace

Config make_config(corefile::Config parsed, uint16_t default_port,
                   const corefile::FileReader& files,
                   std::span<const net::InterfaceAddress> interfaces,
                   std::span<const Directive> known) {
  if (parsed.blocks.empty()) {
    auto warnings = std::move(parsed.warnings);
    parsed = default_config(default_port);
    parsed.warnings = std::move(warnings);
  }
  corefile::check_keys(parsed, default_port);
  Config config{.warnings = parsed.warnings, .hash = corefile::content_hash(parsed.blocks)};
  corefile::ListenTable table;
  for (const corefile::ServerBlock& block : parsed.blocks) {
    const auto keys = corefile::parse_keys(block, default_port);
    Plan& plan = config.blocks.emplace_back(
        corefile::Context{corefile::zones_of(keys), "", &files},
        std::vector<net::InterfaceAddress>(interfaces.begin(), interfaces.end()));
    set_uses(block, plan);
    read_directives(block, known, plan);
    set_keys(block, keys, plan);
    check_listening(plan, block.keys.front(), table);
    std::ranges::copy(plan.warnings, std::back_inserter(config.warnings));
  }
  return config;
}

std::string read_stdin(const std::string& conf) {
  return conf == "stdin" ? read_text(STDIN_FILENO, conf) : std::string();
}

Config load_config(const std::string& conf, const std::string& stdin_text, uint16_t default_port) {
  const corefile::DiskReader files;
  const auto interfaces = net::interface_addresses();
  corefile::Config parsed;
  const std::string path = conf.empty() ? "Corefile" : conf;
  const bool absent = conf.empty() && access(path.c_str(), F_OK) != 0;
  if (!absent) {
    const std::string text = conf == "stdin" ? stdin_text : read_text(path, path);
    parsed =
        corefile::parse(text, path, {files, corefile::process_environment(), directive_names()});
  }
  return make_config(std::move(parsed), default_port, files, interfaces);
}

std::vector<Listening> listening_of(const Config& config) {
  std::vector<Listening> all;
  for (const Plan& plan : config.blocks) {
    for (const ServedKey& served : plan.keys) {
      for (const net::ListenAddress& address : served.addresses)
        listen_at(address, plan.listening, all);
    }
  }
  std::ranges::sort(all, {}, &Listening::address);
  return all;
}

}  // namespace fairlead::plugins
