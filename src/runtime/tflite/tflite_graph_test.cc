// Without vendor code: an interpreter made of a few functions, whose delegate takes one of two operators.
#include "runtime/tflite/tflite_graph.h"

#include <gtest/gtest.h>

namespace edgescope::runtime::tflite {
namespace {

struct FakeArray {
  int size;
  int data[2];
};
FakeArray plan;
Delegate* added;
std::vector<std::string> custom;
bool allocates;

Status get_plan(Context*, IntArray** result) {
  *result = reinterpret_cast<IntArray*>(&plan);
  return 0;
}
// The second of two operators becomes node 2.
Status take_one(Context*, Delegate*) {
  plan = {2, {0, 2}};
  return 0;
}

Api fake_api() {
  Api api{};
  api.ModelCreateFromFile = [](const char* path) {
    return std::string_view(path) == "absent" ? nullptr : reinterpret_cast<Model*>(1);
  };
  api.InterpreterOptionsCreate = []() { return reinterpret_cast<Options*>(1); };
  api.InterpreterOptionsSetNumThreads = [](Options*, std::int32_t) {};
  api.InterpreterOptionsSetErrorReporter = [](Options*, void (*)(void*, const char*, va_list), void*) {};
  api.InterpreterOptionsAddDelegate = [](Options*, Delegate* delegate) { added = delegate; };
  api.InterpreterOptionsAddCustomOp = [](Options*, const char* name, const Registration* registration, std::int32_t,
                                         std::int32_t) {
    if (registration->invoke(nullptr, nullptr) == 0) custom.emplace_back(name);
  };
  api.InterpreterCreate = [](const Model*, const Options*) {
    Context context{.tensors_size = 0, .GetExecutionPlan = get_plan};
    plan = {2, {0, 1}};
    if (added) added->Prepare(&context, added);
    return reinterpret_cast<Interpreter*>(1);
  };
  api.InterpreterAllocateTensors = [](Interpreter*) { return allocates ? 0 : 1; };
  api.InterpreterDelete = [](Interpreter*) {};
  api.InterpreterInvoke = [](Interpreter*) { return 0; };
  return api;
}

TEST(TfLiteGraph, CountsWhatADelegateTakes) {
  added = nullptr;
  allocates = true;
  Graph graph(fake_api());
  EXPECT_FALSE(graph.read("absent"));
  EXPECT_TRUE(graph.read("m"));
  Delegate delegate{.data = nullptr, .Prepare = take_one};
  ASSERT_TRUE(graph.prepare({.delegate = &delegate}));
  EXPECT_EQ(graph.operators(), 2);
  EXPECT_EQ(graph.taken(), 1);
  ASSERT_TRUE(graph.prepare({.delegate = &delegate})) << "prepared again";
  EXPECT_EQ(graph.taken(), 1);
  EXPECT_TRUE(graph.invoke());
}

TEST(TfLiteGraph, StandInsAreRegisteredAndFailuresLeaveNothingPrepared) {
  added = nullptr;
  allocates = false;
  custom.clear();
  Graph graph(fake_api());
  EXPECT_TRUE(graph.read("m"));
  EXPECT_FALSE(graph.prepare({.stand_ins = {"PosenetDecoderOp"}}));
  EXPECT_EQ(custom, std::vector<std::string>{"PosenetDecoderOp"});
  EXPECT_FALSE(graph.prepared());
}

}  // namespace
}  // namespace edgescope::runtime::tflite
