#include "explain/translate.h"

#include <doctest/doctest.h>

#include "corefile/file_reader.h"
#include "server/config.h"

using namespace fairlead;

namespace {

server::Config read(const std::string& text) {
  const std::map<std::string, std::string> disk{{"/etc/resolv.conf", "nameserver 192.0.2.1\n"}};
  const corefile::MemoryReader files(disk);
  const corefile::Environment no_variables = [](const std::string&) { return std::string(); };
  return server::make_config(
      corefile::parse(text, "Corefile", corefile::Sources{files, no_variables}), 53, files, {});
}

}  // namespace

TEST_CASE("translate: without settings it is the Corefile of a new cluster") {
  const server::Config config = read(explain::corefile_of({}));
  REQUIRE(config.blocks.size() == 1);
  const server::BlockConfig& block = config.blocks[0];
  CHECK(block.keys[0].key.zone == ".");
  CHECK(block.directives == std::vector<std::string>{"reload", "ready", "health", "prometheus",
                                                     "errors", "loadbalance", "cache", "kubernetes",
                                                     "loop", "forward"});
  CHECK(block.kubernetes->zone.ttl == 30);
  CHECK(block.forwards[0].upstreams[0].host == "192.0.2.1");
  CHECK(config.warnings.empty());
}

TEST_CASE("translate: stub domains become blocks, upstreams take the place of resolv.conf") {
  const server::Config config = read(explain::corefile_of(
      {.stub_domains = {{"acme.local", {"1.2.3.4", "[fd00::1]:54"}}, {"a.b", {"10.0.0.1:5353"}}},
       .upstreams = {"8.8.8.8", "8.8.4.4:54"}}));
  REQUIRE(config.blocks.size() == 3);
  const auto& everything = config.blocks[0].forwards[0];
  CHECK(everything.settings.max_concurrent == 1000);
  REQUIRE(everything.upstreams.size() == 2);
  CHECK(everything.upstreams[0].host == "8.8.8.8");
  CHECK(everything.upstreams[1].port == 54);
  const server::BlockConfig& stub = config.blocks[1];
  CHECK(stub.keys[0].key.zone == "acme.local.");
  CHECK(stub.directives == std::vector<std::string>{"errors", "cache", "loop", "forward"});
  REQUIRE(stub.forwards[0].upstreams.size() == 2);
  CHECK(stub.forwards[0].upstreams[1].host == "fd00::1");
  CHECK(stub.forwards[0].upstreams[1].port == 54);
  CHECK(config.blocks[2].keys[0].key.zone == "a.b.");
  CHECK(config.warnings.empty());
}
