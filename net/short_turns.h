// Turns of a thread that has little to do, beside threads that are always busy.
#pragma once

namespace fairlead::net {

/// Asks the kernel to give the calling thread its share of the processor in turns of a tenth of a
/// millisecond: who asks for short turns is let in front of those in the middle of long ones. Linux
/// 6.12 and later (sched_setattr(2)); does nothing before, nor where it is not allowed.
void ask_for_short_turns();

}  // namespace fairlead::net
