#include "k8s-watch/child_process.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include "dns/printable.h"
#include "net/file_descriptor.h"
#include "net/quietly.h"

namespace fairlead::k8s_watch {
namespace {

// Waiting for an end is asking for it: pidfds are younger than some of the kernels in use.
constexpr std::chrono::milliseconds kFirstLook{1}, kLastLook{20};
constexpr size_t kLongestLine = 1000;
constexpr size_t kMostLines = 100;
constexpr int kReapTries = 100;  // milliseconds

std::string errno_text(int error) {
  return std::generic_category().message(error);
}

// What posix_spawn is to do, freed in the end.
class SpawnRules {
 public:
  SpawnRules(int output, int errors) {
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions_, output, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions_, errors, STDERR_FILENO);
    posix_spawn_file_actions_addclosefrom_np(&actions_, STDERR_FILENO + 1);
    posix_spawnattr_init(&attributes_);
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setsigdefault(&attributes_, &all);
    posix_spawnattr_setpgroup(&attributes_, 0);
    posix_spawnattr_setflags(
        &attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }
  ~SpawnRules() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }
  SpawnRules(const SpawnRules&) = delete;
  SpawnRules& operator=(const SpawnRules&) = delete;

  [[nodiscard]] const posix_spawn_file_actions_t* actions() const { return &actions_; }
  [[nodiscard]] const posix_spawnattr_t* attributes() const { return &attributes_; }

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

std::vector<std::string> environment(const Program& program) {
  std::map<std::string, std::string> variables;
  for (char** at = environ; at != nullptr && *at != nullptr; ++at) {
    const std::string_view text(*at);
    const size_t name = std::min(text.find('='), text.size());
    variables.emplace(text.substr(0, name), text.substr(std::min(name + 1, text.size())));
  }
  for (const auto& [name, value] : program.env) variables[name] = value;
  std::vector<std::string> result;
  result.reserve(variables.size());
  for (const auto& [name, value] : variables) result.emplace_back(name).append("=").append(value);
  return result;
}

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> result;
  result.reserve(words.size() + 1);
  for (std::string& word : words) result.push_back(word.data());
  result.push_back(nullptr);
  return result;
}

// The process, or why there is none, as an errno.
int spawn(const Program& program, int output, int errors, pid_t& pid) {
  std::vector<std::string> words{program.command};
  words.insert(words.end(), program.args.begin(), program.args.end());
  std::vector<std::string> env = environment(program);
  const SpawnRules rules(output, errors);
  return posix_spawnp(&pid, program.command.c_str(), rules.actions(), rules.attributes(),
                      pointers(words).data(), pointers(env).data());
}

std::string end_text(int status) {
  if (WIFSIGNALED(status)) return "was killed by signal " + std::to_string(WTERMSIG(status));
  const int code = WEXITSTATUS(status);
  return code == 0 ? "" : "ended with status " + std::to_string(code);
}

// Its ends of a pipe are closed for other programs.
bool make_pipe(net::FileDescriptor& read, net::FileDescriptor& write) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return false;
  read.reset(ends[0]);
  write.reset(ends[1]);
  return ::fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0;
}

}  // namespace

class ChildProcess::Run : public std::enable_shared_from_this<Run> {
 public:
  Run(asio::io_context& io, const Program& program, Line line, Done done)
      : output_(io),
        errors_(io),
        look_(io),
        most_output_(program.most_output),
        patience_(program.patience),
        line_(std::move(line)),
        done_(std::move(done)) {}

  void start(asio::io_context& io, const Program& program) {
    net::FileDescriptor output, errors, its_output, its_errors;
    int error = 0;
    if (!make_pipe(output, its_output) || !make_pipe(errors, its_errors)) {
      error = errno;
    } else {
      error = spawn(program, its_output.get(), its_errors.get(), pid_);
    }
    if (error != 0) {
      pid_ = -1;
      end_.not_found = error == ENOENT;
      asio::post(io, [self = shared_from_this(), error] {
        self->finish(error == ENOENT ? "not found" : "cannot be run: " + errno_text(error));
      });
      return;
    }
    output_.assign(output.release());
    errors_.assign(errors.release());
    until_ = std::chrono::steady_clock::now() + patience_;
    read_output();
    read_errors();
    look_later();
  }

  // Nothing is told any more.
  void abandon() {
    done_ = nullptr;
    line_ = nullptr;
    kill_all();
    for (int i = 0; i < kReapTries && pid_ > 0 && !reaped(); ++i) ::usleep(1000);
    close();
  }

