// Another program, run for what it writes.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "net/asio.h"

namespace fairlead::k8s_watch {

struct Program {
  std::string command;  // a path, or a name that is looked for in PATH
  std::vector<std::string> args;
  std::map<std::string, std::string> env;  // besides that of this process, and in place of it
  std::chrono::milliseconds patience{};    // then it is killed
  size_t most_output = 0;                  // octets; one that writes more is killed
};

/// How it ended.
struct ProgramEnd {
  std::string output;   // of its standard output, all
  std::string trouble;  // in one line; empty: it ended with status 0
  bool not_found = false;
};

/// One program that runs, without input, in a process group of its own. Owned and used by the
/// thread that runs the io_context; never blocks that.
class ChildProcess {
 public:
  /// Called from the io_context, once. May destroy the ChildProcess.
  using Done = std::function<void(ProgramEnd)>;
  /// A line of its standard error, printable, of at most 1000 octets. At most 100 are told.
  using Line = std::function<void(const std::string&)>;

  ChildProcess(asio::io_context& io, const Program& program, Line line, Done done);
  /// Kills it, and what it has started.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

 private:
  class Run;
  std::shared_ptr<Run> run_;
};

}  // namespace fairlead::k8s_watch
