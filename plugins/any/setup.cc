#include "plugins/any/setup.h"

namespace fairlead::plugins::any {

void parse(corefile::Cursor& cursor) {
  while (cursor.next()) {
    if (cursor.token().opens()) throw cursor.arg_error();
    cursor.no_args();
  }
}

}  // namespace fairlead::plugins::any
