// What a directive is to the server: a name, and a function that reads its words. All the rest lies
// in the directive's own folder. docs/ARCHITECTURE.md says how to add one.
#pragma once

#include <span>
#include <string_view>

#include "corefile/cursor.h"
#include "corefile/directives.h"

namespace fairlead::plugins {

class Plan;
struct Site;

struct Directive {
  std::string_view name;

  /// Reads every use in one block, in file order, and puts what it means into the plan. Opens
  /// nothing. Throws corefile::ConfigError. Null: the directive exists in CoreDNS, and not here
  /// yet.
  void (*read)(corefile::Cursor&, Plan&) = nullptr;

  /// Called once when the process starts: for what is there whether or not a block has the
  /// directive. May be null.
  void (*start)(Site&) = nullptr;

  /// Of one without read() that will not be here: why, and what to do.
  std::string_view instead{};
};

/// Every directive there is, in the order in which questions pass them: that of CoreDNS 1.15.
std::span<const Directive> directives();

/// The same, for the parser of Corefiles.
std::span<const corefile::DirectiveName> directive_names();

}  // namespace fairlead::plugins
