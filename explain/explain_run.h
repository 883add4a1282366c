// What `fairlead explain` does with its flags: which Corefile, which names, what a server says.
#pragma once

#include <string>
#include <vector>

#include "explain/explain.h"
#include "explain/explain_command.h"
#include "k8s-watch/object_query.h"

namespace fairlead::explain {

/// What is said of a name and of those that a pod's resolver makes of it.
struct Searched {
  std::string text;                // empty without -namespace and -pod
  ExplainQuestion question;        // what is left to explain: the name that answers, or the last
  std::vector<Explanation> found;  // of that
};

/// Goes through the search list that `flags` ask for, with `objects` to find a pod; without one it
/// explains the name as it stands. Throws std::runtime_error when the pod cannot be read.
Searched search(Explainer& explainer, const ExplainFlags& flags,
                const k8s_watch::ObjectSource& objects);

/// Prints the explanation to standard output. Returns the exit status; throws what cannot be used.
int run(const ExplainFlags& flags);

}  // namespace fairlead::explain
