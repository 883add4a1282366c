// Any bytes as a Corefile, with every directive parser run on what comes out. The bytes are also a
// file that can be imported, so that imports of oneself happen.
#include <cstddef>
#include <cstdint>
#include <string>

#include "corefile/mistakes.h"
#include "corefile/parser.h"
#include "plugins/config.h"
#include "plugins/directive.h"

using namespace fairlead;

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
  corefile::Mistakes mistakes;
  plugins::check_config(
      corefile::parse(text, "Corefile",
                      {files, environment, plugins::directive_names(), &mistakes}),
      53, files, {}, mistakes);
  plugins::make_config(
      corefile::parse(text, "Corefile", {files, environment, plugins::directive_names()}), 53,
      files, {});
  return 0;
} catch (const corefile::ConfigError&) {
  return 0;
}
