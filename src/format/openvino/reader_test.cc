#include "format/openvino/reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "format/openvino/test_networks.h"
#include "graph/extents.h"
#include "support/reference.h"

namespace edgescope::format::openvino {
namespace {

namespace fs = std::filesystem;
using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

void expect_every_byte_owned(const graph::Model& model) {
  std::vector<std::uint64_t> at(model.files.size(), 0);
  for (const graph::Extent& extent : model.extents) {
    EXPECT_EQ(extent.offset, at[extent.file]);
    at[extent.file] += extent.size;
  }
  for (std::size_t file = 0; file < at.size(); ++file) EXPECT_EQ(at[file], model.files[file].size());
}

TEST(Reader, ReadsANetworkWithWeights) {
  const std::string text = weighted("MatMul", "<data transpose_b=\"true\"/>", {1, 8}, {4, 8}, {1, 4});
  const auto model = read_text(text, 128);
  ASSERT_TRUE(model) << model.error().message();
  EXPECT_EQ(model->format, graph::Format::OpenVinoIr);
  EXPECT_EQ(model->format_version, 11);
  EXPECT_EQ(model->layout, graph::Layout::ChannelsFirst);
  const graph::Subgraph& main = model->subgraphs.at(0);
  ASSERT_EQ(main.operators.size(), 1u);
  EXPECT_EQ(main.operators[0].source_kind, "opset1:MatMul");
  EXPECT_EQ(main.operators[0].version, 1);
  EXPECT_FALSE(main.operators[0].custom);
  EXPECT_THAT(main.operators[0].inputs, ElementsAre(0, 1));
  EXPECT_THAT(main.inputs, ElementsAre(0));
  EXPECT_THAT(main.outputs, ElementsAre(2));
  EXPECT_TRUE(main.tensors[1].constant);
  EXPECT_EQ(main.tensors[1].data.data(), zeros().data());
  EXPECT_EQ(main.tensors[1].data.size(), 128u);
  expect_every_byte_owned(*model);
  EXPECT_EQ(graph::totals(model->extents)[0].bytes, 128u);
}

TEST(Reader, NamesTheBytesOfLayers) {
  const std::string text = weighted("MatMul", "", {1, 8}, {8, 4}, {1, 4});
  const auto model = read_text(text, 200);
  ASSERT_TRUE(model) << model.error().message();
  std::string layer;
  std::uint64_t unused = 0;
  for (const graph::Extent& extent : model->extents) {
    if (extent.file == 0 && extent.op == 0) layer = text.substr(extent.offset, extent.size);
    if (extent.file == 1 && extent.owner == graph::Extent::Owner::Padding) unused += extent.size;
  }
  EXPECT_TRUE(layer.starts_with("<layer id=\"2\"")) << layer;
  EXPECT_TRUE(layer.ends_with("</layer>\n")) << layer;
  EXPECT_EQ(unused, 72u);
}

TEST(Reader, ReadsDynamicShapes) {
  const std::string text =
      net(parameter(0, "1..10,?,3..,4", {-1, -1, -1, 4}) + parameter(1, "...", {}) +
              layer(2, "Abs", "<input>" + port(0, {}) + "</input><output>" + port(1, {}) + "</output>") +
              result(3, {}) + result(4, {}) + parameter(5, "", {}),
          edge(1, 0, 2, 0) + edge(2, 1, 3, 0) + edge(5, 0, 4, 0));
  const auto model = read_text(text);
  ASSERT_TRUE(model) << model.error().message();
  const auto& tensors = model->subgraphs[0].tensors;
  EXPECT_EQ(tensors[0].shape.text(), "?x?x?x4");
  EXPECT_EQ(tensors[1].shape.text(), "unknown");
  EXPECT_EQ(tensors[2].shape.text(), "unknown") << "behind an open rank the rank is open";
  EXPECT_EQ(tensors[3].shape.text(), "scalar");
}

TEST(Reader, TellsDepthwiseFromGroupConvolutions) {
  const std::string data =
      "<data strides=\"1, 1\" pads_begin=\"1, 1\" pads_end=\"1, 1\" dilations=\"1, 1\" auto_pad=\"explicit\"/>";
  for (const auto& [channels, kind] :
       {std::pair(1, graph::Kind::DepthwiseConvolution), std::pair(2, graph::Kind::GroupConvolution)}) {
    const std::string text =
        weighted("GroupConvolution", data, {1, 4 * channels, 8, 8}, {4, 1, channels, 3, 3}, {1, 4, 8, 8});
    const auto model = read_text(text);
    ASSERT_TRUE(model) << model.error().message();
    const graph::Operator& op = model->subgraphs[0].operators[0];
    EXPECT_EQ(op.kind, kind);
    EXPECT_EQ(graph::get<std::int64_t>(op.attributes, graph::attr::groups), 4);
    EXPECT_THAT(graph::get<std::vector<std::int64_t>>(op.attributes, graph::attr::pads_begin), ElementsAre(1, 1));
  }
}

TEST(Reader, KeepsUnknownAndCustomLayers) {
  const std::string text = single("Teleport", "<data speed=\"3\"/>", {2}, {2}, "extension");
  const auto model = read_text(text);
  ASSERT_TRUE(model) << model.error().message();
  const graph::Operator& op = model->subgraphs[0].operators[0];
  EXPECT_EQ(op.kind, graph::Kind::Unknown);
  EXPECT_EQ(op.source_kind, "extension:Teleport");
  EXPECT_TRUE(op.custom);
  EXPECT_EQ(graph::get<std::int64_t>(op.attributes, "speed"), 3);
}

TEST(Reader, KeepsBodiesAsSubgraphs) {
  const std::string body =
      "<layers>" + parameter(0, "2", {2}) +
      layer(1, "ReLU", "<input>" + port(0, {2}) + "</input><output>" + port(1, {2}) + "</output>") + result(2, {2}) +
      "</layers><edges>" + edge(0, 0, 1, 0) + edge(1, 1, 2, 0) + "</edges>";
  const std::string text =
      single("If",
             "<then_port_map><input external_port_id=\"0\" internal_layer_id=\"0\"/></then_port_map><then_body>" +
                 body + "</then_body><else_body>" + body + "</else_body>",
             {2}, {2}, "opset8");
  const auto model = read_text(text);
  ASSERT_TRUE(model) << model.error().message();
  ASSERT_EQ(model->subgraphs.size(), 3u);
  const graph::Operator& op = model->subgraphs[0].operators[0];
  EXPECT_THAT(graph::get<std::vector<std::int64_t>>(op.attributes, graph::attr::subgraph), ElementsAre(1, 2));
  EXPECT_THAT(graph::get<std::vector<std::string>>(op.attributes, "then_port_map"),
              ElementsAre("input external_port_id=0 internal_layer_id=0"));
  EXPECT_EQ(model->subgraphs[1].name, "If1/then_body");
  EXPECT_EQ(model->subgraphs[2].operators.at(0).kind, graph::Kind::Relu);
  expect_every_byte_owned(*model);
}

TEST(Reader, KeepsMetadata) {
  const std::string text = net(
      parameter(0, "1", {1}) + result(1, {1}), edge(0, 0, 1, 0),
      "<rt_info><Runtime_version value=\"2026.4\"/><conversion><framework value=\"onnx\"/></conversion><long value=\"" +
          std::string(300, 'x') + "\"/><words>some text</words></rt_info>");
  const auto model = read_text(text);
  ASSERT_TRUE(model) << model.error().message();
  EXPECT_EQ(model->producer, "OpenVINO 2026.4");
  ASSERT_EQ(model->metadata.size(), 4u);
  EXPECT_EQ(model->metadata[1].key, "conversion.framework");
  EXPECT_EQ(model->metadata[1].value, "onnx");
  EXPECT_EQ(model->metadata[2].value, "");
  EXPECT_EQ(model->metadata[2].bytes, 300u);
  EXPECT_EQ(model->metadata[3].value, "some text");
  EXPECT_GT(graph::totals(model->extents)[static_cast<int>(graph::Extent::Owner::Metadata)].bytes, 400u);
}

TEST(Reader, RepeatsNoLongNames) {
  const std::string key(200, 'k'), name(100000, 'n');
  std::string ports;
  for (int i = 0; i < 1000; ++i) ports += port(i, {1});
  const std::string text =
      net("<layer id=\"0\" name=\"" + name + "\" type=\"Split\"><output>" + ports + "</output></layer>", "",
          "<rt_info><" + key + "><" + key + "><a value=\"1\"/></" + key + "></" + key + "></rt_info>");
  const auto model = read_text(text);
  ASSERT_TRUE(model) << model.error().message();
  EXPECT_EQ(model->subgraphs[0].tensors.at(999).name, std::string(256, 'n') + ".999");
  EXPECT_EQ(model->subgraphs[0].operators[0].name, name);
  EXPECT_TRUE(model->metadata.empty());
}

TEST(Reader, TakesTheFirstNameOfATensor) {
  const std::string text = net(layer(0, "Parameter",
                                     "<data shape=\"1\" element_type=\"u8\"/><output>" +
                                         port(0, {1}, "precision=\"U8\" names=\"a\\,b,c\"") + "</output>") +
                                   result(1, {1}),
                               edge(0, 0, 1, 0));
  const auto model = read_text(text);
  ASSERT_TRUE(model) << model.error().message();
  EXPECT_EQ(model->subgraphs[0].tensors[0].name, "a,b");
  EXPECT_EQ(model->subgraphs[0].tensors[0].type, graph::ElementType::UInt8);
}

TEST(Reader, ReadsConstantsBelowAByteAndOfStrings) {
  const std::string text = net(constant(0, "u4", "3,5", 0, 8, {3, 5}) + constant(1, "string", "2", 8, 20, {2}) +
                                   constant(2, "f32", "1", 28, 40, {1}),
                               "");
  const auto model = read_text(text);
  ASSERT_TRUE(model) << model.error().message();
  const auto& tensors = model->subgraphs[0].tensors;
  EXPECT_EQ(tensors[0].type, graph::ElementType::UInt4);
  EXPECT_EQ(tensors[0].data.size(), 8u);
  EXPECT_EQ(tensors[1].encoding, graph::Encoding::Strings);
  EXPECT_EQ(tensors[2].data.size(), 4u) << "a longer part of the file than the shape needs is cut";
}

struct Refused {
  const char* name;
  std::string text;
  const char* message;
};

class Refusals : public ::testing::TestWithParam<Refused> {};

TEST_P(Refusals, NameWhatIsWrong) {
  const auto model = read_text(GetParam().text, 256);
  ASSERT_FALSE(model);
  EXPECT_THAT(model.error().message(), HasSubstr(GetParam().message));
  EXPECT_EQ(model.error().fault, base::Fault::input);
}

INSTANTIATE_TEST_SUITE_P(
    Reader, Refusals,
    ::testing::Values(
        Refused{"OldVersion", net("", "", "", "7"), "of version 7; versions 10 and 11 are read"},
        Refused{"NewVersion", net("", "", "", "12"), "of version 12"},
        Refused{"NoVersion", net("", "", "", "x"), "has the version `x`"},
        Refused{"NoLayers", "<net version=\"11\"/>", "has no <layers>"},
        Refused{"CutShort", net(parameter(0, "1", {1}), "").substr(0, 150), "is not well-formed XML"},
        Refused{"Doctype", "<!DOCTYPE net [<!ENTITY a \"b\">]>" + net("", ""), "declares a document type"},
        Refused{"TwoIds", net(parameter(0, "1", {1}) + parameter(0, "1", {1}), ""), "layer id 0 appears twice"},
        Refused{"NoSuchLayer", net(parameter(0, "1", {1}), edge(0, 0, 9, 0)), "names no layer's port"},
        Refused{"NoSuchPort", net(parameter(0, "1", {1}) + result(1, {1}), edge(0, 5, 1, 0)),
                "comes from output port 5"},
        Refused{"NoSuchInput", net(parameter(0, "1", {1}) + result(1, {1}), edge(0, 0, 1, 5)), "leads to input port 5"},
        Refused{"TwoEdges", net(parameter(0, "1", {1}) + result(1, {1}), edge(0, 0, 1, 0) + edge(0, 0, 1, 0)),
                "has a second edge"},
        Refused{"NoEdge", net(parameter(0, "1", {1}) + result(1, {1}), ""),
                "no edge leads to input port 0 (in `Result1`)"},
        Refused{"BadShape", net(parameter(0, "1,x", {1}), ""), "`1,x` is not a shape"},
        Refused{"BadDim", net(parameter(0, "1", {-7}), ""), "`-7` is not a dimension"},
        Refused{"BadAttribute", single("SoftMax", "<data axis=\"one\"/>", {1}, {1}),
                "attribute axis has the value `one`"},
        Refused{"OutsideTheBin", net(constant(0, "f32", "1024", 0, 4096, {1024}), ""),
                "net.bin: at byte 0: 4096 bytes of weights end outside"},
        Refused{"HugeOffset",
                net(layer(0, "Const",
                          "<data element_type=\"u8\" shape=\"4\" offset=\"18446744073709551615\" size=\"4\"/><output>" +
                              port(0, {4}) + "</output>"),
                    ""),
                "end outside the file"},
        Refused{"TooFewBytes", net(constant(0, "f32", "4", 0, 8, {4}), ""), "takes 16 bytes, the file has 8"},
        Refused{"DynamicConstant", net(constant(0, "f32", "?", 0, 8, {-1}), ""), "a constant has a dynamic shape"},
        Refused{"Cycle",
                net(layer(0, "Abs", "<input>" + port(0, {1}) + "</input><output>" + port(1, {1}) + "</output>"),
                    edge(0, 1, 0, 0)),
                "cycle"}),
    [](const auto& test) { return test.param.name; });

TEST(Reader, NeedsTheBinOnlyForConstants) {
  const std::string without = net(parameter(0, "1", {1}) + result(1, {1}), edge(0, 0, 1, 0));
  EXPECT_TRUE(read(text_file(without, "/nowhere/net.xml")));
  const std::string with = weighted("MatMul", "", {1, 8}, {8, 4}, {1, 4});
  const auto missing = read(text_file(with, "/nowhere/net.xml"));
  ASSERT_FALSE(missing);
  EXPECT_THAT(missing.error().message(), HasSubstr("/nowhere/net.bin"));
  EXPECT_THAT(missing.error().message(), HasSubstr("the weights are missing (in `Const1`)"));
  EXPECT_THAT(missing.error().remedy, HasSubstr("beside the .xml"));
}

// Networks that OpenVINO itself wrote (tests/data/openvino/make.py).
base::Result<graph::Model> sample(const std::string& name) {
  const auto file = base::MappedFile::open(std::string(EDGESCOPE_SOURCE_DIR "/tests/data/openvino/") + name + ".xml");
  EXPECT_TRUE(file);
  auto model = read(*file);
  EXPECT_TRUE(model) << model.error().message();
  expect_every_byte_owned(*model);
  return model;
}

TEST(Samples, ControlFlow) {
  const auto loop = sample("loop");
  ASSERT_EQ(loop->subgraphs.size(), 2u);
  EXPECT_EQ(loop->subgraphs[0].operators.at(0).kind, graph::Kind::Loop);
  EXPECT_THAT(loop->subgraphs[0].operators[0].inputs, ElementsAre(2, 3, 0, 1))
      << "in the order of the ports, not of the edges";
  EXPECT_THAT(graph::get<std::vector<std::string>>(loop->subgraphs[0].operators[0].attributes, "back_edges"),
              ElementsAre("edge from-layer=5 to-layer=2"));
  EXPECT_EQ(loop->subgraphs[1].inputs.size(), 3u);
  const auto condition = sample("if");
  ASSERT_EQ(condition->subgraphs.size(), 3u);
  EXPECT_EQ(condition->subgraphs[1].operators.at(0).kind, graph::Kind::Relu) << "then comes first";
  EXPECT_EQ(condition->subgraphs[2].operators.at(0).kind, graph::Kind::Logistic);
  EXPECT_EQ(sample("tensor_iterator")->subgraphs.at(1).operators.size(), 1u);
}

TEST(Samples, StateAndDynamicShapes) {
  const auto state = sample("state");
  const graph::Subgraph& main = state->subgraphs[0];
  EXPECT_EQ(main.tensors[main.inputs[0]].name, "x");
  EXPECT_EQ(main.tensors[main.inputs[0]].shape.text(), "?x?x?");
  EXPECT_EQ(main.operators.at(0).kind, graph::Kind::ReadVariable);
  EXPECT_TRUE(main.tensors[main.operators[0].outputs[0]].variable);
  EXPECT_EQ(main.operators.at(2).kind, graph::Kind::AssignVariable);
  const auto rank = sample("dynamic_rank");
  for (const graph::Tensor& tensor : rank->subgraphs[0].tensors) EXPECT_FALSE(tensor.shape.known);
}

TEST(Samples, ElementTypes) {
  const auto types = sample("types");
  int constants = 0;
  for (const graph::Tensor& tensor : types->subgraphs[0].tensors) {
    constants += tensor.constant;
    EXPECT_NE(tensor.type, graph::ElementType::Unknown) << tensor.name;
    EXPECT_EQ(tensor.data.size(), graph::packed_bytes(tensor.type, 15)) << tensor.name;
  }
  EXPECT_EQ(constants, 16);
}

TEST(Samples, Quantized) {
  const auto model = sample("quantized");
  std::vector<graph::Kind> kinds;
  for (const graph::Operator& op : model->subgraphs[0].operators) kinds.push_back(op.kind);
  EXPECT_THAT(kinds, ::testing::IsSupersetOf({graph::Kind::DepthwiseConvolution, graph::Kind::Convolution,
                                              graph::Kind::Clamp, graph::Kind::FakeQuantize, graph::Kind::ReduceMean}));
  for (const graph::Operator& op : model->subgraphs[0].operators)
    if (op.kind == graph::Kind::DepthwiseConvolution) {
      EXPECT_EQ(graph::get<std::string>(op.attributes, graph::attr::padding), "same");
      EXPECT_EQ(graph::get<std::int64_t>(op.attributes, graph::attr::groups), 3);
    }
}

TEST(Reader, ReadsTheReferenceNetworks) {
  EDGESCOPE_REFERENCE_OR_SKIP(folder, "ncs2/nets");
  int read_networks = 0;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() != ".xml") continue;
    const auto file = base::MappedFile::open(entry.path().string());
    ASSERT_TRUE(file);
    EXPECT_TRUE(recognised(file->bytes()));
    const auto model = read(*file);
    ASSERT_TRUE(model) << model.error().message();
    EXPECT_EQ(model->format_version, 10);
    for (const graph::Operator& op : model->subgraphs[0].operators)
      EXPECT_NE(op.kind, graph::Kind::Unknown) << op.source_kind << " in " << entry.path();
    expect_every_byte_owned(*model);
    ++read_networks;
  }
  EXPECT_EQ(read_networks, 396);
}

}  // namespace
}  // namespace edgescope::format::openvino
