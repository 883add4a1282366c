// Other programs, with the shell as one.
#include "k8s-watch/child_process.h"

#include <unistd.h>

#include <csignal>
#include <optional>
#include <string>
#include <vector>

#include "k8s-watch/transport.h"
// Last, because its macros have short names.
#include <doctest/doctest.h>

namespace fairlead::k8s_watch {
namespace {

using namespace std::chrono_literals;

Program shell(const std::string& script) {
  return {
      .command = "sh", .args = {"-c", script}, .env = {}, .patience = 20s, .most_output = 100'000};
}

struct Ran {
  std::optional<ProgramEnd> end;
  std::vector<std::string> lines;
};

Ran run(const Program& program) {
  asio::io_context io{1};
  Ran ran;
  ChildProcess process(
      io, program, [&](const std::string& line) { ran.lines.push_back(line); },
      [&](ProgramEnd end) { ran.end = std::move(end); });
  io.run_for(60s);
  REQUIRE(ran.end);
  return ran;
}

}  // namespace

TEST_CASE("child process: what it writes, and how it ends") {
  struct Row {
    std::string script, output, trouble;
  };
  const Row rows[] = {
      {"printf 'a\\nb'", "a\nb", ""},
      {"cat; echo end", "end\n", ""},  // nobody writes to it
      {"echo x; exit 7", "x\n", "ended with status 7"},
      {"kill -9 $$", "", "was killed by signal 9"},
      {"trap 'echo caught; exit' TERM; kill -TERM $$", "caught\n", ""},
      // Whom it leaves behind is not waited for.
      {"sleep 1000 & echo done", "done\n", ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.script);
    const Ran ran = run(shell(row.script));
    CHECK(ran.end->output == row.output);
    CHECK(ran.end->trouble == row.trouble);
    CHECK_FALSE(ran.end->not_found);
    CHECK(ran.lines.empty());
  }
}

TEST_CASE("child process: variables besides this process's, and in place of them") {
  Program program = shell("printf '%s %s' \"$FAIRLEAD_TEST\" \"${PATH:+path}\"");
  program.env = {{"FAIRLEAD_TEST", "a=b c"}};
  CHECK(run(program).end->output == "a=b c path");
  program.env["PATH"] = "";
  CHECK(run(program).end->output == "a=b c ");
}

TEST_CASE("child process: no open file of this process is its own") {
  std::array<int, 2> ends{};
  REQUIRE(::pipe(ends.data()) == 0);  // without O_CLOEXEC
  CHECK(run(shell("for fd in /proc/self/fd/*; do echo ${fd##*/}; done | sort -n | tail -1"))
            .end->output.size() == 2);
  CHECK(run(shell("[ -e /proc/self/fd/" + std::to_string(ends[1]) + " ] && echo open"))
            .end->output.empty());
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST_CASE("child process: standard error by lines") {
  const Ran ran = run(shell("printf 'one\\n\\n\\033[1mtwo\\nthree' >&2"));
  CHECK(ran.lines == std::vector<std::string>{"one", "?[1mtwo", "three"});
  const Ran flood = run(shell("yes | head -n 200000 >&2; head -c 5000 /dev/zero | tr '\\0' x >&2"));
  CHECK(flood.end->trouble.empty());
  REQUIRE(flood.lines.size() == 101);
  CHECK(flood.lines.back() == "(its further lines are left out)");
  const Ran wide = run(shell("head -c 5000 /dev/zero | tr '\\0' x >&2"));
  REQUIRE(wide.lines.size() == 1);
  CHECK(wide.lines[0] == std::string(1000, 'x'));
}

TEST_CASE(
    "child process: one that writes too much, or takes too long, is killed with its children") {
  const Ran flood = run(shell("yes"));
  CHECK(flood.end->trouble == "wrote more than 97 KiB and was killed");
  Program late = shell("sleep 1000 | sleep 1000");
  late.patience = 50ms;
  CHECK(run(late).end->trouble == "still ran after 0 s and was killed");
}

TEST_CASE("child process: a program that is not there, or is none") {
  Program program = shell("");
  program.command = "/nonexistent/program";
  const Ran ran = run(program);
  CHECK(ran.end->trouble == "not found");
  CHECK(ran.end->not_found);
  program.command = "/";
  CHECK(run(program).end->trouble == "cannot be run: Permission denied");
}

TEST_CASE("child process: one that is given up is killed and tells nothing") {
  asio::io_context io{1};
  bool told = false;
  std::string pid;
  std::optional<ChildProcess> process;
  process.emplace(
      io, shell("echo $$ >&2; sleep 1000"), [&](const std::string& line) { pid = line; },
      [&](const ProgramEnd&) { told = true; });
  const auto limit = Clock::now() + 20s;
  while (pid.empty() && Clock::now() < limit) io.run_one_for(100ms);
  REQUIRE_FALSE(pid.empty());
  process.reset();
  io.run();
  CHECK_FALSE(told);
  CHECK(::kill(std::stoi(pid), 0) != 0);
}

}  // namespace fairlead::k8s_watch
