// What zones are followed with.
#pragma once

#include <memory>

#include "net/asio.h"
#include "net/log.h"
#include "plugins/secondary/store.h"
#include "plugins/secondary/turns.h"

namespace fairlead::plugins::secondary {

/// The same for all of a block.
struct Tools {
  asio::io_context& control;  // both outlive who has them
  net::LogSink& log;
  std::shared_ptr<Turns> turns;
  std::shared_ptr<Store> store;  // null: no zone is kept on disk
};

}  // namespace fairlead::plugins::secondary
