#include "plugins/debug/setup.h"

#include "plugins/plan.h"

namespace fairlead::plugins::debug {

void parse(corefile::Cursor& cursor) {
  while (cursor.next()) {
    cursor.no_args();
    if (cursor.next_block()) throw cursor.unknown_property();
  }
}

void read(corefile::Cursor& cursor, Plan& plan) {
  parse(cursor);
  plan.debug = true;
}

}  // namespace fairlead::plugins::debug
