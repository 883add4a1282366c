#include "plugins/loop/setup.h"

namespace fairlead::plugins::loop {

Options parse(corefile::Cursor& cursor, const corefile::Context& context) {
  while (cursor.next()) {
    cursor.require_once();
    cursor.no_args();
    if (cursor.next_block()) throw cursor.unknown_property();
  }
  return {context.block_zones};
}

}  // namespace fairlead::plugins::loop
