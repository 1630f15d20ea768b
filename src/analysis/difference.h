// How far two runtimes' predictions are apart, output by output.
//
// Quantised values are compared as what they stand for (scale * (q - zero_point)), so that a runtime
// that answers in floats can be held against one that answers in bytes; where the reference is
// quantised the difference is told in its steps as well. A side that does not tell how its integers
// are quantised is taken to be quantised as the other side of the same type is.
//
// Outputs look like class scores where the model has one output only, of floats or quantised, with one
// dimension longer than 1. Top-1 agrees in a row where both have the same class first among the highest,
// as applications take it; ties, common among bytes, can therefore part two that are a step apart.
//
// Units of last place are told of floats of one type: how many numbers of that type lie between the two.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "runtime/session.h"

namespace edgescope::analysis {

// Inputs are noise, for which deep quantised networks sit between their answers: correct kernels that
// round differently part there by many steps. So this is a rule of thumb that finds what computes another
// function, not a test (labelled inputs are one). Equal: the same values everywhere. Close: finite in the
// same places, and the root mean square difference is at most half of the standard deviation of the
// reference's values. Else Differs.
enum class Agreement { Equal, Close, Differs };
std::string_view text(Agreement agreement);  // "equal", "close", "differs"

// p999: 99.9 % of the values differ by no more.
struct Spread {
  double max = 0, mean = 0, p999 = 0;
};

struct Difference {
  std::string name;             // as the reference calls the output
  std::uint64_t values = 0;     // compared, over all rows
  std::uint64_t different = 0;  // that are not the same bits; NaN is NaN, and zeros of either sign are the same
  Spread absolute;
  double rms = 0;
  double reference_sd = 0;             // how much the reference's values vary
  double low = 0, high = 0;            // range of the reference's values
  std::optional<Spread> steps;         // in the reference's quantisation steps
  std::optional<Spread> ulps;          // in units of last place
  std::optional<double> cosine;        // of the angle between all values; absent where one side is zero
  std::optional<double> snr_db;        // absent where there is no signal or no noise
  std::uint64_t not_finite = 0;        // not a number or infinite on one side only; left out of the others
  std::optional<double> top1;          // share of rows that agree
  std::optional<double> top5;          // share of the reference's five best classes that are among the other's
  std::optional<std::uint64_t> flips;  // rows whose class is another
  Agreement agreement = Agreement::Equal;

  double largest() const;  // of the reference's values, without sign
};
base::Json to_json(const Difference& difference);  // docs/json.md

// Values of a port's type as the real numbers that they stand for.
class Reals {
 public:
  // Where `other` is given: of the same type, what does not tell how it is quantised is quantised as it is.
  Reals(const runtime::Port& port, std::span<const std::byte> bytes, const runtime::Port* other = nullptr);

  bool readable() const { return read_ != nullptr; }
  std::size_t size() const { return bytes_.size() / width_; }
  double operator[](std::size_t i) const { return scale_ * (read_(bytes_.data() + i * width_) - zero_); }

 private:
  std::span<const std::byte> bytes_;
  std::size_t width_;
  double (*read_)(const std::byte*);
  double scale_ = 1, zero_ = 0;
};

// One output of one runtime: rows * port.bytes.
struct Output {
  const runtime::Port& port;
  std::span<const std::byte> bytes;
};

// Fault::runtime where shapes differ or an element type cannot be compared.
base::Result<Difference> difference(const Output& reference, const Output& other, std::uint64_t rows, bool only_output);

// Which of `others` each of `ports` is, as indices: by name where all names are found, else by place
// where shapes agree; nothing where neither tells. Runtimes name and order ports in their own ways.
std::optional<std::vector<std::size_t>> match(const std::vector<runtime::Port>& ports,
                                              const std::vector<runtime::Port>& others);

// All outputs of one runtime.
struct Outputs {
  const std::vector<runtime::Port>& ports;
  const std::vector<std::vector<std::byte>>& bytes;
};

// Each of the reference's outputs against the other's that is the same (match()); Fault::runtime where neither names
// nor shapes tell which.
base::Result<std::vector<Difference>> differences(const Outputs& reference, const Outputs& other, std::uint64_t rows);

}  // namespace edgescope::analysis
