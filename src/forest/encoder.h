// What a tree ensemble needs to know of a row, as small whole numbers: the part of a forest that runs on the
// host before the device.
//
// A tree never looks at a number, only at which side of its thresholds it lies. So a feature is replaced by
// its rank, the number of the ensemble's distinct thresholds that are less than it: a device that cannot hold
// the number, or would round it, holds the rank exactly, and "x > threshold k" becomes "rank > k". Ranks larger
// than a cell holds take two, 16 times the one and the other, or go on in the next cell. Where NaN goes is part of
// the rank; tests that are no thresholds (sets of categories, equality) have a cell of their own that says 0 or 1.
//
// C++17 and the standard library alone: this file is part of the headers that `edgescope forest --emit-header`
// writes. encoding.h makes the tables of an ensemble.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

namespace edgescope::forest {

class Encoder {
 public:
  // A search of one feature among ascending boundaries.
  struct Search {
    int feature = 0;
    int steps = 0;              // it looks at 2^steps - 1 boundaries
    int first = 0;              // the first of them in Tables::boundaries; those that are missing are infinite
    int column = 0;             // the first cell that it fills
    int columns = 1;            // how many
    int missing_rank = 0;       // what NaN gets
    bool zero_missing = false;  // |x| <= 1e-35f gets it, too
    bool parity = false;        // the cell says whether the rank is odd: whether x lies in a set of intervals
    bool wide = false;          // two cells make a rank: kBase times the first and the second
  };

  static constexpr int kBase = 16;

  struct Tables {
    int features = 0;      // numbers of a row
    int columns = 0;       // cells of a row
    int cell_limit = 255;  // the largest rank that a cell holds
    int ones_column = -1;  // a cell that always says 1, where a device wants one
    bool in_float = true;  // rows are rounded to float before they are compared
    std::vector<Search> searches;
    std::vector<double> boundaries;
  };

  explicit Encoder(Tables tables) : tables_(std::move(tables)), narrow_(tables_.boundaries.size()) {
    // The largest float that is not greater has the same floats above it.
    for (std::size_t i = 0; i < narrow_.size(); ++i) narrow_[i] = round_down(tables_.boundaries[i]);
  }

  static constexpr int wide_limit(int cell_limit) { return cell_limit * kBase + kBase - 1; }

  int features() const { return tables_.features; }
  int columns() const { return tables_.columns; }

  // Rows of float or double, one after the other. The cell of a row and a column is
  // cells[row * row_stride + column * column_stride]:
  //   std::int8_t    the rank less 128, as a quantised tensor with the zero point -128 holds it
  //   std::uint16_t  the bits of a half-precision float
  //   float          the rank
  //   std::int32_t   the rank
  template <typename Number, typename Cell>
  void encode(const Number* rows, std::size_t count, Cell* cells, std::size_t row_stride,
              std::size_t column_stride) const {
    for (std::size_t done = 0; done < count; done += kLanes) {
      const std::size_t lanes = std::min(kLanes, count - done);
      encode_some(rows + done * features_(), lanes, cells + done * row_stride, row_stride, column_stride);
    }
  }

  // Row after row.
  template <typename Number, typename Cell>
  void encode(const Number* rows, std::size_t count, Cell* cells) const {
    encode(rows, count, cells, static_cast<std::size_t>(tables_.columns), 1);
  }

 private:
  static constexpr std::size_t kLanes = 16;  // rows that are searched side by side

  std::size_t features_() const { return static_cast<std::size_t>(tables_.features); }

  static float round_down(double x) {
    if (x > 3.4028234663852886e38 && x < HUGE_VAL) return 3.402823466e38f;
    if (x < -3.4028234663852886e38) return -HUGE_VALF;
    const float nearest = static_cast<float>(x);
    return static_cast<double>(nearest) > x ? std::nextafterf(nearest, -HUGE_VALF) : nearest;
  }

