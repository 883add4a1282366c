// cancel, debug, multisocket, root and timeouts.
#include <doctest/doctest.h>

#include "plugins/cancel/setup.h"
#include "plugins/debug/setup.h"
#include "plugins/multisocket/setup.h"
#include "plugins/root/setup.h"
#include "plugins/timeouts/setup.h"
#include "test/unit/plugins/setup_support.h"

using namespace fairlead;
using namespace fairlead::plugins;
using namespace fairlead::plugins::testing;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

const auto kCancel = [](auto& cursor, const auto&) { return cancel::parse(cursor); };
const auto kDebug = [](auto& cursor, const auto&) {
  debug::parse(cursor);
  return true;
};
const auto kMultisocket = [](auto& cursor, const auto&) { return multisocket::parse(cursor); };
const auto kTimeouts = [](auto& cursor, const auto&) { return timeouts::parse(cursor); };

// The folder, and behind it what is warned of.
const auto kRoot = [](auto& cursor, const auto& context) {
  std::string said = root::parse(cursor, context);
  for (const std::string& warning : cursor.warnings()) said += "; " + warning;
  return said;
};

template <typename Run>
void check_mistakes(const std::string& name, std::initializer_list<BadLine> cases, Run run) {
  for (const BadLine& c : cases) {
    CAPTURE(c.lines);
    CHECK(setup_error(name, c.lines, run) == c.expected);
  }
}

/// A disk whose folders may not be looked at.
class NoRights final : public corefile::FileReader {
 public:
  [[nodiscard]] std::optional<corefile::FileText> read(const std::string&) const override {
    return corefile::FileText{{}, "Permission denied"};
  }
  [[nodiscard]] std::vector<std::string> glob(const std::string&) const override { return {}; }
  [[nodiscard]] std::string working_directory() const override { return "/"; }
};

}  // namespace

TEST_CASE("cancel: the time, and mistakes") {
  const auto timeout_of = [](const std::string& lines) {
    return with_directive("cancel", lines, kCancel).timeout;
  };
  CHECK(timeout_of("cancel") == milliseconds(5001));
  CHECK(timeout_of("cancel 500ms") == milliseconds(500));
  CHECK(timeout_of("cancel 1m30s") == seconds(90));
  CHECK(timeout_of("cancel 1s\ncancel 2s") == seconds(2));
  CHECK(timeout_of("cancel 1s\ncancel") == milliseconds(5001));
  check_mistakes("cancel",
                 {
                     {"cancel 5", parsing(2, "invalid duration: \"5\"")},
                     {"cancel x", parsing(2, "invalid duration: \"x\"")},
                     {"cancel 0s", parsing(2, "invalid negative duration: \"0s\"")},
                     {"cancel -1s", parsing(2, "invalid negative duration: \"-1s\"")},
                     {"cancel 1s 2s", arguments_after(2, "2s")},
                     {"cancel 1s\ncancel x", parsing(3, "invalid duration: \"x\"")},
                     {"cancel {\nx\n}", parsing(3, "unknown property 'x'")},
                 },
                 kCancel);
}

TEST_CASE("debug: mistakes") {
  CHECK(with_directive("debug", "debug\ndebug", kDebug));
  check_mistakes(
      "debug",
      {{"debug x", arguments_after(2, "x")}, {"debug {\nx\n}", parsing(3, "unknown property 'x'")}},
      kDebug);
}

TEST_CASE("multisocket: the number, and mistakes") {
  const auto sockets_of = [](const std::string& lines) {
    return with_directive("multisocket", lines, kMultisocket).sockets;
  };
  CHECK(sockets_of("multisocket") == 0);
  CHECK(sockets_of("multisocket 1") == 1);
  CHECK(sockets_of("multisocket +2") == 2);
  CHECK(sockets_of("multisocket 1024") == 1024);
  check_mistakes(
      "multisocket",
      {
          {"multisocket 0", parsing(2, "num sockets can not be zero or negative: 0")},
          {"multisocket -1", parsing(2, "num sockets can not be zero or negative: -1")},
          {"multisocket 1025", parsing(2, "num sockets exceeds maximum (1024): 1025")},
          {"multisocket a",
           parsing(2, "invalid num sockets: strconv.Atoi: parsing \"a\": invalid syntax")},
          {"multisocket 99999999999999999999",
           parsing(2,
                   "invalid num sockets: strconv.Atoi: parsing \"99999999999999999999\": value "
                   "out of range")},
          {"multisocket 1 2", arguments_after(2, "2")},
          {"multisocket 1\nmultisocket 1", arguments_after(3, "multisocket")},
          {"multisocket {\nx\n}", parsing(3, "unknown property 'x'")},
      },
      kMultisocket);
}

