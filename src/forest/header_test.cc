#include "forest/header.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "forest/evaluator.h"
#include "forest/rows.h"
#include "forest/test_answers.h"
#include "forest/test_forests.h"
#include "support/scratch.h"

namespace edgescope::forest {
namespace {

TEST(Header, NameIsOneOfCxx) {
  EXPECT_EQ(header_name("/a/my-forest.v2.h"), "my_forest_v2");
  EXPECT_EQ(header_name("8bit.h"), "forest_8bit");
}

// The application of somebody who has this header and a compiler: it reads rows, writes the device's input, reads
// the device's answer and writes predictions.
constexpr const char* kApplication = R"(#include "forest.h"
#include <cstdio>
#include <string>
template <typename T> std::vector<T> read(const std::string& path) {
  std::vector<T> values;
  T value;
  std::FILE* file = std::fopen(path.c_str(), "rb");
  while (std::fread(&value, sizeof value, 1, file) == 1) values.push_back(value);
  std::fclose(file);
  return values;
}
template <typename T> void write(const std::string& path, const std::vector<T>& values) {
  std::FILE* file = std::fopen(path.c_str(), "wb");
  if (!values.empty()) std::fwrite(values.data(), sizeof(T), values.size(), file);
  std::fclose(file);
}
int main(int, char** arguments) {
  const std::string folder = arguments[1];
  const std::vector<double> rows = read<double>(folder + "/rows");
  const std::vector<forest::Cell> answers = read<forest::Cell>(folder + "/answers");
  std::vector<forest::Cell> cells(forest::input_cells);
  std::vector<double> predictions(forest::batch * forest::columns);
  forest::before(rows.data(), rows.size() / forest::features, cells.data());
  forest::after(answers.data(), rows.size() / forest::features, predictions.data());
  write(folder + "/cells", cells);
  write(folder + "/predictions", predictions);
}
)";

template <typename T>
void write(const std::filesystem::path& path, const std::vector<T>& values) {
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(values.data()), static_cast<std::streamsize>(values.size() * sizeof(T)));
}
template <typename T>
std::vector<T> read(const std::filesystem::path& path) {
  std::vector<T> values(std::filesystem::file_size(path) / sizeof(T));
  std::ifstream(path, std::ios::binary)
      .read(reinterpret_cast<char*>(values.data()), static_cast<std::streamsize>(values.size() * sizeof(T)));
  return values;
}

// Whether the system's compiler, with every warning an error, makes of the header a program that predicts as the
// evaluator does.
void expect_application(const std::string& name, const Ensemble& ensemble) {
  const testing_support::Scratch scratch;
  const Rows rows = test_rows(ensemble, {.at_nodes = 300, .random = 20});
  const auto program = exact_program(ensemble, {.batch = static_cast<int>(rows.size()), .height = 3});
  ASSERT_TRUE(program) << program.error().message();
  // What the device answers, from the pieces.
  const Encoding encoding = encode(ensemble, kByteCells);
  const Pieces pieces = cut(ensemble, encoding, 3);
  std::vector<std::int8_t> cells(program->input_cells);
  Encoder(program->encoder).encode(rows.values.data(), rows.size(), cells.data());
  const std::vector<std::int8_t> answers = test::answers(pieces, cells, program->encoder.columns);
  std::vector<std::int8_t> padded(program->output_cells);
  const std::size_t width = program->strides.answer_row, count = static_cast<std::size_t>(pieces.count());
  for (std::size_t i = 0; i < answers.size(); ++i) padded[i / count * width + i % count] = answers[i];

  std::ofstream(scratch / "forest.h") << emit_header(*program, "forest");
  std::ofstream(scratch / "application.cc") << kApplication;
  write(scratch / "rows", rows.values);
  write(scratch / "answers", padded);
  const std::string folder = scratch.path().string();
  ASSERT_EQ(std::system(("c++ -std=c++17 -Wall -Wextra -Wpedantic -Wshadow -Werror -o '" + folder + "/application' '" +
                         folder + "/application.cc' && '" + folder + "/application' '" + folder + "'")
                            .c_str()),
            0)
      << name;
  EXPECT_EQ(read<std::int8_t>(scratch / "cells"), cells) << name;
  const std::vector<double> predictions = read<double>(scratch / "predictions");
  const auto columns = static_cast<std::size_t>(ensemble.columns());
  ASSERT_EQ(predictions.size(), rows.size() * columns);
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::vector<double> expected = evaluate(ensemble, rows.row(i)).result;
    for (std::size_t k = 0; k < columns; ++k) wrong += predictions[i * columns + k] != expected[k];
  }
  EXPECT_EQ(wrong, 0u) << name;
}

TEST(Header, IsAllThatAnApplicationNeeds) {
  for (const auto& [name, ensemble] : test::forests_of_every_kind(3))
    if (name == "wide thresholds in float32" || name == "averaged classes" || name == "binary" || name == "no trees")
      expect_application(name, ensemble);
}

}  // namespace
}  // namespace edgescope::forest
