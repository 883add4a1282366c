// What one version of a zone has and another has not.
#pragma once

#include "records/journal_step.h"
#include "records/zone.h"

namespace fairlead::records {

/// Both are versions of one zone. Linear in them; null when they differ by more than a journal
/// keeps.
JournalStepPtr difference(const Zone& earlier, const Zone& later);

}  // namespace fairlead::records
