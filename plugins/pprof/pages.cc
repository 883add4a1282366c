#include "plugins/pprof/pages.h"

#include <malloc.h>

#include <cstddef>
#include <string>

#include "net/file.h"

namespace fairlead::plugins::pprof {
namespace {

constexpr unsigned kFound = 302;
constexpr unsigned kNotImplemented = 501;
constexpr size_t kMaxCommand = size_t{64} * 1024;

http::HttpReply redirect() {
  return {kFound, "<a href=\"/debug/pprof/\">Found</a>.\n", "text/html; charset=utf-8",
          "/debug/pprof/"};
}

http::HttpReply index() {
  return {200,
          "<html><head><title>/debug/pprof/</title></head><body><pre>\n"
          "Fairlead is no Go program and has no profiler within. Here are\n\n"
          "<a href=\"/debug/pprof/cmdline\">cmdline</a>       the command line\n"
          "<a href=\"/debug/pprof/heap\">heap</a>          what the allocator has\n\n"
          "and what to use in place of the rest:\n\n"
          "<a href=\"/debug/pprof/profile\">profile</a>       perf\n"
          "<a href=\"/debug/pprof/trace\">trace</a>         perf trace, strace\n"
          "<a href=\"/debug/pprof/goroutine\">goroutine</a>     gdb\n"
          "</pre></body></html>\n",
          "text/html; charset=utf-8"};
}

// As Go has it: the arguments with zero octets between them.
http::HttpReply command_line() {
  std::string text;
  net::read_file("/proc/self/cmdline", kMaxCommand, text);
  if (!text.empty() && text.back() == '\0') text.pop_back();
  return {200, text};
}

// 501, so that pprof(1) says the text instead of taking it for a profile.
http::HttpReply heap() {
  const auto info = mallinfo2();
  const auto line = [](const char* name, size_t octets) {
    return std::string(name) + std::to_string(octets) + '\n';
  };
  return {kNotImplemented,
          "There is no heap profile: it would cost every server memory and time. What the "
          "allocator has, in octets:\n\n" +
              line("in use        ", info.uordblks + info.hblkhd) +
              line("free          ", info.fordblks) +
              line("from system   ", info.arena + info.hblkhd) +
              "\nWho allocated it: heaptrack (Debian package heaptrack), with the program started "
              "by it or with `heaptrack -p PID`.\n"};
}

http::HttpReply profile() {
  return {kNotImplemented,
          "There is no CPU profile: it would cost every server memory and time. From the node, "
          "without anything in the pod:\n\n"
          "  perf record -g -p $(pidof -s fairlead) -- sleep 30\n"
          "  perf report\n\n"
          "The program keeps frame pointers, so -g needs no more.\n"};
}

http::HttpReply trace() {
  return {kNotImplemented,
          "There is no trace of Go's scheduler. System calls of each thread: perf trace -p PID, or "
          "strace -f -p PID.\n"};
}

http::HttpReply goroutine() {
  return {kNotImplemented,
          "There are no goroutines. What each thread does: gdb -p PID -batch -ex 'thread apply all "
          "bt'. Their names: top -H.\n"};
}

http::HttpReply waiting() {
  return {kNotImplemented,
          "Waiting for locks is not sampled. perf lock, or perf record -e "
          "'syscalls:sys_enter_futex', has it.\n"};
}

http::HttpReply symbol() {
  return {kNotImplemented, "There are no addresses to look up: there is no profile.\n"};
}

constexpr Page kPages[] = {
    {"/debug/pprof", redirect},
    {"/debug/pprof/", index},
    {"/debug/pprof/cmdline", command_line},
    {"/debug/pprof/profile", profile},
    {"/debug/pprof/heap", heap},
    {"/debug/pprof/allocs", heap},
    {"/debug/pprof/trace", trace},
    {"/debug/pprof/goroutine", goroutine},
    {"/debug/pprof/threadcreate", goroutine},
    {"/debug/pprof/block", waiting},
    {"/debug/pprof/mutex", waiting},
    {"/debug/pprof/symbol", symbol},
};

}  // namespace

std::span<const Page> pages() {
  return kPages;
}

}  // namespace fairlead::plugins::pprof
