#include "analysis/forest_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "base/half.h"
#include "base/temporary_folder.h"
#include "forest/evaluator.h"
#include "forest/exact.h"
#include "forest/program.h"
#include "format/openvino/writer.h"
#include "format/tflite/writer.h"
#include "measure/worker.h"

namespace edgescope::analysis {
namespace {

using forest::Ensemble;
using forest::Rows;
using graph::ElementType;
using graph::Format;
using Bytes = std::vector<std::byte>;

constexpr std::size_t kBatch = 64;
constexpr std::size_t kMostInputBytes = 64 << 20;  // handed to a worker at once

// What a runtime reads, and what device is behind it.
struct Target {
  Format format = Format::TfLite;
  int ir_version = 11;
  bool ncs2 = false;
  bool edgetpu = false;
  bool one_row = false;  // a run
};

base::Result<Target> target_of(const std::string& name, ForestTarget program) {
  const std::string_view family = runtime::family(name);
  if (family == "edgetpu")
    return base::fail({.fault = base::Fault::usage,
                       .what = fmt::format("{} takes programs that the Edge TPU's compiler has made only", name),
                       .remedy = "`edgescope forest FOREST --target edgetpu -o X.tflite` writes the program, "
                                 "`edgescope compile` drives the compiler."});
  if (name == "null")
    return base::fail({.fault = base::Fault::usage, .what = "the null runtime computes nothing to compare"});
  const bool stick = name.ends_with(":MYRIAD") || family == "ncs2";
  const bool openvino = family == "openvino" || family == "ie2021" || family == "ncs2";
  const bool ncs2 = stick || program == ForestTarget::Ncs2, edgetpu = program == ForestTarget::EdgeTpu;
  if (ncs2 && !openvino)
    return base::fail({.fault = base::Fault::usage,
                       .what = fmt::format("{} reads TFLite models, and the NCS2's program is an OpenVINO IR", name)});
  if (edgetpu && openvino)
    return base::fail({.fault = base::Fault::usage,
                       .what = fmt::format("{} reads no TFLite models, as the Edge TPU's program is one", name)});
  return Target{.format = openvino ? Format::OpenVinoIr : Format::TfLite,
                .ir_version = ncs2 || family == "ie2021" ? 10 : 11,
                .ncs2 = ncs2,
                .edgetpu = edgetpu,
                .one_row = stick};
}

// A stick computes ranks and halves as they are; a CPU's plugin takes bfloat16 for floats where it is faster, which
// holds neither.
std::map<std::string, std::string> properties_of(const ForestRun& run, const Target& target) {
  std::map<std::string, std::string> properties = run.properties;
  if (!target.ncs2 || target.one_row) return properties;
  if (runtime::family(run.runtime.name) == "openvino") properties.try_emplace("INFERENCE_PRECISION_HINT", "f32");
  if (runtime::family(run.runtime.name) == "ie2021") properties.try_emplace("ENFORCE_BF16", "NO");
  return properties;
}

std::size_t width_of(ElementType type) { return static_cast<std::size_t>(graph::element_bits(type)) / 8; }

base::Error unlike(const std::string& on, const runtime::Port& port) {
  return {.fault = base::Fault::runtime,
          .what = fmt::format("{} shows the program's `{}` as {} of {} bytes, which it is not", on, port.name,
                              graph::element_type_name(port.type), port.bytes)};
}

// One program in one worker.
class Device {
 public:
  static base::Result<Device> start(const ForestRun& run) {
    EDGESCOPE_TRY(target, target_of(run.runtime.name, run.target));
    EDGESCOPE_TRY(worker, measure::Worker::start({.runtime = run.runtime}));
    EDGESCOPE_TRY(folder, base::TemporaryFolder::make());
    return Device(run, target, std::move(worker), std::move(folder));
  }

  const Target& target() const { return target_; }
  int batch(const Rows& rows) const {
    return target_.one_row ? 1 : static_cast<int>(std::clamp<std::size_t>(rows.size(), 1, kBatch));
  }

  base::Status load(const graph::Model& model) {
    const std::string path = folder_.path() + (target_.format == Format::TfLite ? "/forest.tflite" : "/forest.xml");
    if (target_.format == Format::TfLite)
      EDGESCOPE_CHECK(format::tflite::write(model, path));
    else
      EDGESCOPE_CHECK(format::openvino::write(model, path, target_.ir_version));
    EDGESCOPE_TRY(answer,
                  worker_.load({.model = path, .threads = run_.threads, .properties = properties_of(run_, target_)}));
    loaded_ = std::move(answer.loaded);
    if (!loaded_.meaningless.empty())
      return base::fail(
          {.fault = base::Fault::runtime,
           .what = fmt::format("{}: its outputs are no predictions ({})", run_.runtime.name, loaded_.meaningless)});
    return {};
  }

  const std::string& name() const { return run_.runtime.name; }
  const runtime::Loaded& loaded() const { return loaded_; }
  const runtime::Port& input() const { return loaded_.inputs.front(); }
  const runtime::Port& output() const { return loaded_.outputs.front(); }