 private:
  void read_output() {
    output_.async_wait(asio::posix::stream_descriptor::wait_read,
                       [self = shared_from_this()](const boost::system::error_code& error) {
                         if (!error && self->take_output()) self->read_output();
                       });
  }

  void read_errors() {
    errors_.async_wait(asio::posix::stream_descriptor::wait_read,
                       [self = shared_from_this()](const boost::system::error_code& error) {
                         if (!error && self->take_errors()) self->read_errors();
                       });
  }

  // All that is there. False when there will be no more.
  template <typename Take>
  static bool take_from(int fd, Take take) {
    std::array<char, 4096> buffer;
    for (;;) {
      const ssize_t size = ::read(fd, buffer.data(), buffer.size());
      if (size < 0 && errno == EINTR) continue;
      if (size < 0) return errno == EAGAIN;
      if (size == 0) return false;
      if (!take(std::string_view(buffer.data(), static_cast<size_t>(size)))) return false;
    }
  }

  bool take_output() {
    return take_from(output_.native_handle(), [this](std::string_view octets) {
      end_.output += octets;
      if (end_.output.size() <= most_output_) return true;
      give_up("wrote more than " + std::to_string(most_output_ >> 10U) + " KiB and was killed");
      return false;
    });
  }

  // A flood is told in part, and the rest of it read at leisure.
  bool take_errors() {
    size_t taken = 0;
    bool more = true;
    const bool open = take_from(errors_.native_handle(), [&](std::string_view octets) {
      for (const char c : octets) c == '\n' ? tell_line() : append_to_line(c);
      taken += octets.size();
      more = taken < 65536;
      return more;
    });
    return open || !more;
  }

  void append_to_line(char c) {
    if (text_.size() < kLongestLine) text_ += c;
  }

  void tell_line() {
    const std::string text = dns::printable(std::exchange(text_, {}));
    if (text.find_first_not_of(" ?") == std::string::npos || lines_ > kMostLines) return;
    if (++lines_ > kMostLines) return say("(its further lines are left out)");
    say(text);
  }

  void say(const std::string& text) const {
    if (line_) line_(text);
  }

  void look_later() {
    look_.expires_after(pause_);
    pause_ = std::min(pause_ * 2, kLastLook);
    look_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
      if (!error) self->look();
    });
  }

  void look() {
    if (pid_ <= 0) return;
    if (reaped()) return ended();
    if (std::chrono::steady_clock::now() >= until_ && trouble_.empty())
      give_up("still ran after " + std::to_string(patience_.count() / 1000) + " s and was killed");
    look_later();
  }

  // What it wrote before its end is all in the pipes; whom it left behind is not waited for.
  void ended() {
    if (trouble_.empty()) take_output();
    take_errors();
    if (!text_.empty()) tell_line();
    finish(trouble_.empty() ? end_text(status_) : trouble_);
  }

  void give_up(std::string why) {
    if (trouble_.empty()) trouble_ = std::move(why);
    kill_all();
  }

  void kill_all() const {
    if (pid_ > 0) ::kill(-pid_, SIGKILL);
  }

  bool reaped() {
    const pid_t got = ::waitpid(pid_, &status_, WNOHANG);
    if (got == 0 || (got < 0 && errno == EINTR)) return false;
    if (got < 0) status_ = 0;  // somebody else has it; what it wrote tells enough
    pid_ = -1;
    return true;
  }

  void finish(std::string trouble) {
    close();
    end_.trouble = std::move(trouble);
    const Done done = std::exchange(done_, nullptr);
    if (done) done(std::move(end_));
  }

  void close() {
    boost::system::error_code ignored;
    output_.close(ignored);
    errors_.close(ignored);
    look_.cancel();
  }

  asio::posix::stream_descriptor output_, errors_;
  asio::steady_timer look_;
  const size_t most_output_;
  const std::chrono::milliseconds patience_;
  Line line_;
  Done done_;
  pid_t pid_ = -1;
  int status_ = 0;
  std::chrono::steady_clock::time_point until_;
  std::chrono::milliseconds pause_ = kFirstLook;
  std::string text_;  // of a line that has no end yet
  size_t lines_ = 0;
  std::string trouble_;  // why it was killed
  ProgramEnd end_;
};

ChildProcess::ChildProcess(asio::io_context& io, const Program& program, Line line, Done done)
    : run_(std::make_shared<Run>(io, program, std::move(line), std::move(done))) {
  run_->start(io, program);
}

ChildProcess::~ChildProcess() {
  net::quietly([this] { run_->abandon(); });
}

}  // namespace fairlead::k8s_watch
