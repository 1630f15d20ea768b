#include "forest/tree_lines.h"

#include <numeric>

namespace edgescope::forest {

using graph::Kind;
namespace attr = graph::attr;

int TreeLines::list(int tensor) { return b_.add(Kind::Reshape, {tensor}, {{attr::shape, {-1}}}); }

int TreeLines::look_up(int list, int places, std::string name) {
  return b_.add(Kind::Gather, {list, places}, {{attr::axis, 0}}, std::move(name));
}

int TreeLines::pick(int table, int begins, std::string name) {
  const auto [found, is_new] = lists_.try_emplace(table, 0);
  if (is_new) found->second = list(table);
  const int all = found->second;
  if (rows_ == 1) return look_up(all, begins, std::move(name));
  if (row_ < 0) {
    std::vector<std::int32_t> numbers(static_cast<std::size_t>(rows_));
    std::iota(numbers.begin(), numbers.end(), 0);
    const std::vector<std::int32_t> none(static_cast<std::size_t>(trees_));
    row_ =
        list(b_.add(Kind::Add, {b_.constant("no_line", {trees_, 1}, none), b_.constant("rows", {1, rows_}, numbers)}));
  }
  return look_up(all, b_.add(Kind::Add, {begins, row_}), std::move(name));
}

std::vector<std::int32_t> TreeLines::begins(std::vector<std::int32_t> lines) const {
  for (std::int32_t& line : lines) line *= static_cast<std::int32_t>(rows_);
  return lines;
}

int TreeLines::begins(int lines) {
  if (rows_ == 1) return lines;
  const std::vector<std::int32_t> length = {static_cast<std::int32_t>(rows_)};
  return b_.add(Kind::Multiply, {lines, b_.constant("line", {1}, length)});
}

}  // namespace edgescope::forest
