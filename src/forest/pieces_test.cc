#include "forest/pieces.h"

#include <gtest/gtest.h>

#include <cmath>

#include "forest/evaluator.h"
#include "forest/rows.h"
#include "forest/test_answers.h"
#include "forest/test_forests.h"

namespace edgescope::forest {
namespace {

struct Answers {
  std::vector<int> leaves;
  std::vector<double> results;
};

template <typename Number>
Answers through(const Ensemble& ensemble, int height, const std::vector<Number>& rows, std::size_t count) {
  const Encoding encoding = encode(ensemble, kByteCells);
  const Pieces pieces = cut(ensemble, encoding, height);
  const Encoder encoder(encoding.tables);
  const Decoder decoder(pieces.tables);
  std::vector<std::int8_t> cells(count * static_cast<std::size_t>(encoder.columns()));
  encoder.encode(rows.data(), count, cells.data());
  const std::vector<std::int8_t> answers = test::answers(pieces, cells, encoder.columns());
  Answers result;
  result.leaves.resize(count * ensemble.trees.size());
  result.results.resize(count * static_cast<std::size_t>(ensemble.columns()));
  const auto stride = static_cast<std::size_t>(pieces.count());
  decoder.leaves(answers.data(), count, stride, 1, result.leaves.data());
  decoder.decode(answers.data(), count, stride, 1, result.results.data());
  return result;
}

void expect_equal(const std::string& what, const Ensemble& ensemble, const Answers& answers, const Rows& rows) {
  const std::size_t trees = ensemble.trees.size(), columns = static_cast<std::size_t>(ensemble.columns());
  std::size_t wrong_leaves = 0, wrong_results = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Evaluation expected = evaluate(ensemble, rows.row(i));
    for (std::size_t t = 0; t < trees; ++t) wrong_leaves += answers.leaves[i * trees + t] != expected.leaves[t];
    for (std::size_t k = 0; k < columns; ++k) {
      const double result = answers.results[i * columns + k];
      wrong_results += result != expected.result[k] && !(std::isnan(result) && std::isnan(expected.result[k]));
    }
  }
  EXPECT_EQ(wrong_leaves, 0u) << what;
  EXPECT_EQ(wrong_results, 0u) << what;
}

TEST(Pieces, EveryKindOfForestIsExactAtEveryHeight) {
  for (const auto& [name, ensemble] : test::forests_of_every_kind()) {
    const Rows rows = test_rows(ensemble, {.at_nodes = 1500, .random = 100});
    for (const int height : {1, 2, 3, 4, 6})
      expect_equal(name, ensemble, through(ensemble, height, rows.values, rows.size()), rows);
  }
}

TEST(Pieces, RowsOfFloatsAreComparedAsTheDoublesTheyAre) {
  for (const auto& [name, ensemble] : test::forests_of_every_kind(2)) {
    Rows rows = test_rows(ensemble, {.at_nodes = 1500, .random = 100});
    const std::vector<float> floats(rows.values.begin(), rows.values.end());
    rows.values.assign(floats.begin(), floats.end());
    expect_equal(name, ensemble, through(ensemble, 4, floats, rows.size()), rows);
  }
}

TEST(Pieces, APerfectTreeTakesAsManyAsItHasTimesTheHeight) {
  const Ensemble ensemble = test::random_forest({.trees = 1, .depth = 8, .perfect = true});
  const Encoding encoding = encode(ensemble, kByteCells);
  EXPECT_EQ(count_pieces(ensemble, encoding, 4), 1 + 16);
  EXPECT_EQ(count_pieces(ensemble, encoding, 6), 1 + 4);
  EXPECT_EQ(cut(ensemble, encoding, 6).count(), 1 + 4);
  EXPECT_EQ(cut(ensemble, encoding, 6).tables.trees[0].hops, 2);
}

}  // namespace
}  // namespace edgescope::forest
