#include "report/views/tiles.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>

namespace edgescope::report {
namespace {

using base::Json;

constexpr int kTiles = 16, kRows = 2080, kWidth = 52;  // 40 rows a character
constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

int number(const Json& record, const char* key) { return record.value(key, 0); }

std::int64_t rows_of(const TileGroup& group) {
  std::int64_t rows = 0;
  for (const Json& block : group.blocks)
    rows += static_cast<std::int64_t>(block["tiles"].size()) * number(block, "rows");
  return rows;
}

// Which letter has most rows within each character's stretch.
class Canvas {
 public:
  void paint(const TileGroup& group, std::size_t letter) {
    for (const Json& block : group.blocks)
      for (const Json& tile : block["tiles"]) {
        const int t = tile.get<int>();
        if (t < 0 || t >= kTiles) continue;
        const int begin = std::clamp(number(block, "row"), 0, kRows),
                  end = std::clamp(begin + number(block, "rows"), 0, kRows);
        used_[static_cast<std::size_t>(t)] += end - begin;
        for (int cell = begin * kWidth / kRows; cell < kWidth && cell * kRows / kWidth < end; ++cell) {
          const int low = std::max(begin, cell * kRows / kWidth), high = std::min(end, (cell + 1) * kRows / kWidth);
          auto& [most, who] = cells_[static_cast<std::size_t>(t)][static_cast<std::size_t>(cell)];
          if (high - low > most) {
            most = high - low;
            who = letter;
          }
        }
      }
  }

  std::vector<std::string> lines(int rows_for_parameters) const {
    std::vector<std::string> lines;
    for (std::size_t t = 0; t < kTiles; ++t) {
      std::string& text = lines.emplace_back(fmt::format("{:>2} {:>5}  ", t, used_[t]));
      for (int cell = 0; cell < kWidth; ++cell) {
        const auto& [most, who] = cells_[t][static_cast<std::size_t>(cell)];
        const bool beyond = rows_for_parameters > 0 && cell * kRows / kWidth >= rows_for_parameters;
        text += most > 0 ? (who < kLetters.size() ? kLetters[who] : '#') : beyond ? ' ' : '.';
      }
    }
    return lines;
  }

 private:
  std::array<std::array<std::pair<int, std::size_t>, kWidth>, kTiles> cells_ = {};
  std::array<int, kTiles> used_ = {};
};

}  // namespace

std::vector<TileGroup> layer_groups(const Json& layers) {
  std::vector<TileGroup> groups;
  for (const Json& layer : layers)
    if (layer.contains("placement") && !layer["placement"].empty()) {
      const std::string name = layer.value("name", "");
      groups.push_back(
          {fmt::format("{} {}", layer.value("kind", ""), name.substr(0, name.find(';'))), layer["placement"]});
    }
  return groups;
}

Preformatted tile_map(const std::string& title, const std::vector<TileGroup>& groups, int rows_for_parameters) {
  std::vector<const TileGroup*> order;
  for (const TileGroup& group : groups) order.push_back(&group);
  std::stable_sort(order.begin(), order.end(),
                   [](const TileGroup* a, const TileGroup* b) { return rows_of(*a) > rows_of(*b); });
  Canvas canvas;
  std::vector<std::string> legend;
  std::size_t letters = 0, rest = 0;
  for (const TileGroup* group : order) {
    const bool named = !group->name.empty() && letters < kLetters.size();
    canvas.paint(*group, named ? letters : kLetters.size());
    if (named)
      legend.push_back(fmt::format(" {}  {:>6} rows  {}", kLetters[letters++], rows_of(*group), group->name));
    else if (!group->name.empty())
      ++rest;
  }
  if (rest > 0) legend.push_back(fmt::format(" #  {} smaller layers", rest));
  Preformatted map{fmt::format("{}: tile, rows taken, {} rows a character of {} a tile", title, kRows / kWidth, kRows),
                   canvas.lines(rows_for_parameters)};
  map.lines.insert(map.lines.end(), legend.begin(), legend.end());
  return map;
}

}  // namespace edgescope::report
