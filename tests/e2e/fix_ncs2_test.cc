// What `edgescope fix` does about stages that the NCS2's compiler adds, asked of the vendor's compiler.
#include <algorithm>
#include <filesystem>

#include "e2e/fix.h"
#include "support/reference.h"

namespace edgescope::testing_support {
namespace {

class FixNcs2 : public Fix {
 protected:
  Json fix_with(std::vector<std::string> more) {
    more.insert(more.begin(), {"fix", file("m.xml"), "--target", "ncs2", "-o", file("n.xml"), "--format", "json"});
    const Finished done = run(edgescope_program(), more, {.limit_seconds = 100});
    EXPECT_EQ(done.exit, 0) << done.err << done.out;
    return Json::parse(done.out, nullptr, false);
  }
};

TEST_F(FixNcs2, EndsOfSixteenBitsOnlyWhereTheyAreAskedFor) {
  NEEDS("openvino:CPU");
  Builder b(Format::OpenVinoIr);
  b.output(b.add(Kind::Relu, {b.input("x", ElementType::Float32, {1, 8, 4, 4})}), "y");
  write(std::move(b), file("m.xml"));
  EXPECT_TRUE(fix_with({})["rewrites"].empty()) << "another interface";
  const Json document = fix_with({"--only", "half-ends"});
  ASSERT_EQ(document["rewrites"].size(), 1u) << document.dump(1);
  const Json& rewrite = document["rewrites"][0];
  EXPECT_EQ(rewrite["equivalence"], "approximate");
  EXPECT_EQ(rewrite["before"]["added_stages"], 2);
  EXPECT_EQ(rewrite["after"]["added_stages"], 0);
  EXPECT_EQ(rewrite["proof"]["different"], 0) << "a ReLU of halves";
  const auto model = format::read_model(file("n.xml"));
  ASSERT_TRUE(model) << model.error().message();
  const graph::Subgraph& graph = model->subgraphs[0];
  EXPECT_EQ(graph.tensors[static_cast<std::size_t>(graph.inputs[0])].type, ElementType::Float16);
  EXPECT_EQ(graph.tensors[static_cast<std::size_t>(graph.outputs[0])].type, ElementType::Float16);
  NEEDS("ncs2:virtual");
  EXPECT_EQ(rewrite["stages"], Json::array({3, 1})) << "the plugin's own";
  EXPECT_EQ(document["vendor"]["after"]["stages"], 1);
  // A blob keeps what it was compiled for; the network may be the one of 32-bit floats.
  const Finished compiled = run(edgescope_program(), {"compile", file("m.xml"), "--target", "ncs2", "--half-ends", "-o",
                                                      file("m.blob"), "--format", "json"});
  ASSERT_EQ(compiled.exit, 0) << compiled.err;
  EXPECT_EQ(Json::parse(compiled.out, nullptr, false)["myriad"]["stages"].size(), 1u);
}

TEST_F(FixNcs2, RowsOfAFullyConnectedLayerBecomeOneStage) {
  NEEDS("openvino:CPU");
  Builder b(Format::OpenVinoIr);
  int x = b.input("x", ElementType::Float32, {16, 8});
  for (const char* layer : {"first", "second"}) {
    std::vector<float> weights(64);
    for (std::size_t i = 0; i < weights.size(); ++i) weights[i] = static_cast<float>(i * 7 % 13) / 13 - 0.4f;
    x = b.add(Kind::Matmul, {x, b.constant<float>(layer, {8, 8}, weights)});
    x = b.add(Kind::Add, {x, b.constant<float>(std::string(layer) + "_bias", {8}, std::vector<float>(8, 0.5f))});
    x = b.add(Kind::Relu, {x});
  }
  b.output(x, "y");
  write(std::move(b), file("m.xml"));
  const Json document = fix_with({});
  std::set<std::string> ids;
  for (const Json& rewrite : document["rewrites"]) ids.insert(rewrite["id"].get<std::string>());
  EXPECT_TRUE(ids.contains("rows-to-width")) << document.dump(1);
  EXPECT_TRUE(ids.contains("sandwich")) << "what moves data between the two layers goes";
  EXPECT_LT(document["after"]["added_stages"], document["before"]["added_stages"]);
  NEEDS("ncs2:virtual");
  EXPECT_LT(document["vendor"]["after"]["stages"], document["vendor"]["before"]["stages"]) << document.dump(1);
  EXPECT_LE(document["vendor"]["after"]["stages"], 6) << "two conversions, two permutations, two layers";
}

// Of all networks of one operator every seventh: all take minutes.
TEST_F(FixNcs2, WhatTheCompilerTakesItTakesAfterwards) {
  NEEDS("ie2021:CPU");
  NEEDS("ncs2:virtual");
  EDGESCOPE_REFERENCE_OR_SKIP(networks, "ncs2/nets");
  std::vector<std::filesystem::path> all;
  for (const auto& entry : std::filesystem::directory_iterator(networks))
    if (entry.path().extension() == ".xml") all.push_back(entry.path());
  std::sort(all.begin(), all.end());
  int taken = 0, mended = 0;
  for (std::size_t i = 0; i < all.size(); i += 7) {
    const Finished done =
        run(edgescope_program(), {"fix", all[i].string(), "--target", "ncs2", "-o", file("n.xml"), "--format", "json"},
            {.limit_seconds = 100});
    const Json document = Json::parse(done.out, nullptr, false);
    if (!document.is_object() || !document["vendor"].is_object()) continue;
    const Json &before = document["vendor"]["before"], &after = document["vendor"]["after"];
    taken += before["verdict"] == "compiles";
    mended += before["verdict"] == "fails" && after["verdict"] == "compiles";
    if (before["verdict"] != "compiles") continue;
    EXPECT_EQ(after["verdict"], "compiles") << all[i] << document["rewrites"];
  }
  EXPECT_GT(taken, 0);
  EXPECT_GT(mended, 0);
}

}  // namespace
}  // namespace edgescope::testing_support
