#include "plugins/shed/setup.h"

namespace fairlead::plugins::shed {

void parse(corefile::Cursor& cursor) {
  while (cursor.next()) {
    cursor.require_once();
    cursor.no_args();
    if (cursor.next_block()) throw cursor.error("shed takes no options");
  }
}

}  // namespace fairlead::plugins::shed
