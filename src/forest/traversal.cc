#include "forest/traversal.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

namespace edgescope::forest {
namespace {

using graph::ElementType;
using graph::Kind;
namespace attr = graph::attr;
using Integers = std::vector<std::int32_t>;

// The tests of one level, piece after piece.
struct Level {
  Integers columns, ranks;
};

Level level_of(const Pieces& pieces, int count, int level) {
  Level made;
  for (int piece = 0; piece < count; ++piece)
    for (int i = 0; i < 1 << level; ++i) {
      PieceTest test;  // of a place that no row comes to, or whose exits are all the same
      if (piece < pieces.count()) test = pieces.test(piece, (1 << level) - 1 + i);
      made.columns.push_back(std::max(0, test.column));
      made.ranks.push_back(test.rank);
    }
  return made;
}

}  // namespace

double traversal_cost(int pieces, int height) {
  constexpr double kFollow = 1.5;    // of an exit on the host
  constexpr double kNear = 1 << 20;  // bytes of tables that stay near a core
  const double bytes = 8.0 * pieces * (1 << height);
  return pieces * (height + kFollow) * std::max(1.0, 1 + 0.25 * std::log2(bytes / kNear));
}

Strides traverse(graph::Builder& b, const Pieces& pieces, int columns, int batch) {
  const int count = std::max(1, pieces.count());
  const auto integers = [&](const std::string& name, std::vector<std::int64_t> dims, const Integers& values) {
    return b.constant(name, std::move(dims), values);
  };
  const auto look_up = [&](int list, int places) { return b.add(Kind::Gather, {list, places}, {{attr::axis, 0}}); };
  const auto above = [&](int cells, int ranks) {
    return b.add(Kind::Cast, {b.add(Kind::Greater, {cells, ranks})}, {{attr::to, ElementType::Int32}});
  };
  const auto list = [&](int tensor) { return b.add(Kind::Reshape, {tensor}, {{attr::shape, {-1}}}); };

  const int x = b.input("ranks", ElementType::Int32, {columns, batch});
  const Level roots = level_of(pieces, count, 0);
  Integers first(static_cast<std::size_t>(count));
  for (std::size_t piece = 0; piece < first.size(); ++piece) first[piece] = static_cast<std::int32_t>(2 * piece);
  int place = above(look_up(x, integers("root_columns", {count}, roots.columns)),
                    integers("root_ranks", {count, 1}, roots.ranks));
  place = list(b.add(Kind::Add, {place, integers("root_children", {count, 1}, first)}, {}, "level_1"));

  // A number of row r in the column c of the list of all ranks is c times the batch, and r.
  const int ranks = pieces.height > 1 ? list(x) : x;
  int rows = -1;
  if (pieces.height > 1 && batch > 1) {
    Integers numbers(static_cast<std::size_t>(batch));
    std::iota(numbers.begin(), numbers.end(), 0);
    const Integers none(static_cast<std::size_t>(count));
    rows = list(
        b.add(Kind::Add, {integers("no_column", {count, 1}, none), integers("rows", {1, batch}, numbers)}, {}, "row"));
  }
  for (int level = 1; level < pieces.height; ++level) {
    Level tests = level_of(pieces, count, level);
    for (std::int32_t& column : tests.columns) column *= batch;
    const std::string name = "level_" + std::to_string(level + 1);
    const std::int64_t places = std::int64_t{count} << level;
    int cell = look_up(integers(name + "_columns", {places}, tests.columns), place);
    if (rows >= 0) cell = b.add(Kind::Add, {cell, rows});
    const int answer = above(look_up(ranks, cell), look_up(integers(name + "_ranks", {places}, tests.ranks), place));
    const int twice = b.add(Kind::Multiply, {place, integers(name + "_two", {1}, {2})});
    place = b.add(Kind::Add, {twice, answer}, {}, name);
  }
  b.output(b.add(Kind::Reshape, {place}, {{attr::shape, {count, batch}}}), "exits");
  const auto rows_a_line = static_cast<std::size_t>(batch);
  return {.row = 1, .column = rows_a_line, .answer_row = 1, .answer_piece = rows_a_line};
}

}  // namespace edgescope::forest
