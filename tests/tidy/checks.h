#pragma once

// The rules of the tree, one function a rule; each gives what breaches it. How a rule is cut and
// why stands with it.

#include <vector>

#include "tests/tidy/source_tree.h"

namespace snapledger::tidy {

using Findings = std::vector<Finding>;

// include_directions.cc: who may include whom, which folder may know which library, and what pure
// code may not reach for.
Findings CheckIncludeDirections(const SourceTree& tree);
Findings CheckLibraryIncludes(const SourceTree& tree);
Findings CheckPureCode(const SourceTree& tree);
// link_directions.cc: the same in the CMake files.
Findings CheckLinkDirections(const SourceTree& tree);

// text_form.cc: lengths of files and lines, and what an editor would do.
Findings CheckFileLengths(const SourceTree& tree);
Findings CheckTextForm(const SourceTree& tree);
// function_lengths.cc
Findings CheckFunctionLengths(const SourceTree& tree);

// printed_data.cc: nothing of a person and no secret reaches a log, a terminal or an error.
Findings CheckPrintingOperators(const SourceTree& tree);
Findings CheckRevealedSecrets(const SourceTree& tree);
Findings CheckLoggedValues(const SourceTree& tree);
Findings CheckConsoleOutput(const SourceTree& tree);

// sql_text.cc: statements are constants; exceptions stay inside storage/.
Findings CheckStatements(const SourceTree& tree);
Findings CheckScripts(const SourceTree& tree);
Findings CheckCatches(const SourceTree& tree);

// waiting.cc: nothing waits by the clock, no test leaves itself out silently.
Findings CheckWaiting(const SourceTree& tree);
Findings CheckSkippedTests(const SourceTree& tree);

// banned_text.cc
Findings CheckBannedWords(const SourceTree& tree);
Findings CheckSuppressions(const SourceTree& tree);
Findings CheckPlaces(const SourceTree& tree);

// tree_shape.cc: names of files, and what must stand beside what.
Findings CheckNames(const SourceTree& tree);
Findings CheckTestsMirrorSources(const SourceTree& tree);
Findings CheckMigrationNumbers(const SourceTree& tree);
Findings CheckDecisionRecords(const SourceTree& tree);

}  // namespace snapledger::tidy
