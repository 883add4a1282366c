#include "corefile/file_reader.h"

#include <doctest/doctest.h>

#include <filesystem>

#include "test/unit/support/temporary_folder.h"

using namespace fairlead::corefile;
namespace fs = std::filesystem;

TEST_CASE("disk reader: files, folders and what is missing") {
  const fairlead::test::TemporaryFolder folder;
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
  const fairlead::test::TemporaryFolder folder;
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
