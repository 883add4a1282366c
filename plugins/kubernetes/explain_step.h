// Why a name of the cluster has its answer.
#pragma once

#include <memory>

#include "plugins/building.h"
#include "plugins/kubernetes/setup.h"
#include "query/step.h"

namespace fairlead::plugins::kubernetes {

/// A step that reads the cluster once, when an answer depends on it, answers from that, and tells
/// which objects the answer comes from. Throws std::runtime_error from ask() when the cluster
/// cannot be read at all.
std::unique_ptr<const query::Step> make_explain_step(const Config& config,
                                                     const Explaining& explaining);

}  // namespace fairlead::plugins::kubernetes
