// The exact program of a forest: whole numbers only, so that no device loses anything.
//
// Three matrix products with clamps between them, whatever the number of trees:
//   1. each node of each piece (pieces.h) compares one cell with its rank: +1 or -1;
//   2. each exit of a piece adds up the sides that lead to it: only at the one that all lead to, the sum is +1;
//   3. the number of that exit.
// The second and third matrix are the same for all pieces, so they are stored once. Sums before a clamp lie far
// from where it acts, and the exit's number stands in the upper bits of its byte: a device that rounds otherwise
// than another answers the same. These are small numbers, which 8 bits and half precision hold.
//
// CPUs have look-ups too, and many rows and pieces are faster by them (traversal.h).
//
// Before the device an Encoder, after it a Decoder.
#pragma once

#include "base/error.h"
#include "forest/pieces.h"
#include "graph/model.h"

namespace edgescope::forest {

// What the program is made of. All give the same answers.
enum class ExactForm : std::uint8_t {
  FullyConnected,  // int8, TFLite: for CPUs
  Convolution,     // int8, TFLite: 1x1 convolutions with rows and blocks as a picture, for the Edge TPU, whose 16
                   // tiles all take part in a wide one
  Matmul,          // float: ONNX and OpenVINO on CPUs
  Traversal,       // 32-bit integers, look-ups instead of products: the same, for more rows
  HalfConvolution  // half precision, OpenVINO: 1x1 convolutions with pieces and rows as height and width, for the NCS2
};

struct ExactPlan {
  ExactForm form = ExactForm::FullyConnected;
  graph::Format format = graph::Format::TfLite;
  int batch = 1;
  int height = 0;  // of the pieces, 1 to 6, of Traversal to 10; 0: what is best for the form

  bool quantised() const { return form == ExactForm::FullyConnected || form == ExactForm::Convolution; }
  bool integers() const { return form == ExactForm::Traversal; }  // 32-bit ones; else, if not quantised, floats
};

// Where a row and a column, or a row and a piece, stand in the program's tensors: for Encoder and Decoder.
struct Strides {
  std::size_t row = 1, column = 1;  // of the input
  std::size_t answer_row = 1, answer_piece = 1;
};

struct ExactProgram {
  graph::Model model;
  Encoder::Tables encoder;
  Decoder::Tables decoder;
  Strides strides;
  ExactPlan plan;
  std::size_t input_cells = 0, output_cells = 0;  // elements of the two tensors
  int pieces = 0;

  std::size_t cell_bytes() const { return plan.quantised() ? 1 : sizeof(float); }
};

// What a program will have, without building it.
struct ExactSize {
  int columns = 0, height = 0, pieces = 0;
  double results_per_row = 0, macs_per_row = 0;  // of all three products; look-ups of Traversal are results
};
ExactSize exact_size(const Ensemble& ensemble, const ExactPlan& plan);

// The form for a device, or for a CPU that reads `format`: there by what was measured with OpenVINO.
ExactForm exact_form(const Ensemble& ensemble, bool edgetpu, bool ncs2, graph::Format format, int batch);

// A valid ensemble.
base::Result<ExactProgram> exact_program(const Ensemble& ensemble, const ExactPlan& plan);

}  // namespace edgescope::forest