  // fill(run, buffer) for each batch; the outputs of all, one after the other.
  template <typename Fill>
  base::Result<Bytes> infer(std::size_t runs, const Fill& fill) {
    Bytes outputs;
    const std::size_t together = std::max<std::size_t>(kMostInputBytes / std::max<std::size_t>(input().bytes, 1), 1);
    for (std::size_t done = 0; done < runs; done += together) {
      const std::size_t now = std::min(together, runs - done);
      Bytes given(now * input().bytes);
      for (std::size_t i = 0; i < now; ++i) fill(done + i, given.data() + i * input().bytes);
      EDGESCOPE_TRY(answer, worker_.infer({.rows = now, .inputs = {std::move(given)}}));
      outputs.insert(outputs.end(), answer.outputs.front().begin(), answer.outputs.front().end());
    }
    return outputs;
  }

 private:
  Device(const ForestRun& run, const Target& target, measure::Worker worker, base::TemporaryFolder folder)
      : run_(run), target_(target), worker_(std::move(worker)), folder_(std::move(folder)) {}

  const ForestRun& run_;
  Target target_;
  measure::Worker worker_;
  base::TemporaryFolder folder_;
  runtime::Loaded loaded_;
};

std::size_t runs_of(const Rows& rows, int batch) {
  const auto size = static_cast<std::size_t>(batch);
  return (rows.size() + size - 1) / size;
}

// --- exact: ranks in, exits of pieces out ---------------------------------------------------------------------------

template <typename Cell>
base::Status run_cells(const Ensemble& ensemble, const Rows& rows, const forest::ExactProgram& program, Device& device,
                       ForestAnswers& answers) {
  if (device.input().bytes != program.input_cells * sizeof(Cell))
    return base::fail(unlike(device.name(), device.input()));
  if (device.output().type != device.input().type || device.output().bytes != program.output_cells * sizeof(Cell))
    return base::fail(unlike(device.name(), device.output()));
  const forest::Encoder encoder(program.encoder);
  const forest::Decoder decoder(program.decoder);
  const auto batch = static_cast<std::size_t>(program.plan.batch);
  const auto count = [&](std::size_t run) { return std::min(batch, rows.size() - run * batch); };
  EDGESCOPE_TRY(outputs, device.infer(runs_of(rows, program.plan.batch), [&](std::size_t run, std::byte* into) {
    std::vector<Cell> cells(program.input_cells);
    encoder.encode(rows.values.data() + run * batch * rows.columns, count(run), cells.data(), program.strides.row,
                   program.strides.column);
    std::memcpy(into, cells.data(), cells.size() * sizeof(Cell));
  }));
  const std::size_t trees = ensemble.trees.size(), columns = static_cast<std::size_t>(ensemble.columns());
  answers.leaves.resize(rows.size() * trees);
  answers.results.resize(rows.size() * columns);
  std::vector<Cell> cells(program.output_cells);
  for (std::size_t run = 0; run * batch < rows.size(); ++run) {
    std::memcpy(cells.data(), outputs.data() + run * cells.size() * sizeof(Cell), cells.size() * sizeof(Cell));
    const auto [row, piece] = std::pair(program.strides.answer_row, program.strides.answer_piece);
    decoder.leaves(cells.data(), count(run), row, piece, answers.leaves.data() + run * batch * trees);
    decoder.decode(cells.data(), count(run), row, piece, answers.results.data() + run * batch * columns);
  }
  return {};
}

base::Status run_exact(const Ensemble& ensemble, const Rows& rows, Device& device, ForestAnswers& answers) {
  const Target& target = device.target();
  const int batch = device.batch(rows);
  const forest::ExactForm form = forest::exact_form(ensemble, target.edgetpu, target.ncs2, target.format, batch);
  EDGESCOPE_TRY(program, forest::exact_program(ensemble, {.form = form, .format = target.format, .batch = batch}));
  EDGESCOPE_CHECK(device.load(program.model));
  switch (device.input().type) {
    case ElementType::Int8:
      return run_cells<std::int8_t>(ensemble, rows, program, device, answers);
    case ElementType::Float32:
      return run_cells<float>(ensemble, rows, program, device, answers);
    case ElementType::Float16:
      return run_cells<std::uint16_t>(ensemble, rows, program, device, answers);
    case ElementType::Int32:
      return run_cells<std::int32_t>(ensemble, rows, program, device, answers);
    default:
      return base::fail(unlike(device.name(), device.input()));
  }
}

// --- the classical strategies: numbers in, leaves and scores out ----------------------------------------------------

// As the program reads it: OpenVINO shows the 16-bit inputs of an IR of version 10 as 32-bit ones, and on a CPU keeps
// the bits that a stick does not get.
void put(ElementType type, forest::Number number, double x, std::byte* into) {
  auto single = static_cast<float>(x);
  const std::uint16_t half = base::to_half(single);
  if (number == forest::Number::Float16) single = base::from_half(half);
  std::memcpy(into, type == ElementType::Float16 ? static_cast<const void*>(&half) : &single, width_of(type));
}

std::optional<double> number_at(ElementType type, const std::byte* at) {
  const auto read = [&](auto value) {
    std::memcpy(&value, at, sizeof value);
    return value;
  };
  switch (type) {
    case ElementType::Int32:
      return read(std::int32_t{});
    case ElementType::Int64:
      return static_cast<double>(read(std::int64_t{}));
    case ElementType::Float32:
      return read(float{});
    case ElementType::Float16:
      return base::from_half(read(std::uint16_t{}));
    default:
      return std::nullopt;
  }
}

// [rows, width] of one program's answer.
base::Result<std::vector<double>> run_numbers(const Ensemble& ensemble, const Rows& rows,
                                              const forest::ProgramPlan& plan, std::size_t width, Device& device) {
  EDGESCOPE_TRY(program, forest::program(ensemble, plan));
  EDGESCOPE_CHECK(device.load(program.model));
  const ElementType in = device.input().type, out = device.output().type;
  const auto batch = static_cast<std::size_t>(plan.batch);
  if ((in != ElementType::Float32 && in != ElementType::Float16) ||
      device.input().bytes != batch * rows.columns * width_of(in))
    return base::fail(unlike(device.name(), device.input()));
  if (device.output().bytes != batch * width * width_of(out)) return base::fail(unlike(device.name(), device.output()));
  EDGESCOPE_TRY(outputs, device.infer(runs_of(rows, plan.batch), [&](std::size_t run, std::byte* into) {
    const std::size_t first = run * batch * rows.columns;
    for (std::size_t i = 0; i < batch * rows.columns; ++i)
      put(in, plan.number(), first + i < rows.values.size() ? rows.values[first + i] : 0, into + i * width_of(in));
  }));
  std::vector<double> numbers(rows.size() * width);
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const auto number = number_at(out, outputs.data() + i * width_of(out));
    if (!number) return base::fail(unlike(device.name(), device.output()));
    numbers[i] = *number;
  }
  return numbers;
}

base::Status run_classical(const Ensemble& ensemble, const Rows& rows, forest::Strategy strategy, Device& device,
                           ForestAnswers& answers) {
  forest::ProgramPlan plan{.strategy = strategy,
                           .format = device.target().format,
                           .ncs2 = device.target().ncs2,
                           .batch = device.batch(rows),
                           .answer = forest::Answer::Leaves};
  answers.number = plan.number();
  if (device.target().edgetpu)
    return base::fail({.fault = base::Fault::usage,
                       .what = fmt::format("the Edge TPU runs no {} program, since it compares and looks up in floats",
                                           forest::strategy_name(strategy))});
  const std::size_t trees = ensemble.trees.size(), outputs = static_cast<std::size_t>(ensemble.outputs);
  const std::size_t width = std::max<std::size_t>(trees, 1);  // without trees there is one leaf
  EDGESCOPE_TRY(leaves, run_numbers(ensemble, rows, plan, width, device));
  if (trees > 0) answers.leaves.assign(leaves.begin(), leaves.end());
  plan.answer = forest::Answer::Scores;
  EDGESCOPE_TRY(scores, run_numbers(ensemble, rows, plan, outputs, device));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::vector<double> result = forest::transform(ensemble, std::span(scores).subspan(i * outputs, outputs));
    answers.results.insert(answers.results.end(), result.begin(), result.end());
  }
  return {};
}

}  // namespace

