#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "plugins/hosts/file_watch.h"
#include "test/unit/support/temporary_folder.h"

namespace fairlead::plugins::hosts {
using std::chrono::system_clock;
namespace fs = std::filesystem;

namespace {

// A folder of its own with the file `hosts`, whose times the test sets: no test waits.
class Folder {
 public:
  [[nodiscard]] std::string file(const std::string& name = "hosts") const { return folder_ / name; }
  void write(const std::string& text, int64_t seconds, const std::string& name = "hosts") const {
    folder_.write(name, text);
    set_time(seconds, name);
  }
  void set_time(int64_t seconds, const std::string& name = "hosts") const {
    const timespec times[2] = {{seconds, 0}, {seconds, 0}};
    REQUIRE(::utimensat(AT_FDCWD, file(name).c_str(), times, 0) == 0);
  }

 private:
  const test::TemporaryFolder folder_;
};

system_clock::time_point at(int64_t seconds) {
  return system_clock::time_point(std::chrono::seconds(seconds));
}

Options options_for(const std::string& path) {
  Options options;
  options.path = path;
  options.zones = {"."};
  return options;
}

std::string address(const Change& change, const std::string& name) {
  if (change.table == nullptr) return "no table";
  const auto found = change.table->file.find(dns::Name::from_text(name)->view());
  return found.v4.empty() ? "none" : change.table->file.address(found.v4[0]).to_text();
}

}  // namespace

TEST_CASE("hosts file: read once, and again when it changed") {
  const Folder folder;
  folder.write("10.0.0.1 a\n", 1000);
  FileWatch watch(options_for(folder.file()));
  const Change first = watch.check(at(2000));
  CHECK(address(first, "a") == "10.0.0.1");
  CHECK(first.warnings.empty());
  CHECK(watch.entries() == 2);
  CHECK(watch.file_time() == 1000.0);

  CHECK(address(watch.check(at(2005)), "a") == "no table");
  folder.write("10.0.0.2 a\n", 2006);  // the same size
  CHECK(address(watch.check(at(2010)), "a") == "10.0.0.2");
  CHECK(watch.file_time() == 2006.0);
  CHECK(address(watch.check(at(2015)), "a") == "no table");
}

TEST_CASE("hosts file: new times without a new text are no news") {
  const Folder folder;
  folder.write("10.0.0.1 a\n", 1000);
  FileWatch watch(options_for(folder.file()));
  watch.check(at(2000));
  folder.set_time(1500);
  CHECK(watch.check(at(2005)).table == nullptr);
  CHECK(watch.file_time() == 1500.0);
}

TEST_CASE("hosts file: a change too fast for the time stamps is seen at the next look") {
  const Folder folder;
  folder.write("10.0.0.1 a\n", 2000);
  FileWatch watch(options_for(folder.file()));
  CHECK(address(watch.check(at(2000)), "a") == "10.0.0.1");
  folder.write("10.0.0.2 a\n", 2000);
  CHECK(address(watch.check(at(2005)), "a") == "10.0.0.2");
}

TEST_CASE("hosts file: what looks half written gets one more look") {
  const Folder folder;
  folder.write("10.0.0.1 a\n10.0.0.2 b\n", 1000);
  FileWatch watch(options_for(folder.file()));
  watch.check(at(2000));

  folder.write("", 2004);  // truncated, about to be written
  CHECK(watch.check(at(2004)).table == nullptr);
  folder.write("10.0.0.1 a\n10.0.0.3 b\n", 2005);
  CHECK(address(watch.check(at(2009)), "b") == "10.0.0.3");

  folder.write("10.0.0.1 a", 2010);
  CHECK(watch.check(at(2010)).table == nullptr);
  CHECK(address(watch.check(at(2015)), "b") == "none");  // it was meant

  folder.write("", 2016);
  CHECK(address(watch.check(at(2020)), "a") == "none");  // old enough to be meant
}

TEST_CASE("hosts file: a ConfigMap's link that is swapped") {
  const Folder folder;
  fs::create_directory(folder.file("v1"));
  fs::create_directory(folder.file("v2"));
  folder.write("10.0.0.1 node\n", 1000, "v1/NodeHosts");
  folder.write("10.0.0.2 node\n", 1000, "v2/NodeHosts");
  fs::create_symlink("v1", folder.file("..data"));
  fs::create_symlink("..data/NodeHosts", folder.file("NodeHosts"));
  FileWatch watch(options_for(folder.file("NodeHosts")));
  CHECK(address(watch.check(at(2000)), "node") == "10.0.0.1");
  fs::create_symlink("v2", folder.file("..new"));
  fs::rename(folder.file("..new"), folder.file("..data"));
  CHECK(address(watch.check(at(2015)), "node") == "10.0.0.2");
}

TEST_CASE("hosts file: gone or unreadable, the last content stays") {
  const Folder folder;
  folder.write("10.0.0.1 a\n", 1000);
  FileWatch watch(options_for(folder.file()));
  watch.check(at(2000));

  fs::remove(folder.file());
  const Change gone = watch.check(at(2005));
  CHECK(gone.table == nullptr);
  REQUIRE(gone.warnings.size() == 1);
  CHECK(gone.warnings[0] ==
        "hosts file " + folder.file() + ": No such file or directory, its last content stays");
  CHECK(watch.entries() == 2);
  CHECK(watch.check(at(2010)).warnings.empty());

  folder.write("10.0.0.1 a\n", 2011);
  const Change back = watch.check(at(2015));
  CHECK(back.table == nullptr);  // the same text
  REQUIRE(back.warnings.size() == 1);
  CHECK(back.warnings[0] == "hosts file " + folder.file() + " is back");
}

TEST_CASE("hosts file: not there at the start") {
  const Folder folder;
  Options options = options_for(folder.file());
  options.inline_text = "10.0.0.7 inline\n";
  FileWatch watch(options);
  const Change first = watch.check(at(2000));
  REQUIRE(first.table != nullptr);
  CHECK(first.warnings.empty());
  CHECK(first.table->inline_lines->entries() == 2);
  CHECK(first.table->file.entries() == 0);
  CHECK(watch.file_time() == 0.0);
  CHECK(watch.check(at(2005)).warnings.empty());

  folder.write("10.0.0.1 a\n", 2006);
  const Change there = watch.check(at(2010));
  CHECK(address(there, "a") == "10.0.0.1");
  CHECK(there.table->entries() == 4);
  CHECK(watch.entries() == 4);
}

TEST_CASE("hosts file: no regular file of a bearable size") {
  const Folder folder;
  struct {
    const char* name;
    const char* expected;
  } const cases[] = {{"folder", "is a directory"},
                     {"pipe", "is not a regular file"},
                     {"large", "is larger than 16 MB"}};
  fs::create_directory(folder.file("folder"));
  REQUIRE(::mkfifo(folder.file("pipe").c_str(), 0600) == 0);
  folder.write("", 1000, "large");
  fs::resize_file(folder.file("large"), kMaxFileBytes + 1);
  for (const auto& c : cases) {
    CAPTURE(c.name);
    FileWatch watch(options_for(folder.file(c.name)));
    const Change first = watch.check(at(2000));
    CHECK(first.table != nullptr);
    REQUIRE(first.warnings.size() == 1);
    CHECK(first.warnings[0] == "hosts file " + folder.file(c.name) + ": " + c.expected);
  }
}

TEST_CASE("hosts file: lines that cannot be read are told of with each new text") {
  const Folder folder;
  folder.write("x a\n", 1000);
  FileWatch watch(options_for(folder.file()));
  const Change first = watch.check(at(2000));
  REQUIRE(first.warnings.size() == 1);
  CHECK(first.warnings[0] == folder.file() + ":1: 'x' is not an IP address, the line is ignored");
}

}  // namespace fairlead::plugins::hosts