TEST_CASE("root: the folder, and mistakes") {
  const auto folder_of = [](const std::string& lines) {
    return with_directive("root", lines, kRoot, {{"/there/", ""}, {"/file", "text"}});
  };
  CHECK(folder_of("root /there") == "/there");
  CHECK(folder_of("root /nonexist\nroot /there") == "/there");
  CHECK(folder_of("root /file") == "/file");
  CHECK(folder_of("root /nonexist") ==
        "/nonexist; plugin/root: Root path does not exist: /nonexist");
  const auto unreadable = [](auto& cursor, const auto& context) {
    corefile::Context without_rights = context;
    const NoRights files;
    without_rights.files = &files;
    return root::parse(cursor, without_rights);
  };
  CHECK(setup_error("root", "root /secret", unreadable) ==
        parsing(2, "unable to access root path '/secret': Permission denied"));
  check_mistakes("root",
                 {{"root", arguments_after(2, "root")},
                  {"root a b", arguments_after(2, "b")},
                  {"root a {\nx\n}", parsing(3, "unknown property 'x'")}},
                 kRoot);
}

TEST_CASE("timeouts: options") {
  const auto options_of = [](const std::string& lines) {
    return with_directive("timeouts", "timeouts {\n" + lines + "\n}", kTimeouts);
  };
  CHECK(options_of("read 5") == timeouts::Options{.read = seconds(5)});
  CHECK(options_of("idle 1m30s") == timeouts::Options{.idle = seconds(90)});
  CHECK(options_of("write 24h") == timeouts::Options{.write = hours(24)});
  CHECK(options_of("maxtcpqueries -1") == timeouts::Options{.max_queries = -1});
  CHECK(options_of("read 1s\nidle 2\nwrite 3m\nmaxtcpqueries 7") ==
        timeouts::Options{
            .read = seconds(1), .idle = seconds(2), .write = minutes(3), .max_queries = 7});
  CHECK(options_of("read 1s\nread 2s\n}\ntimeouts {\nidle 3s") ==
        timeouts::Options{.read = seconds(2), .idle = seconds(3)});
}

TEST_CASE("timeouts: mistakes") {
  const std::string range = "' needs to be between 1 second and 24 hours";
  const std::string positive = "' needs to be -1 (unlimited) or a positive integer";
  check_mistakes(
      "timeouts",
      {
          {"timeouts {\nread 0s\n}", parsing(3, "timeout provided '0s" + range)},
          {"timeouts {\nread 0\n}", parsing(3, "timeout provided '0s" + range)},
          {"timeouts {\nidle 999ms\n}", parsing(3, "timeout provided '999ms" + range)},
          {"timeouts {\nread 25h\n}", parsing(3, "timeout provided '25h0m0s" + range)},
          {"timeouts {\nwrite -1\n}", parsing(3, "timeout provided '-1s" + range)},
          {"timeouts {\nread x\n}", parsing(3, "failed to parse duration 'x'")},
          {"timeouts {\nfoo 5s\n}", parsing(3, "unknown option: 'foo'")},
          {"timeouts {\nfoo x\n}", parsing(3, "failed to parse duration 'x'")},
          {"timeouts {\nmaxtcpqueries 0\n}", parsing(3, "maxtcpqueries provided '0" + positive)},
          {"timeouts {\nmaxtcpqueries -2\n}", parsing(3, "maxtcpqueries provided '-2" + positive)},
          {"timeouts {\nmaxtcpqueries x\n}",
           parsing(3,
                   "invalid value for maxtcpqueries 'x': strconv.Atoi: parsing \"x\": invalid "
                   "syntax")},
          {"timeouts {\nread\n}", arguments_after(3, "read")},
          {"timeouts {\nread 1s 2s\n}", arguments_after(3, "2s")},
          {"timeouts 5s", arguments_after(2, "5s")},
          {"timeouts", parsing(2, "timeouts block with no timeouts specified")},
          {"timeouts {\n}", parsing(3, "timeouts block with no timeouts specified")},
      },
      kTimeouts);
}
