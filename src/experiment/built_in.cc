#include "experiment/built_in.h"

namespace edgescope::experiment {
namespace {

struct BuiltIn {
  std::string_view name, about, toml;
};

constexpr BuiltIn kPlans[] = {
    {"notebook/batch", "How does the time grow with the batch: what does a factor of 4 against one of 6.66 mean?", R"(
about = "The notebook: batch 1 to 1000 slows the Edge TPU by 4 and the CPU by 6.66. Both terms of each line are fitted."
predict = ["edgetpu", "ncs2"]
[[grid]]
family = "dense"
width = 64
depth = 3
batch = [1, 10, 100, 300, 1000]
[[question]]
kind = "scaling"
along = "batch"
)"},
    {"notebook/variance", "How much do the times vary, and why?", R"(
about = "The notebook: times vary more on the Edge TPU than on the CPU. What kind of variation is it?"
rounds = 8
[[grid]]
family = "dense"
width = [16, 64, 256]
depth = 3
batch = 1
[[question]]
kind = "variance"
)"},
    {"notebook/ops", "Does adding an operator lower the time?", R"(
about = "The notebook: one Transpose takes longer than a Transpose and a MatMul. Operators are added one at a time."
predict = ["edgetpu", "ncs2"]
rounds = 8
[[grid]]
family = "ladder"
width = 64
operators = [1, 2, 3, 4, 5, 6, 7, 8]
[[question]]
kind = "ladder"
along = "operators"
)"},
    {"notebook/parity", "Do the runtimes give the same results?", R"(
about = "The notebook: predictions differ between TPU and CPU. The same inputs on every runtime."
rounds = 1
[[grid]]
family = ["dense", "conv", "branch"]
width = 32
depth = 3
batch = 8
[[question]]
kind = "parity"
)"},
    {"notebook/size", "How does the time grow with the model?", R"(
about = "The notebook's to-do: growing models. Dense networks by width, convolutions by depth."
predict = ["edgetpu", "ncs2"]
[[grid]]
family = "dense"
width = [64, 128, 256, 512, 1024, 2048]
depth = 4
batch = 1
[[grid]]
family = "conv"
width = 32
depth = [1, 2, 4, 8, 16]
batch = 1
[[question]]
kind = "scaling"
along = "depth"
[[question]]
kind = "size"
along = "width"
)"},
    {"notebook/ptt", "Which of the forest programs is the fastest, at which size?", R"(
about = "The notebook's to-do: PTT on the NCS2. GEMM, TT, PTT and the exact program of the same forests; of exact the program alone, without the ranks before it and the sums after it, which `analyze FOREST` measures too."
predict = ["edgetpu", "ncs2"]
rounds = 3
seconds = 0.2
[[grid]]
family = "forest"
strategy = ["gemm", "tt", "ptt", "exact"]
trees = [1, 16, 64]
depth = [4, 8]
batch = [1, 128]
[[published]]
published = "R-e-d-a-X"
source = "R-e-d-a-X/EdgeTPU-and-NCS, src/ncs/NCS_visualization.ipynb"
on = "cpu"
family = "forest"
strategy = "gemm"
depth = 8
batch = 1
trees = [1, 8, 16, 32, 64, 128, 256, 512]
us = [40, 70, 90, 130, 200, 360, 1080, 2350]
[[published]]
published = "R-e-d-a-X"
source = "R-e-d-a-X/EdgeTPU-and-NCS, src/ncs/NCS_visualization.ipynb"
on = "cpu"
family = "forest"
strategy = "tt"
depth = 8
batch = 1
trees = [1, 8, 16, 32, 64, 128, 256, 512]
us = [110, 100, 110, 110, 110, 120, 130, 140]
[[published]]
published = "R-e-d-a-X"
source = "R-e-d-a-X/EdgeTPU-and-NCS, src/ncs/NCS_visualization.ipynb"
on = "cpu"
family = "forest"
strategy = "ptt"
depth = 8
batch = 1
trees = [1, 8, 16, 32, 64, 128, 256, 512]
us = [80, 100, 100, 100, 100, 110, 110, 110]
[[published]]
published = "R-e-d-a-X"
source = "R-e-d-a-X/EdgeTPU-and-NCS, src/ncs/NCS_visualization.ipynb; the 1.57 ms of an empty call, subtracted there, are in it again"
on = "ncs2"
family = "forest"
strategy = "gemm"
depth = 8
batch = 1
trees = [1, 8, 16, 32, 64, 128, 256, 512]
us = [1960, 2160, 2810, 3670, 6090, 9150, 8210, 14130]
[[published]]
published = "R-e-d-a-X"
source = "R-e-d-a-X/EdgeTPU-and-NCS, src/ncs/NCS_visualization.ipynb; the 1.57 ms of an empty call, subtracted there, are in it again"
on = "ncs2"
family = "forest"
strategy = "tt"
depth = 8
batch = 1
trees = [1, 8, 16, 32, 64, 128, 256, 512]
us = [4120, 5320, 5610, 4550, 4790, 5950, 7360, 10150]
[[published]]
published = "R-e-d-a-X"
source = "R-e-d-a-X/EdgeTPU-and-NCS, src/ncs/NCS_visualization.ipynb; the 1.57 ms of an empty call, subtracted there, are in it again"
on = "ncs2"
family = "forest"
strategy = "ptt"
depth = 8
batch = 1
trees = [1, 8, 16, 32, 64, 128, 256, 512]
us = [4250, 5180, 4920, 4020, 4270, 4770, 5750, 8300]
[[question]]
kind = "strategies"
along = "strategy"
)"},
};

}  // namespace

const std::vector<std::pair<std::string_view, std::string_view>>& built_in_plans() {
  static const auto list = [] {
    std::vector<std::pair<std::string_view, std::string_view>> result;
    for (const BuiltIn& plan : kPlans) result.emplace_back(plan.name, plan.about);
    return result;
  }();
  return list;
}

std::optional<std::string_view> built_in_plan(std::string_view name) {
  for (const BuiltIn& plan : kPlans)
    if (plan.name == name) return plan.toml;
  return std::nullopt;
}

}  // namespace edgescope::experiment