  static void put(std::int8_t& cell, int rank) { cell = static_cast<std::int8_t>(rank - 128); }
  static void put(float& cell, int rank) { cell = static_cast<float>(rank); }
  static void put(std::int32_t& cell, int rank) { cell = rank; }
  static void put(std::uint16_t& cell, int rank) {  // exact up to 2048, the limit of its tables
    if (rank == 0) {
      cell = 0;
      return;
    }
    int exponent = 0;
    while ((rank >> exponent) > 1) ++exponent;
    const int mantissa = exponent <= 10 ? rank << (10 - exponent) : rank >> (exponent - 10);
    cell = static_cast<std::uint16_t>(((exponent + 15) << 10) + (mantissa & 0x3ff));
  }

  // Rows of double that are compared as floats are rounded here; all else is compared as it is.
  template <typename Number, typename Cell>
  void encode_some(const Number* rows, std::size_t lanes, Cell* cells, std::size_t row_stride,
                   std::size_t column_stride) const {
    if (sizeof(Number) == sizeof(float) || tables_.in_float)
      search_all(narrow_.data(), rows, lanes, cells, row_stride, column_stride);
    else
      search_all(tables_.boundaries.data(), rows, lanes, cells, row_stride, column_stride);
    if (tables_.ones_column >= 0)
      for (std::size_t i = 0; i < lanes; ++i)
        put(cells[i * row_stride + static_cast<std::size_t>(tables_.ones_column) * column_stride], 1);
  }

  template <typename Compared, typename Number, typename Cell>
  void search_all(const Compared* boundaries, const Number* rows, std::size_t lanes, Cell* cells,
                  std::size_t row_stride, std::size_t column_stride) const {
    Compared x[kLanes] = {};
    int rank[kLanes];
    for (const Search& search : tables_.searches) {
      const Number* feature = rows + search.feature;
      for (std::size_t i = 0; i < lanes; ++i) x[i] = static_cast<Compared>(feature[i * features_()]);
      if (lanes == 1)
        rank[0] = rank_of(boundaries + search.first, search.steps, x[0]);
      else
        ranks_of(boundaries + search.first, search.steps, x, rank);
      for (std::size_t i = 0; i < lanes; ++i) {
        const bool missing = std::isnan(x[i]) || (search.zero_missing && std::fabs(x[i]) <= 1e-35f);
        rank[i] = missing ? search.missing_rank : rank[i];
      }
      if (search.parity)
        for (std::size_t i = 0; i < lanes; ++i) rank[i] &= 1;
      Cell* cell = cells + static_cast<std::size_t>(search.column) * column_stride;
      const int step = search.wide ? 2 : 1;
      const int limit = search.wide ? wide_limit(tables_.cell_limit) : tables_.cell_limit;
      for (int column = 0, below = 0; column < search.columns; column += step, below += limit)
        for (std::size_t i = 0; i < lanes; ++i) {
          const int part = std::clamp(rank[i] - below, 0, limit);
          Cell* first = cell + i * row_stride + static_cast<std::size_t>(column) * column_stride;
          put(*first, search.wide ? part / kBase : part);
          if (search.wide) put(first[column_stride], part % kBase);
        }
    }
  }

  // How many of 2^steps - 1 ascending boundaries are less than x, without a branch.
  template <typename Compared>
  static int rank_of(const Compared* boundaries, int steps, Compared x) {
    int rank = 0;
    for (int half = (1 << steps) >> 1; half > 0; half >>= 1) rank += boundaries[rank + half - 1] < x ? half : 0;
    return rank;
  }
  // The same side by side: the searches do not wait for each other's loads.
  template <typename Compared>
  static void ranks_of(const Compared* boundaries, int steps, const Compared* x, int* rank) {
    for (std::size_t i = 0; i < kLanes; ++i) rank[i] = 0;
    for (int half = (1 << steps) >> 1; half > 0; half >>= 1)
      for (std::size_t i = 0; i < kLanes; ++i) rank[i] += boundaries[rank[i] + half - 1] < x[i] ? half : 0;
  }

  Tables tables_;
  std::vector<float> narrow_;  // the boundaries for floats
};

}  // namespace edgescope::forest
