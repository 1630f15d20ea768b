#include "forest/header.h"

#include <fmt/format.h>

#include <cctype>
#include <cmath>
#include <filesystem>
#include <iterator>

#include "forest/host_code.h"

namespace edgescope::forest {
namespace {

using Out = std::back_insert_iterator<std::string>;

// Numbers as they are, to the last bit.
void number(Out out, double x) {
  if (std::isinf(x))
    fmt::format_to(out, "{}HUGE_VAL", x < 0 ? "-" : "");
  else if (std::isnan(x))
    fmt::format_to(out, "NAN");
  else if (x == std::floor(x) && std::abs(x) < 1e6)
    fmt::format_to(out, "{:.1f}", x);
  else
    fmt::format_to(out, "{:a}", x);
}
void number(Out out, int x) { fmt::format_to(out, "{}", x); }

constexpr std::size_t kPerLine = 12;

// Large tables are arrays, which compilers read fast; the vectors of the tables are made of them when they are first
// used. An array has at least one element.
template <typename Number>
void array(Out out, std::string_view type, std::string_view name, const std::vector<Number>& values) {
  if (values.empty()) return;
  fmt::format_to(out, "inline constexpr {} {}[] = {{", type, name);
  for (std::size_t i = 0; i < values.size(); ++i) {
    fmt::format_to(out, "{}", i % kPerLine == 0 ? "\n    " : " ");
    number(out, values[i]);
    fmt::format_to(out, ",");
  }
  fmt::format_to(out, "\n}};\n");
}

template <typename Number>
void fill(Out out, std::string_view member, std::string_view name, const std::vector<Number>& values) {
  if (!values.empty()) fmt::format_to(out, "    t.{}.assign(std::begin({}), std::end({}));\n", member, name, name);
}

constexpr std::string_view kTransforms[] = {"None",         "Logistic", "Softmax",          "SoftmaxZero",
                                            "Probit",       "Exp",      "ExpStandardRatio", "LogOnePlusExp",
                                            "SignedSquare", "Hinge",    "MaxIndex"};
constexpr std::string_view kCombines[] = {"Sum", "Average", "Min", "Max"};
constexpr std::string_view kSeconds[] = {"None", "OneMinus", "Negated"};
constexpr std::string_view kNorms[] = {"None", "L1", "L2", "Max"};

void encoder(Out out, const Encoder::Tables& tables) {
  array(out, "double", "boundaries", tables.boundaries);
  if (!tables.searches.empty()) {
    fmt::format_to(out, "inline constexpr edgescope::forest::Encoder::Search searches[] = {{");
    for (const Encoder::Search& s : tables.searches)
      fmt::format_to(out, "\n    {{{}, {}, {}, {}, {}, {}, {}, {}, {}}},", s.feature, s.steps, s.first, s.column,
                     s.columns, s.missing_rank, s.zero_missing, s.parity, s.wide);
    fmt::format_to(out, "\n}};\n");
  }
  fmt::format_to(out, R"(
inline const edgescope::forest::Encoder& encoder() {{
  static const edgescope::forest::Encoder made = [] {{
    edgescope::forest::Encoder::Tables t;
    t.features = {};
    t.columns = {};
    t.cell_limit = {};
    t.in_float = {};
)",
                 tables.features, tables.columns, tables.cell_limit, tables.in_float);
  fill(out, "searches", "searches", tables.searches);
  fill(out, "boundaries", "boundaries", tables.boundaries);
  fmt::format_to(out, "    return edgescope::forest::Encoder(std::move(t));\n  }}();\n  return made;\n}}\n\n");
}

void decoder(Out out, const Decoder::Tables& tables) {
  array(out, "int", "exits", tables.exits);
  array(out, "int", "tree_outputs", tables.outputs);
  array(out, "double", "leaf_values", tables.values);
  array(out, "double", "base_values", tables.base_values);
  array(out, "double", "divisors", tables.divisors);
  if (!tables.trees.empty()) {
    fmt::format_to(out, "inline constexpr edgescope::forest::Decoder::Tree trees[] = {{");
    for (const Decoder::Tree& t : tables.trees)
      fmt::format_to(out, "\n    {{{}, {}, {}, {}, {}, {}}},", t.root, t.hops, t.first_value, t.outputs, t.first_output,
                     t.adjacent);
    fmt::format_to(out, "\n}};\n");
  }
  fmt::format_to(out, R"(
inline const edgescope::forest::Decoder& decoder() {{
  static const edgescope::forest::Decoder made = [] {{
    using edgescope::forest::Decoder;
    Decoder::Tables t;
    t.height = {};
    t.output_count = {};
    t.base_first = {};
    t.sum_in_float = {};
    t.result_in_float = {};
    t.combine = Decoder::Combine::{};
    t.transform = Decoder::Transform::{};
    t.second = Decoder::Second::{};
    t.norm = Decoder::Norm::{};
    t.alpha = )",
                 tables.height, tables.output_count, tables.base_first, tables.sum_in_float, tables.result_in_float,
                 kCombines[static_cast<int>(tables.combine)], kTransforms[static_cast<int>(tables.transform)],
                 kSeconds[static_cast<int>(tables.second)], kNorms[static_cast<int>(tables.norm)]);
  number(out, tables.alpha);
  fmt::format_to(out, ";\n    t.factor = ");
  number(out, tables.factor);
  fmt::format_to(out, ";\n");
  fill(out, "trees", "trees", tables.trees);
  fill(out, "exits", "exits", tables.exits);
  fill(out, "outputs", "tree_outputs", tables.outputs);
  fill(out, "values", "leaf_values", tables.values);
  fill(out, "base_values", "base_values", tables.base_values);
  fill(out, "divisors", "divisors", tables.divisors);
  fmt::format_to(out, "    return Decoder(std::move(t));\n  }}();\n  return made;\n}}\n\n");
}

}  // namespace

std::string header_name(std::string_view path) {
  std::string name = std::filesystem::path(path).stem().string();
  for (char& c : name)
    if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
  if (name.empty() || std::isdigit(static_cast<unsigned char>(name.front()))) name.insert(0, "forest_");
  return name;
}

std::string emit_header(const ExactProgram& program, std::string_view name) {
  std::string text;
  const Out out(text);
  const Strides& strides = program.strides;
  const char* cell = program.plan.quantised() ? "std::int8_t" : program.plan.integers() ? "std::int32_t" : "float";
  const Decoder decoder_of(program.decoder);
  fmt::format_to(
      out,
      R"(// What a forest's program needs around it: before() makes the program's input of rows, after() makes predictions
// of its output. Written by edgescope; C++17, no dependencies.
//
//   std::vector<float> rows;                         // at most batch rows of {0} numbers (or double)
//   {1}::before(rows.data(), count, input);          // input: the program's input tensor, {2} x {3}
//   ... run the program ...
//   {1}::after(output, count, predictions);          // output: its output tensor; predictions: count x {4} numbers
#pragma once

#ifndef EDGESCOPE_FOREST_HOST_CODE
#define EDGESCOPE_FOREST_HOST_CODE

{5}
#endif  // EDGESCOPE_FOREST_HOST_CODE

namespace {1} {{

using Cell = {2};
inline constexpr std::size_t batch = {6};             // rows of a run
inline constexpr std::size_t features = {0};          // numbers of a row
inline constexpr std::size_t columns = {4};           // numbers of a prediction
inline constexpr std::size_t input_cells = {3};
inline constexpr std::size_t output_cells = {7};

)",
      program.encoder.features, name, cell, program.input_cells, decoder_of.columns(), host_code, program.plan.batch,
      program.output_cells);
  encoder(out, program.encoder);
  decoder(out, program.decoder);
  fmt::format_to(out, R"(template <typename Number>
void before(const Number* rows, std::size_t count, Cell* input) {{
  encoder().encode(rows, count, input, {0}, {1});
}}

template <typename Result>
void after(const Cell* output, std::size_t count, Result* predictions) {{
  decoder().decode(output, count, {2}, {3}, predictions);
}}

}}  // namespace {4}
)",
                 strides.row, strides.column, strides.answer_row, strides.answer_piece, name);
  return text;
}

}  // namespace edgescope::forest
