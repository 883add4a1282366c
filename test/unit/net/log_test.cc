#include "net/log.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <thread>
#include <vector>

#include "test/unit/support/pipe.h"

using namespace fairlead;
using fairlead::test::Pipe;
using namespace std::chrono_literals;

namespace {

constexpr auto kLong = 20s;

size_t lines_of(const std::string& text) {
  return static_cast<size_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace

TEST_CASE("log: levels, plugin names and control characters") {
  Pipe pipe;
  {
    net::LogSink log(pipe.write.get());
    log.info("plain");
    log.write(net::LogLevel::Warning, "health", "slow");
    log.error("two\nlines\x1b[31m\x7f");
    log.write(net::LogLevel::Debug, "unseen");
    log.set_debug(true);
    log.write(net::LogLevel::Debug, "seen");
    log.write_lines("[INFO] a\n[INFO] b\n");
    CHECK(log.flush(kLong));
    CHECK(log.dropped() == 0);
  }
  pipe.write.reset();
  CHECK(pipe.rest() ==
        "[INFO] plain\n[WARNING] plugin/health: slow\n[ERROR] two\\010lines\\027[31m\\127\n"
        "[DEBUG] seen\n[INFO] a\n[INFO] b\n");
}

TEST_CASE("log: as JSON each line is an object") {
  Pipe pipe;
  {
    net::LogSink log(pipe.write.get(), net::LogSink::kCapacity, net::LogFormat::Json);
    log.write(net::LogLevel::Warning, "health", "two\nlines");
    log.write(net::LogLevel::Debug, "unseen");
    log.write_plain(".:53\nFairlead\n");
    CHECK(log.flush(kLong));
  }
  pipe.write.reset();
  const std::string text = pipe.rest();
  CHECK(lines_of(text) == 2);
  CHECK(text.find(R"(Z","level":"WARN","msg":"two\nlines","plugin":"health"})") !=
        std::string::npos);
  CHECK(text.ends_with(R"(Z","level":"INFO","msg":".:53\nFairlead"})"
                       "\n"));
  CHECK(net::fatal_line(net::LogFormat::Json, "no")
            .ends_with(R"("level":"FATAL","msg":"no"})"
                       "\n"));
  CHECK(net::fatal_line(net::LogFormat::Text, "no") == "no\n");
}

TEST_CASE("log: a reader that stopped reading costs lines, not time") {
  Pipe pipe;
  constexpr size_t kLines = 20'000;
  constexpr size_t kCapacity = 64 * 1024;
  uint64_t dropped = 0;
  {
    net::LogSink log(pipe.write.get(), kCapacity);
    const auto start = std::chrono::steady_clock::now();
    for (size_t i = 0; i < kLines; ++i) log.info("a line of some thirty octets.");
    CHECK(std::chrono::steady_clock::now() - start < kLong);
    CHECK_FALSE(log.flush(1ms));
    CHECK(log.dropped() > 0);
    dropped = log.dropped();
    CHECK(dropped < kLines);
  }
  pipe.write.reset();
  const std::string text = pipe.rest();
  CHECK(lines_of(text) > 0);
  CHECK(lines_of(text) <= kLines - dropped);
}

TEST_CASE("log: it goes on once the reader reads again") {
  Pipe pipe;
  net::LogSink log(pipe.write.get(), 1 << 20);
  constexpr size_t kLines = 10'000;
  for (size_t i = 0; i < kLines; ++i) log.info("a line of some thirty octets.");
  std::string text;
  std::thread reader([&] { text = pipe.rest(); });
  CHECK(log.flush(kLong));
  pipe.write.reset();
  reader.join();
  CHECK(lines_of(text) == kLines);
  CHECK(log.dropped() == 0);
}

TEST_CASE("log: a closed reader is counted and no signal") {
  Pipe pipe;
  pipe.read.reset();
  net::LogSink log(pipe.write.get());
  log.info("nobody");
  log.info("listens");
  CHECK(log.flush(kLong));
  CHECK(log.dropped() == 2);
}

TEST_CASE("log: lines of many threads stay whole") {
  Pipe pipe;
  std::string text;
  std::thread reader([&] { text = pipe.rest(); });
  {
    net::LogSink log(pipe.write.get());
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&log] {
        for (int i = 0; i < 500; ++i) log.write_lines("[INFO] one\n[INFO] two\n");
      });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(log.flush(kLong));
  }
  pipe.write.reset();
  reader.join();
  std::string expected;
  for (int i = 0; i < 2000; ++i) expected += "[INFO] one\n[INFO] two\n";
  CHECK(text == expected);
}
