// Any bytes as a Corefile, with every directive parser run on what comes out. The bytes are also a
// file that can be imported, so that imports of oneself happen.
#include <cstddef>
#include <cstdint>
#include <string>

#include "corefile/key.h"
#include "corefile/parser.h"
#include "plugins/bind/setup.h"
#include "plugins/bufsize/setup.h"
#include "plugins/cache/setup.h"
#include "plugins/errors/setup.h"
#include "plugins/forward/setup.h"
#include "plugins/health/setup.h"
#include "plugins/hosts/setup.h"
#include "plugins/kubernetes/setup.h"
#include "plugins/loadbalance/setup.h"
#include "plugins/log/setup.h"
#include "plugins/loop/setup.h"
#include "plugins/prometheus/setup.h"
#include "plugins/ready/setup.h"
#include "plugins/reload/setup.h"
#include "plugins/whoami/setup.h"

namespace {

using namespace fairlead;

void parse_directive(const corefile::Directive& directive, const corefile::Context& context) try {
  corefile::Cursor cursor(directive);
  const std::string& name = directive.name;
  if (name == "bind") plugins::bind::parse(cursor);
  if (name == "bufsize") plugins::bufsize::parse(cursor);
  if (name == "cache") plugins::cache::parse(cursor, context);
  if (name == "errors") plugins::errors::parse(cursor);
  if (name == "forward") plugins::forward::parse(cursor, context);
  if (name == "health") plugins::health::parse(cursor);
  if (name == "hosts") plugins::hosts::parse(cursor, context);
  if (name == "kubernetes") plugins::kubernetes::parse(cursor, context);
  if (name == "loadbalance") plugins::loadbalance::parse(cursor);
  if (name == "log") plugins::log::parse(cursor);
  if (name == "loop") plugins::loop::parse(cursor, context);
  if (name == "prometheus") plugins::prometheus::parse(cursor);
  if (name == "ready") plugins::ready::parse(cursor);
  if (name == "reload") plugins::reload::parse(cursor);
  if (name == "whoami") plugins::whoami::parse(cursor);
} catch (const corefile::ConfigError&) {
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) try {
  constexpr size_t kEnough = 16'384;
  if (size > kEnough) return 0;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const corefile::MemoryReader files({{"/f", text},
                                      {"/c/a.x", "log\n"},
                                      {"/c/b.x", "cache 5"},
                                      {"/resolv.conf", "nameserver 10.0.0.1\n"}});
  const corefile::Environment environment = [](const std::string& name) {
    return name == "V" ? "5s" : "";
  };
  corefile::Config config =
      corefile::parse(text, "Corefile", corefile::Sources{files, environment});
  corefile::content_hash(config.blocks);
  corefile::check_keys(config, 53);
  for (const corefile::ServerBlock& block : config.blocks) {
    const corefile::Context context{corefile::zones_of(corefile::parse_keys(block, 53)), "",
                                    &files};
    for (const corefile::Directive& directive : block.directives)
      parse_directive(directive, context);
  }
  return 0;
} catch (const fairlead::corefile::ConfigError&) {
  return 0;
}
