#include "format/tflite/reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "format/tflite/test_models.h"
#include "graph/extents.h"
#include "support/reference.h"

namespace edgescope::format::tflite {
namespace {

namespace attr = graph::attr;
using graph::Extent;
using testing::ElementsAre;
using testing::HasSubstr;

using Ints = std::vector<std::int64_t>;

base::Result<graph::Model> read_bytes(std::span<const std::byte> bytes) {
  return read(base::MappedFile::borrow(bytes, "m.tflite"));
}

std::string failure(const fb::ModelT& model) {
  const auto bytes = test_models::pack(model);
  const auto result = read_bytes(bytes);
  return result ? "" : result.error().message();
}

void expect_covered(const graph::Model& model) {
  std::uint64_t at = 0;
  int file = 0;
  for (const Extent& extent : model.extents) {
    if (extent.file != file) {
      EXPECT_EQ(at, model.files[file].size());
      at = 0;
      file = extent.file;
    }
    ASSERT_EQ(extent.offset, at);
    at += extent.size;
  }
  EXPECT_EQ(at, model.files[file].size());
}

TEST(TfLiteReader, ReadsASmallConvolution) {
  const auto bytes = test_models::tiny_conv_model();
  EXPECT_TRUE(recognised(bytes));
  const auto model = read_bytes(bytes);
  ASSERT_TRUE(model) << model.error().message();
  EXPECT_EQ(model->format_version, 3);
  EXPECT_EQ(model->producer, "edgescope test");
  ASSERT_EQ(model->subgraphs.size(), 1u);
  const graph::Subgraph& graph = model->subgraphs[0];
  EXPECT_EQ(graph.name, "main");
  EXPECT_EQ(graph.tensors[0].shape.text(), "1x8x8x3") << "what runs where nobody resizes";
  EXPECT_EQ(graph.tensors[0].shape.resizable, (std::vector<bool>{true, false, false, false}));
  EXPECT_TRUE(graph.tensors[1].shape.resizable.empty());
  EXPECT_EQ(graph.tensors[0].quantization->zero_points, Ints{-128});
  EXPECT_FALSE(graph.tensors[0].constant);
  EXPECT_TRUE(graph.tensors[1].constant);
  EXPECT_TRUE(graph.tensors[1].quantization->per_channel());
  // Weights are looked at where they are.
  EXPECT_GE(graph.tensors[1].data.data(), bytes.data());
  EXPECT_LT(graph.tensors[1].data.data(), bytes.data() + bytes.size());

  const graph::Operator& conv = graph.operators[0];
  EXPECT_EQ(conv.kind, graph::Kind::Convolution);
  EXPECT_EQ(conv.source_kind, "CONV_2D");
  EXPECT_EQ(conv.version, 1);
  EXPECT_EQ(graph::get<std::string>(conv.attributes, attr::padding), "same");
  EXPECT_EQ(graph::get<std::string>(conv.attributes, attr::activation), "relu6");
  EXPECT_EQ(graph::get<Ints>(conv.attributes, attr::strides), (Ints{1, 1}));
  EXPECT_EQ(graph::get<Ints>(conv.attributes, attr::dilations), (Ints{1, 1}));
  EXPECT_EQ(graph::get<std::int64_t>(conv.attributes, attr::groups), 1);

  ASSERT_EQ(model->signatures.size(), 1u);
  EXPECT_EQ(model->signatures[0].key, "serving_default");
  EXPECT_EQ(model->signatures[0].inputs[0].name, "image");
  ASSERT_EQ(model->metadata.size(), 1u);
  EXPECT_EQ(model->metadata[0].value, "1.5.0");
  EXPECT_EQ(model->metadata[0].bytes, 16u);
}

TEST(TfLiteReader, EveryByteHasAnOwner) {
  const auto bytes = test_models::tiny_conv_model();
  const auto model = read_bytes(bytes);
  ASSERT_TRUE(model);
  expect_covered(*model);
  std::uint64_t weights = 0, metadata = 0;
  for (const Extent& extent : model->extents) {
    if (extent.owner == Extent::Owner::Weights) weights += extent.size;
    if (extent.owner == Extent::Owner::Metadata) metadata += extent.size;
  }
  EXPECT_EQ(weights, 108u + 16 + 8);
  EXPECT_GT(metadata, 16u + 20 + 14);
}

TEST(TfLiteReader, NamesWhatIsWrong) {
  fb::ModelT model = test_models::tiny_conv();
  model.subgraphs[0]->tensors[1]->buffer = 99;
  EXPECT_THAT(failure(model),
              AllOf(HasSubstr("m.tflite: at byte"), HasSubstr("buffer 99 of 5"), HasSubstr("conv/weights")));

  model = test_models::tiny_conv();
  model.subgraphs[0]->operators[1]->opcode_index = 7;
  EXPECT_THAT(failure(model), AllOf(HasSubstr("operator code 7 of 2"), HasSubstr("operator 1")));

  model = test_models::tiny_conv();
  model.subgraphs[0]->operators[0]->inputs = {0, 1, 44};
  EXPECT_THAT(failure(model), AllOf(HasSubstr("tensor 44 of 6"), HasSubstr("CONV_2D")));

  model = test_models::tiny_conv();
  model.subgraphs[0]->operators[0]->inputs = {5, 1, 2};
  EXPECT_THAT(failure(model), HasSubstr("cycle"));

  model = test_models::tiny_conv();
  model.subgraphs[0]->tensors[1]->shape = {4, 3, 3, 1 << 30};
  EXPECT_THAT(failure(model), AllOf(HasSubstr("conv/weights"), HasSubstr("the file has 108")));

  model = test_models::tiny_conv();
  model.subgraphs.clear();
  EXPECT_THAT(failure(model), HasSubstr("no subgraph"));

  model = test_models::tiny_conv();
  model.signature_defs[0]->inputs[0]->tensor_index = 6;
  EXPECT_THAT(failure(model), HasSubstr("`serving_default` names tensor 6 of 6"));

  model = test_models::tiny_conv();
  model.metadata[0]->buffer = 5;
  EXPECT_THAT(failure(model), AllOf(HasSubstr("buffer 5 of 5"), HasSubstr("min_runtime_version")));

  model = test_models::tiny_conv();
  model.buffers[1]->offset = 1 << 20;
  model.buffers[1]->size = ~0ull;
  EXPECT_THAT(failure(model), HasSubstr("outside"));

  model = test_models::tiny_conv();
  model.subgraphs[0]->operators[0]->large_custom_options_offset = ~0ull;
  model.subgraphs[0]->operators[0]->large_custom_options_size = 2;
  EXPECT_THAT(failure(model), HasSubstr("options stand outside the file"));
}

TEST(TfLiteReader, RefusesWhatIsNotTfLite) {
  const std::vector<std::byte> zeros(64);
  EXPECT_FALSE(recognised(zeros));
  EXPECT_FALSE(recognised({}));
  EXPECT_THAT(read_bytes(zeros).error().message(), HasSubstr("TFL3"));
}

TEST(TfLiteReader, EveryCutIsAnErrorOrAModel) {
  const auto bytes = test_models::tiny_conv_model();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const std::vector<std::byte> cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
    const auto model = read_bytes(cut);
    ASSERT_FALSE(model) << size;
    EXPECT_EQ(model.error().file, "m.tflite");
  }
}

// Every single byte, at several values: an error or a model whose extents still add up, never a crash.
TEST(TfLiteReader, SurvivesDamage) {
  const auto bytes = test_models::tiny_conv_model();
  for (std::size_t at = 0; at < bytes.size(); ++at)
    for (const int value : {0x00, 0x01, 0x7f, 0x80, 0xff}) {
      auto damaged = bytes;
      damaged[at] = static_cast<std::byte>(value);
      if (const auto model = read_bytes(damaged)) expect_covered(*model);
    }
}

TEST(TfLiteReader, DamageHasAPlace) {
  const auto bytes = test_models::tiny_conv_model();
  const std::vector<std::byte> cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(bytes.size() / 2));
  const auto error = read_bytes(cut).error();
  EXPECT_TRUE(error.offset);
  EXPECT_THAT(error.message(), AllOf(HasSubstr("damaged or cut off"), HasSubstr("reaches outside")));
}

