#include "report/views/edgetpu_cache.h"

#include <fmt/format.h>

#include <filesystem>

#include "base/units.h"
#include "report/views/inspect.h"

namespace edgescope::report {
namespace {

using base::Json;
using Align = Column::Align;

std::string bytes(const Json& value) { return value == 0 ? "-" : base::bytes_text(value.get<std::uint64_t>()); }

std::string interval(const Json& us) {
  if (us[1] == 0.0) return "-";
  return fmt::format("{} to {}", base::microseconds_text(us[0].get<double>()),
                     base::microseconds_text(us[1].get<double>()));
}

std::string listed(const Json& list) {
  std::string text;
  for (const Json& one : list) text += (text.empty() ? "" : ", ") + one.get<std::string>();
  return text;
}

// Paths are long and mostly alike; JSON has them whole.
std::string file(const Json& path) { return std::filesystem::path(path.get<std::string>()).filename().string(); }
std::string files(const Json& list) {
  std::string text;
  for (const Json& one : list) text += (text.empty() ? "" : ", ") + file(one);
  return text;
}

std::string verdict(const Json& cache) {
  const std::size_t tokens = cache["tokens"].size();
  for (const Json& token : cache["tokens"])
    if (token["overlapping_rows"] != 0) return "Models with one token claim the same rows: they must not share a stick";
  if (cache["round"]["resent_bytes"] == 0)
    return tokens > 1 ? "No model drops another's parameters"
                      : "They share one cache: no switch sends parameters again";
  return fmt::format("They drop each other's parameters: a round of all sends {} again, {} over {}",
                     bytes(cache["round"]["resent_bytes"]), interval(cache["round"]["us"]),
                     cache["link"].get<std::string>());
}

}  // namespace

Blocks edgetpu_cache_view(const Json& document) {
  const Json& cache = document["edgetpu_cache"];
  Blocks blocks = {Heading{fmt::format("{} models on one Edge TPU", cache["models"].size())},
                   Paragraph{verdict(cache) + "."}};
  blocks.emplace_back(Table{.title = "Who keeps what",
                            .records = cache["models"],
                            .columns = {{"model", "input", Align::Left, file},
                                        {"token", "caching_tokens", Align::Left, listed},
                                        {"cached", "cached_parameter_bytes", Align::Right, bytes},
                                        {"streamed", "streamed_parameter_bytes", Align::Right, bytes},
                                        {"rows", "rows_used", Align::Right},
                                        {"first inference", "first_inference_bytes", Align::Right, bytes},
                                        {"every later one", "per_inference_bytes", Align::Right, bytes}}});
  blocks.emplace_back(Table{.title = "Caches, one a token; the driver keeps one at a time",
                            .records = cache["tokens"],
                            .columns = {{"token", "caching_token"},
                                        {"cached", "cached_parameter_bytes", Align::Right, bytes},
                                        {"streamed", "streamed_parameter_bytes", Align::Right, bytes},
                                        {"rows of 33280", "rows_used", Align::Right},
                                        {"claimed twice", "overlapping_rows", Align::Right},
                                        {"models", "models", Align::Left, files}}});
  blocks.emplace_back(Table{.title = "Switches",
                            .records = cache["switches"],
                            .columns = {{"from", "from", Align::Left, file},
                                        {"to", "to", Align::Left, file},
                                        {"sent again", "resent_bytes", Align::Right, bytes},
                                        {"takes", "us", Align::Right, interval},
                                        {"why", "why"}},
                            .main = true});
  blocks.emplace_back(
      Facts{{{"basis",
              fmt::format(
                  "bytes exact: the driver's rule on the files' DMA hints; times predicted from published rates of {}",
                  cache["link"].get<std::string>())}}});
  add_findings(blocks, document["findings"]);
  return blocks;
}

}  // namespace edgescope::report
