#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <memory>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "corefile/key.h"
#include "corefile/mistakes.h"
#include "explain/explain_command.h"
#include "explain/translate.h"
#include "net/log.h"
#include "plugins/config.h"
#include "plugins/directive.h"
#include "server/capabilities.h"
#include "server/flags.h"
#include "server/runtime.h"
#include "server/status_command.h"
#include "server/version_text.h"

namespace fairlead::server {
namespace {

void print_warnings(const plugins::Config& config) {
  for (const std::string& warning : config.warnings)
    std::fprintf(stderr, "[WARNING] %s\n", warning.c_str());
  for (const plugins::Plan& plan : config.blocks) {
    for (const plugins::ServedKey& served : plan.keys) {
      if (!corefile::is_preferred_name(served.key.zone))
        std::fprintf(stderr, "[WARNING] %s\n", corefile::odd_name(served.key.zone).c_str());
    }
  }
}

// -check: everything that can be wrong without a socket or a cluster.
int check(const Flags& flags, const std::string& stdin_text) {
  corefile::Mistakes mistakes;
  print_warnings(plugins::check_corefile(flags.conf, stdin_text, flags.port, mistakes));
  const size_t count = mistakes.count();
  if (count == 0) return 0;
  std::string lines;
  for (const corefile::Mistake& mistake : mistakes.sorted())
    lines += net::fatal_line(flags.log_format, mistake.text);
  lines += net::fatal_line(flags.log_format,
                           std::to_string(count) + (count == 1 ? " error" : " errors"));
  std::fputs(lines.c_str(), stderr);
  return 1;
}

bool write_pidfile(const std::string& path) {
  std::ofstream out(path);
  out << getpid() << '\n';
  out.close();
  if (!out) std::fprintf(stderr, "could not write the pid file %s\n", path.c_str());
  return static_cast<bool>(out);
}

void list_plugins() {
  std::set<std::string> names;
  for (const plugins::Directive& directive : plugins::directives())
    if (directive.read != nullptr) names.emplace(directive.name);
  for (const std::string& name : names) std::printf("%s\n", name.c_str());
}

int run(const Flags& flags) {
  if (flags.help) return std::fputs(usage_text("fairlead").c_str(), stdout), 0;
  if (flags.version) return std::fputs(version_text().c_str(), stdout), 0;
  if (flags.plugins) return list_plugins(), 0;
  if (!flags.translate_kube_dns.empty())
    return explain::translate_kube_dns(flags.translate_kube_dns), 0;
  const std::string stdin_text = plugins::read_stdin(flags.conf);
  if (flags.check) return check(flags, stdin_text);
  if (!flags.pidfile.empty() && !write_pidfile(flags.pidfile)) return 1;
  raise_bind_capability();
  return Runtime(flags, stdin_text).run();
}

int start(const std::vector<std::string>& arguments) {
  if (!arguments.empty() && arguments.front() == "explain")
    return fairlead::explain::explain_main({arguments.begin() + 1, arguments.end()});
  if (!arguments.empty() && arguments.front() == "status")
    return status_main({arguments.begin() + 1, arguments.end()});
  const auto parsed = parse_flags(arguments);
  if (const auto* error = std::get_if<UsageError>(&parsed)) {
    std::fprintf(stderr, "%s\n", error->message.c_str());
    if (error->show_usage) std::fputs(usage_text("fairlead").c_str(), stderr);
    return error->exit_code;
  }
  const auto& flags = std::get<Flags>(parsed);
  try {
    return run(flags);
  } catch (const std::exception& error) {
    const auto line = fairlead::net::fatal_line(flags.log_format, error.what());
    std::fputs(line.c_str(), stderr);
    return 1;
  }
}

}  // namespace
}  // namespace fairlead::server

int main(int argc, char** argv) {
  try {
    return fairlead::server::start({argv + 1, argv + argc});
  } catch (...) {  // no memory for the arguments
    std::fputs("fairlead: cannot start\n", stderr);
    return 2;
  }
}
