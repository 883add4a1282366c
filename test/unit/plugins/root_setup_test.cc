#include <doctest/doctest.h>

#include "plugins/root/setup.h"
#include "test/unit/plugins/setup_support.h"

namespace fairlead::plugins::root {
using namespace fairlead::plugins::testing;

namespace {

// The folder, and behind it what is warned of.
const auto kRoot = [](auto& cursor, const auto& context) {
  std::string said = root::parse(cursor, context);
  for (const std::string& warning : cursor.warnings()) said += "; " + warning;
  return said;
};

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

TEST_CASE("root: the folder, and mistakes") {
  const auto folder_of = [](const std::string& lines) {
    return with_directive("root", lines, kRoot, {{"/there/", ""}, {"/file", "text"}});
  };
  CHECK(folder_of("root /there") == "/there");
  CHECK(folder_of("root /nonexist\nroot /there") == "/there");
  CHECK(folder_of("root /file") == "/file");
  CHECK(folder_of("root /nonexist") == "/nonexist; Root path does not exist: /nonexist");
  const auto unreadable = [](auto& cursor, const auto& context) {
    corefile::Context without_rights = context;
    const NoRights files;
    without_rights.files = &files;
    return root::parse(cursor, without_rights);
  };
  CHECK(setup_error("root", "root /secret", unreadable) ==
        parsing(2, "unable to access root path '/secret': Permission denied"));
  const BadLine cases[] = {{"root", arguments_after(2, "root")},
                           {"root a b", arguments_after(2, "b")},
                           {"root a {\nx\n}", parsing(3, "unknown property 'x'")}};
  check_mistakes("root", cases, kRoot);
}

}  // namespace fairlead::plugins::root