std::string_view forest_strategy_name(ForestStrategy strategy) {
  switch (strategy) {
    case ForestStrategy::Exact:
      return "exact";
    case ForestStrategy::Gemm:
      return "gemm";
    case ForestStrategy::Tt:
      return "tt";
    case ForestStrategy::Ptt:
      return "ptt";
  }
  return "";
}

base::Result<ForestAnswers> run_forest(const Ensemble& ensemble, const Rows& rows, const ForestRun& run) {
  EDGESCOPE_TRY(device, Device::start(run));
  ForestAnswers answers;
  answers.format = graph::format_name(device.target().format);
  switch (run.strategy) {
    case ForestStrategy::Exact:
      EDGESCOPE_CHECK(run_exact(ensemble, rows, device, answers));
      break;
    case ForestStrategy::Gemm:
      EDGESCOPE_CHECK(run_classical(ensemble, rows, forest::Strategy::Gemm, device, answers));
      break;
    case ForestStrategy::Tt:
      EDGESCOPE_CHECK(run_classical(ensemble, rows, forest::Strategy::Tt, device, answers));
      break;
    case ForestStrategy::Ptt:
      EDGESCOPE_CHECK(run_classical(ensemble, rows, forest::Strategy::Ptt, device, answers));
      break;
  }
  answers.precision = device.loaded().precision;
  answers.notes = device.loaded().notes;
  return answers;
}

}  // namespace edgescope::analysis
