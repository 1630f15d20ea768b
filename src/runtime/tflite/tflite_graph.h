// One model in one interpreter of TensorFlow Lite, alone or with a delegate that takes some of its operators.
//
// Delegates do not say which operators they take, and where one takes none, the built-in kernels run all of
// them without a word. So the delegate's preparation is watched: operators that it takes leave the execution
// plan, and the nodes that stand for them have higher numbers than all there were.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "runtime/session.h"
#include "runtime/tflite/tflite_api.h"

namespace edgescope::runtime::tflite {

class Graph {
 public:
  explicit Graph(const Api& api) : api_(api) {}
  Graph(const Graph&) = delete;  // the interpreter reports to this object
  Graph& operator=(const Graph&) = delete;

  bool read(const std::string& path);

  struct Preparation {
    int threads = 1;
    Delegate* delegate = nullptr;             // nobody else's: its preparation is watched
    std::vector<std::string> stand_ins = {};  // custom operators that do nothing
  };
  // False where the interpreter cannot be made or its tensors not be allocated: said() tells. May be tried again.
  bool prepare(const Preparation& preparation);
  bool invoke();

  std::span<std::byte> input(std::size_t index);
  std::span<const std::byte> output(std::size_t index) const;
  std::vector<Port> inputs() const;
  std::vector<Port> outputs() const;

  bool prepared() const { return interpreter_ != nullptr; }
  int operators() const { return operators_; }  // of the graph, where a delegate was given
  int taken() const { return taken_; }          // by the delegate
  const std::string& said() const {
    return said_;
  }  // the runtime's own words, kept apart from what other libraries print

 private:
  static void report(void* graph, const char* format, va_list arguments);
  Port port(const Tensor* tensor) const;

  Api api_;
  std::string said_;
  Model* model_ = nullptr;  // never freed: a worker ends with its model
  Interpreter* interpreter_ = nullptr;
  int operators_ = 0, taken_ = 0;
};

}  // namespace edgescope::runtime::tflite