TEST(TfLiteReader, Branches) {
  const auto bytes = test_models::pack(test_models::branches());
  const auto model = read_bytes(bytes);
  ASSERT_TRUE(model) << model.error().message();
  ASSERT_EQ(model->subgraphs.size(), 3u);
  EXPECT_EQ(graph::get<Ints>(model->subgraphs[0].operators[0].attributes, attr::subgraph), (Ints{1, 2}));
  expect_covered(*model);
}

TEST(TfLiteReader, BodiesMustExistAndEnd) {
  fb::ModelT model = test_models::branches();
  model.subgraphs[0]->operators[0]->builtin_options.AsIfOptions()->else_subgraph_index = 3;
  EXPECT_THAT(failure(model), AllOf(HasSubstr("subgraph 3 of 3"), HasSubstr("operator 0, IF")));
  model.subgraphs[0]->operators[0]->builtin_options.AsIfOptions()->else_subgraph_index = 0;
  EXPECT_THAT(failure(model), HasSubstr("calls itself"));
}

TEST(TfLiteReader, CustomAndUnknownOperatorsAreKept) {
  fb::ModelT source = test_models::tiny_conv();
  source.operator_codes[1]->builtin_code = fb::BuiltinOperator::CUSTOM;
  source.operator_codes[1]->deprecated_builtin_code = 32;
  source.operator_codes[1]->custom_code = "edgetpu-custom-op";
  source.subgraphs[0]->operators[1]->builtin_options = {};
  source.subgraphs[0]->operators[1]->custom_options = {1, 2, 3};
  source.operator_codes[0]->builtin_code = static_cast<fb::BuiltinOperator>(999);
  source.operator_codes[0]->version = 4;
  const auto bytes = test_models::pack(source);
  const auto model = read_bytes(bytes);
  ASSERT_TRUE(model) << model.error().message();
  const auto& operators = model->subgraphs[0].operators;
  EXPECT_EQ(operators[0].source_kind, "BUILTIN_999");
  EXPECT_EQ(operators[0].kind, graph::Kind::Unknown);
  EXPECT_EQ(operators[0].version, 4);
  EXPECT_EQ(operators[1].source_kind, "edgetpu-custom-op");
  EXPECT_EQ(operators[1].kind, graph::Kind::Custom);
  EXPECT_TRUE(operators[1].custom);
  EXPECT_EQ(operators[1].options.size(), 3u);
}

