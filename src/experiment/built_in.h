// The plans that reproduce the notebook on whatever runtimes are present.
#pragma once

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace edgescope::experiment {

// (name, what it asks), in the notebook's order.
const std::vector<std::pair<std::string_view, std::string_view>>& built_in_plans();

// Its TOML; nothing for a name that is none.
std::optional<std::string_view> built_in_plan(std::string_view name);

}  // namespace edgescope::experiment
