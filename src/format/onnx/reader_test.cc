#include "format/onnx/reader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "format/onnx/builder_for_test.h"
#include "format/onnx/context.h"

namespace edgescope::format::onnx {
namespace {

using namespace test;
namespace attr = graph::attr;

base::Result<graph::Model> committed(const std::string& name) {
  auto file = base::MappedFile::open(EDGESCOPE_SOURCE_DIR "/tests/data/onnx/" + name);
  if (!file) return base::fail(file.error());
  EXPECT_TRUE(recognised(file->bytes())) << name;
  return read(*file);
}

// Every byte of every file has one owner.
void expect_accounted(const graph::Model& model) {
  std::vector<std::uint64_t> ends(model.files.size(), 0);
  for (const graph::Extent& extent : model.extents) {
    EXPECT_EQ(extent.offset, ends[static_cast<std::size_t>(extent.file)]);
    ends[static_cast<std::size_t>(extent.file)] = extent.offset + extent.size;
  }
  for (std::size_t i = 0; i < ends.size(); ++i) EXPECT_EQ(ends[i], model.files[i].size());
}

TEST(Reader, ReadsEveryCommittedModel) {
  int models = 0;
  for (const auto& entry : std::filesystem::directory_iterator(EDGESCOPE_SOURCE_DIR "/tests/data/onnx")) {
    if (entry.path().extension() != ".onnx") continue;
    const auto model = committed(entry.path().filename());
    ASSERT_TRUE(model) << model.error().message();
    expect_accounted(*model);
    ++models;
  }
  EXPECT_GE(models, 8);
}

TEST(Reader, OldAndNewFilesOfOneNetworkAreEqual) {
  for (const char* name : {"opset7.onnx", "opset13.onnx", "newest.onnx"}) {
    const auto model = committed(name);
    ASSERT_TRUE(model) << model.error().message();
    const graph::Subgraph& graph = model->subgraphs[0];
    EXPECT_EQ(model->layout, graph::Layout::ChannelsFirst);
    EXPECT_EQ(model->producer, "make.py");
    EXPECT_EQ(graph.inputs.size(), 1u) << "initializers are no inputs";
    ASSERT_EQ(graph.operators.size(), 5u);
    EXPECT_EQ(graph.operators[1].kind, graph::Kind::DepthwiseConvolution);
    const graph::Tensor& image = graph.tensors[static_cast<std::size_t>(graph.inputs[0])];
    EXPECT_EQ(image.shape.text(), "batchx3x8x8");
    EXPECT_EQ(image.shape.dims[0], graph::kDynamic);
    std::uint64_t weights = 0, documentation = 0;
    for (const graph::Extent& extent : model->extents) {
      if (extent.owner == graph::Extent::Owner::Weights) weights += extent.size;
      if (extent.owner == graph::Extent::Owner::Metadata) documentation += extent.size;
    }
    EXPECT_EQ(weights, (4 * 3 * 9 + 4 * 9) * 4u);
    EXPECT_GE(documentation, std::string_view("two convolutionsmake.py").size());
  }
  EXPECT_EQ(committed("opset7.onnx")->opsets[0].version, 7);
}

TEST(Reader, BodiesSayWhatTheyCapture) {
  const auto model = committed("bodies.onnx");
  ASSERT_TRUE(model) << model.error().message();
  ASSERT_EQ(model->subgraphs.size(), 4u);
  const graph::Subgraph& main = model->subgraphs[0];
  ASSERT_EQ(main.operators.size(), 2u) << "Constant nodes are tensors";
  const graph::Operator &choose = main.operators[0], &repeat = main.operators[1];
  const auto branches = graph::get<std::vector<std::int64_t>>(choose.attributes, attr::subgraph);
  ASSERT_EQ(branches.size(), 2u);
  const graph::Subgraph& taken = model->subgraphs[static_cast<std::size_t>(branches[0])];
  EXPECT_EQ(taken.name, "then");
  EXPECT_EQ(graph::get<std::int64_t>(choose.attributes, "then_branch"), branches[0]);
  EXPECT_EQ(choose.inputs.size(), 2u) << "the condition and the captured x";
  EXPECT_EQ(graph::get<std::int64_t>(choose.attributes, "captured"), 1);
  ASSERT_EQ(taken.inputs.size(), 1u);
  EXPECT_EQ(taken.tensors[static_cast<std::size_t>(taken.inputs[0])].name, "x");
  EXPECT_TRUE(taken.tensors[static_cast<std::size_t>(taken.operators[0].inputs[1])].constant);

  const graph::Subgraph& body =
      model->subgraphs[static_cast<std::size_t>(graph::get<std::int64_t>(repeat.attributes, attr::subgraph))];
  EXPECT_EQ(body.inputs.size(), 4u) << "three formal inputs and the captured result of the If";
  EXPECT_EQ(repeat.inputs[1], -1) << "the condition is omitted";
  EXPECT_EQ(repeat.inputs.back(), choose.outputs[0]);
}

TEST(Reader, FunctionsAreSubgraphsAndUnknownDomainsCustom) {
  const auto model = committed("function.onnx");
  ASSERT_TRUE(model) << model.error().message();
  ASSERT_EQ(model->subgraphs.size(), 2u);
  EXPECT_EQ(model->subgraphs[1].name, "local:Residual");
  const graph::Operator &call = model->subgraphs[0].operators[0], &vendor = model->subgraphs[0].operators[1];
  EXPECT_EQ(call.kind, graph::Kind::Call);
  EXPECT_FALSE(call.custom);
  EXPECT_EQ(graph::get<std::int64_t>(call.attributes, attr::subgraph), 1);
  EXPECT_EQ(vendor.source_kind, "com.example:Fused");
  EXPECT_EQ(vendor.version, 2);
  EXPECT_TRUE(vendor.custom);
  EXPECT_FALSE(vendor.options.empty());
  EXPECT_EQ(graph::get<std::string>(model->subgraphs[1].operators[0].attributes, "alpha"), "@slope");
}

TEST(Reader, TreeEnsemblesKeepTheirAttributes) {
  const auto model = committed("ensemble.onnx");
  ASSERT_TRUE(model) << model.error().message();
  const graph::Operator& forest = model->subgraphs[0].operators[0];
  EXPECT_EQ(forest.kind, graph::Kind::TreeEnsembleRegressor);
  EXPECT_FALSE(forest.custom);
  EXPECT_EQ(graph::get<std::vector<std::string>>(forest.attributes, "nodes_modes").front(), "BRANCH_LEQ");
}

TEST(Reader, AnnotationsAndSparseConstants) {
  const auto model = committed("quantised.onnx");
  ASSERT_TRUE(model) << model.error().message();
  const graph::Subgraph& graph = model->subgraphs[0];
  const auto& quantization = graph.tensors[static_cast<std::size_t>(graph.inputs[0])].quantization;
  ASSERT_TRUE(quantization);
  EXPECT_EQ(quantization->scales, std::vector<float>{0.5f});
  EXPECT_EQ(quantization->zero_points, std::vector<std::int64_t>{128});
  const auto sparse = std::find_if(graph.tensors.begin(), graph.tensors.end(), [](const auto& t) { return t.sparse; });
  ASSERT_NE(sparse, graph.tensors.end());
  EXPECT_EQ(sparse->shape.text(), "2x2");
  EXPECT_EQ(sparse->encoding, graph::Encoding::Sparse);
  EXPECT_EQ(sparse->data.size(), 8u);
}

TEST(Reader, ErrorsNameNodeAndValue) {
  const std::string ends = input("a") + output("z");
  const std::string missing = error_of(model(node("Relu", {"ghost"}, {"z"}, text(fields::node::name, "first")) + ends));
  EXPECT_NE(missing.find("`ghost`, which nothing makes (in `Relu first`)"), std::string::npos) << missing;
  EXPECT_NE(missing.find("/nonexistent/model.onnx: at byte "), std::string::npos) << missing;

  EXPECT_NE(error_of(model(node("Relu", {"b"}, {"c"}) + node("Tanh", {"c"}, {"b"}) + ends + node("Abs", {"a"}, {"z"})))
                .find("cycle"),
            std::string::npos);
  EXPECT_NE(error_of(model(node("Relu", {"a"}, {"z"}) + node("Tanh", {"a"}, {"z"}) + ends)).find("made a second time"),
            std::string::npos);
  EXPECT_NE(error_of(model(input("a") + ends + node("Relu", {"a"}, {"z"}))).find("given to two values"),
            std::string::npos);
  EXPECT_NE(error_of(model(input("a") + output("nowhere"))).find("nothing makes the graph's output `nowhere`"),
            std::string::npos);
  EXPECT_NE(error_of(model(node("", {"a"}, {"z"}) + ends)).find("no operator type"), std::string::npos);
  EXPECT_NE(error_of(number(1, 8)).find("no graph"), std::string::npos);
  EXPECT_NE(error_of(model(ends) + text(fields::model::graph, ends)).find("second graph"), std::string::npos);
}

TEST(Reader, EveryTruncationIsAnError) {
  const std::string whole = model(node("Conv", {"a", "w"}, {"z"}, ints_attribute("strides", {1, 1})) +
                                  initializer(tensor("w", 1, {1, 1, 1, 1}) + raw(4)) + input("a") + output("z"));
  ASSERT_EQ(error_of(whole), "");
  for (std::size_t size = 1; size < whole.size(); ++size) EXPECT_NE(error_of(whole.substr(0, size)), "") << size;
}

TEST(Reader, GraphsInGraphsHaveALimit) {
  std::string graph = node("Relu", {"a"}, {"z"}) + output("z");
  for (int depth = 0; depth < kDeepestGraph; ++depth)
    graph = node("If", {"a"}, {"z"}, graph_attribute("then_branch", graph)) + output("z");
  EXPECT_EQ(error_of(model(graph + input("a"))), "");
  for (int depth = 0; depth < 40; ++depth)
    graph = node("If", {"a"}, {"z"}, graph_attribute("then_branch", graph)) + output("z");
  EXPECT_NE(error_of(model(graph + input("a"))).find("more than 64 deep"), std::string::npos);
}

TEST(Reader, FunctionsMustNotCallThemselves) {
  const auto function = [](std::string_view name, std::string_view callee) {
    return text(fields::model::functions,
                text(fields::function::name, name) + text(fields::function::domain, "d") +
                    text(fields::function::input, "a") + text(fields::function::output, "b") +
                    text(fields::function::node, node_content(callee, {"a"}, {"b"}, text(fields::node::domain, "d"))));
  };
  const std::string graph = node("F", {"a"}, {"z"}, text(fields::node::domain, "d")) + input("a") + output("z");
  EXPECT_EQ(error_of(model(graph, 17, function("F", "G"))), "");
  EXPECT_NE(error_of(model(graph, 17, function("F", "G") + function("G", "F"))).find("calls itself"),
            std::string::npos);
  EXPECT_NE(error_of(model(graph, 17, function("F", "G") + function("F", "G"))).find("there twice"), std::string::npos);
}

TEST(Reader, ManySmallThingsAreRefusedBeforeTheyTakeMemory) {
  std::string nodes;
  const std::string small = node("R", {}, {});
  for (int i = 0; i < 200'000; ++i) nodes += small;
  EXPECT_NE(error_of(model(nodes)).find("more memory than"), std::string::npos);
}

TEST(Reader, OmittedInputsAndOutputs) {
  const std::string file = model(node("Dropout", {"a", "", ""}, {"z", ""}) + input("a") + output("z"));
  const auto model = read_text(file);
  ASSERT_TRUE(model) << model.error().message();
  EXPECT_EQ(model->subgraphs[0].operators[0].inputs, (std::vector<int>{0, -1, -1}));
  EXPECT_EQ(model->subgraphs[0].operators[0].outputs[1], -1);
}

}  // namespace
}  // namespace edgescope::format::onnx
