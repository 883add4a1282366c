#include "plugins/root/setup.h"

#include <optional>

#include "plugins/plan.h"

namespace fairlead::plugins::root {
namespace {

// The folder may come later, so that it is not there is no error. One that is no folder makes
// itself felt where a file is looked for in it, as in CoreDNS.
void check_folder(corefile::Cursor& cursor, const corefile::Context& context,
                  const std::string& folder) {
  if (context.files == nullptr) return;
  const std::optional<corefile::FileText> found = context.files->read(folder);
  if (!found) {
    cursor.warn("Root path does not exist: " + folder);
  } else if (!found->error.empty() && found->error != "is a directory") {
    throw cursor.error("unable to access root path '" + folder + "': " + found->error);
  }
}

}  // namespace

std::string parse(corefile::Cursor& cursor, const corefile::Context& context) {
  std::string folder;
  while (cursor.next()) {
    folder = cursor.only_arg();
    if (cursor.next_block()) throw cursor.unknown_property();
  }
  check_folder(cursor, context, folder);
  return folder;
}

void read(corefile::Cursor& cursor, Plan& plan) {
  plan.set_root(parse(cursor, plan.context()));
}

}  // namespace fairlead::plugins::root
