#include "forest/traversal.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "forest/tree_lines.h"

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
  TreeLines lines(b, count, batch);
  const auto integers = [&](std::string name, std::vector<std::int64_t> dims, const Integers& values) {
    return b.constant(std::move(name), std::move(dims), values);
  };
  const auto above = [&](int cells, int ranks) {
    return b.add(Kind::Cast, {b.add(Kind::Greater, {cells, ranks})}, {{attr::to, ElementType::Int32}});
  };

  const int x = b.input("ranks", ElementType::Int32, {columns, batch});
  const Level roots = level_of(pieces, count, 0);
  Integers first(static_cast<std::size_t>(count));
  for (std::size_t piece = 0; piece < first.size(); ++piece) first[piece] = static_cast<std::int32_t>(2 * piece);
  const int answers = above(lines.look_up(x, integers("root_columns", {count}, roots.columns)),
                            integers("root_ranks", {count, 1}, roots.ranks));
  int place = lines.list(b.add(Kind::Add, {answers, integers("root_children", {count, 1}, first)}, {}, "level_1"));
  for (int level = 1; level < pieces.height; ++level) {
    const Level tests = level_of(pieces, count, level);
    const std::string name = "level_" + std::to_string(level + 1);
    const std::int64_t places = std::int64_t{count} << level;
    const int column = lines.look_up(integers(name + "_columns", {places}, lines.begins(tests.columns)), place);
    const int rank = lines.look_up(integers(name + "_ranks", {places}, tests.ranks), place);
    const int answer = above(lines.pick(x, column), rank);
    const int twice = b.add(Kind::Multiply, {place, integers(name + "_two", {1}, {2})});
    place = b.add(Kind::Add, {twice, answer}, {}, name);
  }
  b.output(b.add(Kind::Reshape, {place}, {{attr::shape, {count, batch}}}), "exits");
  const auto line = static_cast<std::size_t>(batch);
  return {.row = 1, .column = line, .answer_row = 1, .answer_piece = line};
}

}  // namespace edgescope::forest
