#include "plugins/whoami/setup.h"

namespace fairlead::plugins::whoami {

Options parse(corefile::Cursor& cursor) {
  while (cursor.next()) {
    cursor.no_args();
    if (cursor.next_block()) throw cursor.unknown_property();
  }
  return {};
}

}  // namespace fairlead::plugins::whoami
