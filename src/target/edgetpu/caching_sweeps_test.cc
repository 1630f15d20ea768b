// The caching law against what the compiler printed for three published series of networks.
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "support/edgetpu_sweeps.h"
#include "support/reference.h"

namespace edgescope::target::edgetpu {
namespace {

constexpr double kMib = 1 << 20;

struct Row {
  std::string model;
  double on_chip = 0, off_chip = 0;  // MiB as printed: exact below 1 MiB (it prints KiB there), else two decimals
};

std::vector<Row> rows_of(const std::filesystem::path& csv) {
  std::ifstream in(csv);
  std::string line;
  std::getline(in, line);
  std::vector<Row> rows;
  std::set<std::string> seen;
  while (std::getline(in, line)) {
    std::vector<std::string> fields(1);
    bool quoted = false;
    for (char c : line) {
      if (c == '"')
        quoted = !quoted;
      else if (c == ',' && !quoted)
        fields.emplace_back();
      else
        fields.back() += c;
    }
    if (fields.size() > 15 && !fields[14].empty() && seen.insert(fields[0]).second)
      rows.push_back({fields[0], std::stod(fields[14]), std::stod(fields[15])});
  }
  return rows;
}

bool printed_as(double bytes, double mib) {
  return std::fabs(bytes / kMib - mib) <= (mib < 1 ? 0.005 / 1024 : 0.00501);
}

TEST(CachingSweeps, WhatTheCompilerPrinted) {
  EDGESCOPE_REFERENCE_OR_SKIP(csv, "latency/edgetpu.csv");
  std::map<std::string, std::pair<int, int>> score;  // by series: right, all
  for (const Row& row : rows_of(csv)) {
    const auto model = testing_support::sweep_model(row.model);
    ASSERT_TRUE(model) << row.model;
    const MemoryPrediction memory = predict_memory(model->graph, {}, model->compiler);
    double rows = 0, streamed = 0;
    for (const StoredLayer& layer : memory.layers) {
      for (const PlacedBlock& block : layer.placed) rows += block.rows;
      if (!layer.cached) streamed += static_cast<double>(layer.stored_bytes);
    }
    auto& [right, all] = score[row.model.substr(0, row.model.find('_'))];
    const bool ok = printed_as(rows * kBytesPerRow, row.on_chip) && printed_as(streamed, row.off_chip);
    right += ok;
    ++all;
    EXPECT_TRUE(ok) << row.model << ": on chip " << rows * kBytesPerRow / kMib << " MiB for " << row.on_chip
                    << ", streamed " << streamed / kMib << " for " << row.off_chip;
    EXPECT_LE(static_cast<double>(memory.streamed_low), (row.off_chip + 0.006) * kMib) << row.model;
    EXPECT_GE(static_cast<double>(memory.streamed_high), (row.off_chip - 0.006) * kMib) << row.model;
  }
  for (const auto& [series, sum] : score)
    RecordProperty(series, std::to_string(sum.first) + " of " + std::to_string(sum.second));
  EXPECT_EQ(score.size(), 4u);
}

}  // namespace
}  // namespace edgescope::target::edgetpu
