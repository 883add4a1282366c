// What server blocks are built in and answer with, without sockets: for tests.
#pragma once

#include "metrics/metrics.h"
#include "net/asio.h"
#include "net/log.h"
#include "plugins/building.h"
#include "plugins/kept.h"
#include "plugins/readiness.h"
#include "query/live_board.h"
#include "test/unit/support/pipe.h"

namespace fairlead::plugins::testing {

/// One worker's. What is logged can be read from `pipe`.
struct Surroundings {
  asio::io_context control;
  test::Pipe pipe;
  net::LogSink log{pipe.write.get()};
  metrics::Metrics metrics{1, "1.2.3"};
  query::LiveBoard board;
  Readiness readiness;
  Kept kept;
  Site site{.control = control,
            .log = log,
            .metrics = metrics,
            .board = board,
            .kept = kept,
            .readiness = readiness,
            .workers = 1,
            .look_for_reload = {},
            .version = "1.2.3"};
};

}  // namespace fairlead::plugins::testing
