#include "report/views/env.h"

#include <fmt/format.h>

namespace edgescope::report {

using base::Json;

Blocks env_view(const Json& document) {
  const Json& openvino = document["openvino"];
  const std::string need = document["need"];
  std::string headline = fmt::format("{} keeps the environment as it is.", document["program"].get<std::string>());
  if (need == "clean")
    headline =
        fmt::format("{} gets an environment without any other OpenVINO.", document["program"].get<std::string>());
  if (need == "openvino")
    headline =
        fmt::format("{} gets the OpenVINO in {}.", document["program"].get<std::string>(), openvino.get<std::string>());
  Blocks blocks = {Paragraph{headline}, Paragraph{document["reason"].get<std::string>()}};
  if (document["changes"].empty())
    blocks.push_back(Paragraph{"Nothing has to be changed."});
  else
    blocks.push_back(Table{.title = "Changes",
                           .records = document["changes"],
                           .columns = {{"variable", "variable"}, {"", "action"}, {"value", "value"}, {"why", "why"}},
                           .main = true});
  return blocks;
}

}  // namespace edgescope::report