// Files from before codes above 127 have the first field only.
TEST(TfLiteReader, TheOldOperatorCodeCounts) {
  fb::ModelT source = test_models::tiny_conv();
  source.operator_codes[0]->builtin_code = fb::BuiltinOperator::ADD;
  const auto bytes = test_models::pack(source);
  const auto model = read_bytes(bytes);
  ASSERT_TRUE(model);
  EXPECT_EQ(model->subgraphs[0].operators[0].source_kind, "CONV_2D");
}

TEST(TfLiteReader, SparseTextVariableAndEmptyTensors) {
  fb::ModelT source = test_models::tiny_conv();
  const int text =
      test_models::add_tensor(source, "text", fb::TensorType::STRING, {1}, std::vector<std::uint8_t>(13, 1));
  const int sparse = test_models::add_tensor(source, "sparse", fb::TensorType::INT8, {10, 10}, {1, 2, 3});
  const int state = test_models::add_tensor(source, "state", fb::TensorType::FLOAT32, {4});
  const int none = test_models::add_tensor(source, "none", fb::TensorType::INT32, {0});
  auto& tensors = source.subgraphs[0]->tensors;
  tensors[sparse]->sparsity = std::make_unique<fb::SparsityParametersT>();
  tensors[state]->is_variable = true;
  const auto bytes = test_models::pack(source);
  const auto model = read_bytes(bytes);
  ASSERT_TRUE(model) << model.error().message();
  const auto& read = model->subgraphs[0].tensors;
  EXPECT_EQ(read[text].encoding, graph::Encoding::Strings);
  EXPECT_TRUE(read[sparse].sparse);
  EXPECT_EQ(read[sparse].data.size(), 3u);
  EXPECT_TRUE(read[state].variable);
  EXPECT_FALSE(read[state].constant);
  EXPECT_TRUE(read[none].constant);
}

// Small as a file, large when read: operators that are one table, and operators that share long inputs.
TEST(TfLiteReader, SharedTablesDoNotMultiply) {
  for (const bool one_table : {true, false}) {
    flatbuffers::FlatBufferBuilder builder;
    const auto inputs = builder.CreateVector(std::vector<int>(4000, -1));
    std::vector<flatbuffers::Offset<fb::Operator>> ops(20000, fb::CreateOperator(builder, 0, inputs));
    if (!one_table)
      for (auto& op : ops) op = fb::CreateOperator(builder, 0, inputs);
    const auto operators = builder.CreateVector(ops);
    const auto graph = fb::CreateSubGraph(builder, 0, 0, 0, operators);
    const auto code = fb::CreateOperatorCode(builder, std::int8_t{0});
    const auto codes = builder.CreateVector(&code, 1);
    const auto graphs = builder.CreateVector(&graph, 1);
    fb::FinishModelBuffer(builder, fb::CreateModel(builder, 3, codes, graphs));
    const auto result = read_bytes(std::as_bytes(std::span(builder.GetBufferPointer(), builder.GetSize())));
    ASSERT_FALSE(result);
    EXPECT_THAT(result.error().message(), HasSubstr(one_table ? "more tables" : "more memory"));
  }
}

class ReferenceModels : public testing::TestWithParam<std::string> {};

TEST_P(ReferenceModels, AreReadWhole) {
  EDGESCOPE_MODEL_OR_SKIP(folder, GetParam());
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".tflite") continue;
    ++count;
    const auto file = base::MappedFile::open(entry.path());
    ASSERT_TRUE(file);
    EXPECT_TRUE(recognised(file->bytes()));
    const auto model = read(*file);
    ASSERT_TRUE(model) << model.error().message();
    expect_covered(*model);
    EXPECT_FALSE(model->subgraphs[0].operators.empty()) << entry.path();
    for (const graph::Operator& op : model->subgraphs[0].operators) EXPECT_NE(op.kind, graph::Kind::Unknown);
  }
  EXPECT_GT(count, 0);
}
INSTANTIATE_TEST_SUITE_P(TfLite, ReferenceModels, testing::Values("cpu", "edgetpu", "invalid"));

}  // namespace
}  // namespace edgescope::format::tflite
