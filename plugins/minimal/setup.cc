#include "plugins/minimal/setup.h"

namespace fairlead::plugins::minimal {

void parse(corefile::Cursor& cursor) {
  while (cursor.next()) {
    if (cursor.token().opens()) throw cursor.arg_error();
    cursor.no_args();
  }
}

}  // namespace fairlead::plugins::minimal
