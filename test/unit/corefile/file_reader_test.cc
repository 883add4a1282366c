#include "corefile/file_reader.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

using namespace fairlead::corefile;
namespace fs = std::filesystem;

namespace {

// A folder of its own for a test, removed with it.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (fs::temp_directory_path() / "fairlead-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~TemporaryFolder() {
    std::error_code ec;
    fs::remove_all(path_, ec);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  void write(const std::string& name, const std::string& text) const {
    fs::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name, std::ios::binary) << text;
  }
  [[nodiscard]] std::string operator/(const std::string& name) const {
    return (path_ / name).string();
  }

 private:
  fs::path path_;
};

}  // namespace

TEST_CASE("disk reader: files, folders and what is missing") {
  const TemporaryFolder folder;
  folder.write("a", std::string("x\0y\r\n", 5));
  folder.write("empty", "");
  const DiskReader reader;
  CHECK(reader.read(folder / "a")->text == std::string("x\0y\r\n", 5));
  CHECK(reader.read(folder / "empty")->text.empty());
  CHECK(reader.read(folder / "empty")->error.empty());
  CHECK_FALSE(reader.read(folder / "none").has_value());
  CHECK_FALSE(reader.read(folder / "a/below").has_value());
  CHECK(reader.read(folder / "")->error == "is a directory");
  CHECK(reader.working_directory() == fs::current_path().string());
}

TEST_CASE("disk reader: an endless file is refused") {
  CHECK(DiskReader().read("/dev/zero")->error == "is too large");
}

TEST_CASE("disk reader: globs") {
  const TemporaryFolder folder;
  for (const char* name :
       {"c/b.server", "c/a.server", "c/x.override", "d/a.server", "c/.hidden.server"}) {
    folder.write(name, "");
  }
  const DiskReader reader;
  CHECK(reader.glob(folder / "c/*.server") == std::vector<std::string>{folder / "c/.hidden.server",
                                                                       folder / "c/a.server",
                                                                       folder / "c/b.server"});
  CHECK(reader.glob(folder / "c/?.override") == std::vector<std::string>{folder / "c/x.override"});
  CHECK(reader.glob(folder / "*/a.server") ==
        std::vector<std::string>{folder / "c/a.server", folder / "d/a.server"});
  CHECK(reader.glob(folder / "none/*").empty());
  CHECK(reader.glob(folder / "c/*.none").empty());
}

TEST_CASE("process environment: set, unset") {
  setenv("FAIRLEAD_TEST_VARIABLE", "value", 1);
  CHECK(process_environment()("FAIRLEAD_TEST_VARIABLE") == "value");
  unsetenv("FAIRLEAD_TEST_VARIABLE");
  CHECK(process_environment()("FAIRLEAD_TEST_VARIABLE").empty());
}
