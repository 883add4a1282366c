#include <doctest/doctest.h>

#include "plugins/multisocket/setup.h"
#include "test/unit/plugins/setup_support.h"

namespace fairlead::plugins::multisocket {
using namespace fairlead::plugins::testing;

namespace {

const auto kMultisocket = [](auto& cursor, const auto&) { return multisocket::parse(cursor); };

}  // namespace

TEST_CASE("multisocket: the number, and mistakes") {
  const auto sockets_of = [](const std::string& lines) {
    return with_directive("multisocket", lines, kMultisocket);
  };
  CHECK(sockets_of("multisocket") == 0);
  CHECK(sockets_of("multisocket 1") == 1);
  CHECK(sockets_of("multisocket +2") == 2);
  CHECK(sockets_of("multisocket 1024") == 1024);
  const BadLine cases[] = {
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
  };
  check_mistakes("multisocket", cases, kMultisocket);
}

}  // namespace fairlead::plugins::multisocket
