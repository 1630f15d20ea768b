// A finding: where a model loses something, what it costs, why, and what to do about it.
//
// Ids come from the catalogue, which docs/findings.md explains entry by entry; why and remedy begin with the
// catalogue's words, so that one id always means one thing, and end with what is so of this case only. A cost says what
// it rests on; a cost that nobody has measured or derived is absent, never guessed.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json_writer.h"

namespace edgescope::analysis {

enum class Basis : std::uint8_t { Exact, Measured, Predicted, Published };

std::string_view basis_name(Basis basis);

struct FindingCost {
  std::optional<std::uint64_t> bytes;
  std::optional<std::pair<double, double>> microseconds;  // an interval
  Basis basis = Basis::Exact;
};

struct FindingKind {
  std::string_view id, why, remedy;
};

struct Finding {
  const FindingKind* kind = nullptr;  // of the catalogue
  std::string where;                  // for people
  int subgraph = 0;                   // for programs: where the operators and tensors are
  std::vector<int> operators = {}, tensors = {};
  FindingCost cost = {};
  std::string why_here = {};     // added to the kind's `why`: figures, names, which of several causes
  std::string remedy_here = {};  // added to the kind's `remedy`
};

// Every finding that there is.
std::span<const FindingKind> finding_catalogue();
// `id` must be of the catalogue.
const FindingKind& finding_kind(std::string_view id);

// The array that documents hold under `findings`.
void write_findings(base::JsonWriter& json, std::span<const Finding> findings);

// The same as values.
base::Json findings_json(std::span<const Finding> findings);

}  // namespace edgescope::analysis
