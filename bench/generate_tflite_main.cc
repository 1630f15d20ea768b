// generate_tflite OUT.tflite [--operators N] [--bytes N] [--interleaved]
#include <CLI/CLI.hpp>
#include <iostream>

#include "generate_tflite.h"

int main(int argc, char** argv) {
  using namespace edgescope;
  CLI::App app("Writes a generated TFLite model");
  std::string path;
  bench::TfLiteShape shape;
  bool interleaved = false;
  app.add_option("path", path, "the file to write")->required();
  app.add_option("--operators", shape.operators, "number of operators");
  app.add_option("--bytes", shape.bytes, "bytes of weights");
  app.add_flag("--interleaved", interleaved, "each operator's tables beside its weights");
  CLI11_PARSE(app, argc, argv);
  if (interleaved) shape.order = bench::Order::Interleaved;
  const auto status = bench::generate_tflite(path, shape);
  if (status) return 0;
  std::cerr << "generate_tflite: " << status.error().message() << "\n";
  return base::exit_code(status.error().fault);
}
