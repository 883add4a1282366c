// Why a name of the cluster has its answer.
#pragma once

#include "plugins/building.h"
#include "plugins/kubernetes/setup.h"

namespace fairlead::plugins::kubernetes {

/// Puts a step into the block that reads the cluster once, when an answer depends on it, answers
/// from that, and tells which objects the answer comes from; offers what it reads. Throws
/// std::runtime_error from ask() when the cluster cannot be read at all.
void explain_step(const Config& config, Building& building);

}  // namespace fairlead::plugins::kubernetes
