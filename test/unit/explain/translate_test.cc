#include "explain/translate.h"

#include <doctest/doctest.h>

#include <map>
#include <string>
#include <vector>

#include "corefile/file_reader.h"
#include "corefile/parser.h"
#include "plugins/config.h"
#include "plugins/directive.h"
#include "plugins/forward/setup.h"
#include "plugins/kubernetes/setup.h"

using namespace fairlead;

namespace {

// A Corefile, read as the server does, and what two of its directives say.
struct Read {
  explicit Read(const std::string& text)
      : parsed(corefile::parse(
            text, "Corefile",
            {files, [](const std::string&) { return std::string(); }, plugins::directive_names()})),
        config(plugins::make_config(parsed, 53, files, {})) {}

  [[nodiscard]] std::vector<plugins::forward::Options> forwards(size_t block) const {
    corefile::Cursor cursor(*parsed.blocks.at(block).find("forward"));
    return plugins::forward::parse(cursor, context(block));
  }
  [[nodiscard]] plugins::kubernetes::Config kubernetes(size_t block) const {
    corefile::Cursor cursor(*parsed.blocks.at(block).find("kubernetes"));
    return plugins::kubernetes::parse(cursor, context(block));
  }
  [[nodiscard]] corefile::Context context(size_t block) const {
    return config.blocks.at(block).context();
  }

  const std::map<std::string, std::string> disk{{"/etc/resolv.conf", "nameserver 192.0.2.1\n"}};
  const corefile::MemoryReader files{disk};
  const corefile::Config parsed;
  const plugins::Config config;
};

}  // namespace

TEST_CASE("translate: without settings it is the Corefile of a new cluster") {
  const Read read(explain::corefile_of({}));
  REQUIRE(read.config.blocks.size() == 1);
  const plugins::Plan& block = read.config.blocks[0];
  CHECK(block.keys[0].key.zone == ".");
  CHECK(block.directives == std::vector<std::string>{"reload", "ready", "health", "prometheus",
                                                     "errors", "loadbalance", "cache", "kubernetes",
                                                     "loop", "forward"});
  CHECK(read.kubernetes(0).zone.ttl == 30);
  CHECK(read.forwards(0)[0].upstreams[0].host == "192.0.2.1");
  CHECK(read.config.warnings.empty());
}

TEST_CASE("translate: stub domains become blocks, upstreams take the place of resolv.conf") {
  const Read read(explain::corefile_of(
      {.stub_domains = {{"acme.local", {"1.2.3.4", "[fd00::1]:54"}}, {"a.b", {"10.0.0.1:5353"}}},
       .upstreams = {"8.8.8.8", "8.8.4.4:54"}}));
  REQUIRE(read.config.blocks.size() == 3);
  const auto everything = read.forwards(0)[0];
  CHECK(everything.settings.max_concurrent == 1000);
  REQUIRE(everything.upstreams.size() == 2);
  CHECK(everything.upstreams[0].host == "8.8.8.8");
  CHECK(everything.upstreams[1].port == 54);
  const plugins::Plan& stub = read.config.blocks[1];
  CHECK(stub.keys[0].key.zone == "acme.local.");
  CHECK(stub.directives == std::vector<std::string>{"errors", "cache", "loop", "forward"});
  const auto stubs = read.forwards(1)[0];
  REQUIRE(stubs.upstreams.size() == 2);
  CHECK(stubs.upstreams[1].host == "fd00::1");
  CHECK(stubs.upstreams[1].port == 54);
  CHECK(read.config.blocks[2].keys[0].key.zone == "a.b.");
  CHECK(read.config.warnings.empty());
}
