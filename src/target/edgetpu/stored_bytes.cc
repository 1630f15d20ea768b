#include "target/edgetpu/stored_bytes.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace edgescope::target::edgetpu {
namespace {

using graph::Kind;
using graph::Operator;
using graph::Subgraph;
using graph::Tensor;

constexpr std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }
constexpr std::int64_t align(std::int64_t value, std::int64_t to) { return ceil_div(value, to) * to; }

// Matrices that the compiler makes grow with activations, whose shapes nothing bounds: beyond this many rows
// no compiler goes along, and the arithmetic would leave its range. The same for constants whose shape says
// more than their data (sparse ones, those with an empty dimension).
constexpr std::int64_t kMostRows = 1 << 24;
constexpr std::int64_t kMostElements = 1 << 30;

bool countable(const Tensor& tensor) {
  std::int64_t product = 1;
  for (std::int64_t dim : tensor.shape.dims) {
    if (dim < 0 || dim > kMostElements) return false;
    product *= std::max<std::int64_t>(dim, 1);
    if (product > kMostElements) return false;
  }
  return tensor.shape.known;
}

// Bytes that one row of up to 64 output channels takes in the file.
std::int64_t row_bytes(std::int64_t outputs) { return align(4 * align(std::min<std::int64_t>(outputs, 64), 4), 64); }

class Layers {
 public:
  Layers(const Subgraph& graph, int op, Compiler compiler, std::vector<std::string>& not_predicted)
      : graph_(graph),
        index_(op),
        op_(graph.operators[static_cast<std::size_t>(op)]),
        compiler_(compiler),
        open_(not_predicted) {}

  std::vector<StoredLayer> all() {
    switch (op_.kind) {
      case Kind::Convolution:
        dense(input(0), input(1), input(2), spatial_output() ? Form::Convolution : Form::FullyConnected);
        break;
      case Kind::TransposedConvolution:
        dense(input(2), input(1), input(3), Form::Convolution);
        if (!layers_.empty())
          layers_.back().assumption = "a transposed convolution is taken to be stored like a convolution";
        break;
      case Kind::DepthwiseConvolution:
        depthwise();
        break;
      case Kind::FullyConnected:
        fully_connected();
        break;
      case Kind::Softmax:
        softmax();
        break;
      case Kind::Reshape:
        permutation();
        break;
      case Kind::Concatenation:
      case Kind::Pack:
        concatenation();
        break;
      case Kind::Add:
      case Kind::Subtract:
      case Kind::Multiply:
      case Kind::Divide:
      case Kind::Maximum:
      case Kind::Minimum:
      case Kind::SquaredDifference:
        elementwise();
        break;
      case Kind::Prelu:
        prelu();
        break;
      case Kind::Lstm:
      case Kind::LstmSequence:
        open("LSTM layers are known not to follow the law");
        break;
      default:
        break;
    }
    return std::move(layers_);
  }

 private:
  const Tensor* input(std::size_t i) const {
    if (i >= op_.inputs.size() || op_.inputs[i] < 0) return nullptr;
    return &graph_.tensors[static_cast<std::size_t>(op_.inputs[i])];
  }
  const Tensor* output() const {
    return op_.outputs.empty() || op_.outputs[0] < 0 ? nullptr
                                                     : &graph_.tensors[static_cast<std::size_t>(op_.outputs[0])];
  }
  static std::int64_t dim(const Tensor* tensor, int from_end) {
    const auto& dims = tensor->shape.dims;
    return static_cast<int>(dims.size()) < from_end ? 1 : dims[dims.size() - static_cast<std::size_t>(from_end)];
  }
  bool spatial_output() const { return output() && (dim(output(), 2) != 1 || dim(output(), 3) != 1); }
  static bool scalar(const Tensor& tensor) { return tensor.shape.elements().value_or(2) == 1; }

  void open(std::string why) {
    open_.push_back(fmt::format("operator {} ({}): {}", index_, graph::kind_name(op_.kind), why));
  }

  StoredLayer& add(Form form, std::uint64_t source, std::int64_t stored, std::int64_t blocks,
                   std::int64_t rows_per_block) {
    layers_.push_back({.op = index_,
                       .kind = op_.kind,
                       .name = output() ? output()->name : "",
                       .form = form,
                       .source_bytes = source,
                       .stored_bytes = static_cast<std::uint64_t>(stored),
                       .blocks = static_cast<int>(blocks),
                       .rows_per_block = static_cast<int>(rows_per_block)});
    return layers_.back();
  }

  // Per tensor: one row of biases if there are any. Per channel: one row of multipliers, one more where
  // the scales differ, one of biases where one is not zero.
  static std::int64_t header_rows(const Tensor& weights, const Tensor* bias) {
    const auto& quantization = weights.quantization;
    if (!quantization || quantization->scales.size() <= 1) return bias ? 1 : 0;
    const auto& scales = quantization->scales;
    std::int64_t rows = 1;
    if (std::any_of(scales.begin(), scales.end(), [&](float scale) { return scale != scales[0]; })) ++rows;
    if (bias && std::any_of(bias->data.begin(), bias->data.end(), [](std::byte b) { return b != std::byte{0}; }))
      ++rows;
    return rows;
  }

  static std::uint64_t bytes_of(const Tensor* weights, const Tensor* bias) {
    return weights->data.size() + (bias ? bias->data.size() : 0);
  }

  void dense(const Tensor* in, const Tensor* weights, const Tensor* bias, Form form) {
    if (!in || !weights || !weights->constant || weights->shape.dims.size() != 4) return;
    if (!countable(*weights)) return open("its filter is too large");
    const auto& w = weights->shape.dims;  // O, kh, kw, I
    const std::int64_t outputs = w[0], rows = w[1] * w[2] * ceil_div(w[3], 4), header = header_rows(*weights, bias);
    if (outputs <= 4) {
      const std::int64_t stored = align(16 * (rows + header), 64);
      add(form, bytes_of(weights, bias), stored, 1, ceil_div(stored, kBytesPerRow)).outputs = outputs;
      return;
    }
    const std::int64_t blocks = ceil_div(outputs, 64);
    StoredLayer& layer =
        add(form, bytes_of(weights, bias), blocks * (rows + header) * row_bytes(outputs), blocks, rows + header);
    layer.outputs = outputs;
    layer.header_rows = static_cast<int>(header);
  }

  void depthwise() {
    const Tensor *weights = input(1), *bias = input(2);
    if (!weights || !weights->constant || weights->shape.dims.size() != 4) return;
    if (!countable(*weights)) return open("its filter is too large");
    const auto& w = weights->shape.dims;  // 1, kh, kw, C
    const std::int64_t stored = align(4 * align(w[3], 4) * (w[1] * w[2] + header_rows(*weights, bias)), 64);
    add(Form::Depthwise, bytes_of(weights, bias), stored, 1, ceil_div(stored, kBytesPerRow));
  }

  void fully_connected() {
    const Tensor *in = input(0), *weights = input(1), *bias = input(2);
    if (!in || !weights) return;
    if (in->constant) {
      StoredLayer& layer =
          add(Form::Streamed, in->data.size(), align(static_cast<std::int64_t>(in->data.size()), 64), 1, 1);
      layer.assumption =
          "of the constants in activation positions of one model the first streams and the later ones are cached; "
          "which one streams is open";
      layer.why = "a constant in the activation position of a fully connected layer is sent at every inference";
    }
    if (!weights->constant || weights->shape.dims.size() != 2) return;
    if (!countable(*weights)) return open("its weights are too large");
    const std::int64_t outputs = weights->shape.dims[0], inputs = weights->shape.dims[1];
    std::int64_t rows = ceil_div(inputs, 4);
    const auto& shape = in->shape.dims;
    if (shape.size() == 4 && shape[0] == 1 && countable(*in) && shape[1] * shape[2] > 1 &&
        shape[1] * shape[2] * shape[3] == inputs)
      rows = shape[1] * shape[2] * ceil_div(shape[3], 4);
    const std::int64_t blocks = ceil_div(outputs, 64), header = header_rows(*weights, bias), total = rows + header;
    StoredLayer& layer =
        add(Form::FullyConnected, bytes_of(weights, bias), blocks * total * row_bytes(outputs), blocks, total);
    layer.outputs = outputs;
    layer.header_rows = static_cast<int>(header);
  }

  void softmax() {
    const Tensor* in = input(0);
    if (!in || !in->shape.is_static()) return;
    const std::int64_t n = dim(in, 1);
    const int matrices = compiler_ >= Compiler::V16 ? 3 : compiler_ >= Compiler::V14 ? 2 : 0;
    if (n % 4 == 0 || matrices == 0) return;
    if (n > kMostRows) return open("its softmax is too large to be stored");
    // Each is cached or streamed by itself: in models compiled together the last row alone finds room.
    const auto matrix = [&](std::int64_t rows) {
      StoredLayer& layer = add(Form::Hidden, 0, 64 * rows, 1, rows);
      if (compiler_ == Compiler::V14) layer.assumption = "two matrices, as in compiler 15: not seen for 14";
    };
    for (int i = 0; i < matrices; ++i) matrix(ceil_div(n, 4));
    if (n > 64) matrix(1);
  }

  // A flatten of H x W x C with C not a multiple of 4 moves every element: the compiler makes a matrix of
  // it. The network's own input is laid out by the host instead.
  void permutation() {
    const Tensor *in = input(0), *out = output();
    if (!in || !out || !in->shape.is_static() || in->shape.dims.size() != 4 || out->shape.dims.size() > 2) return;
    const std::int64_t h = in->shape.dims[1], w = in->shape.dims[2], c = in->shape.dims[3];
    if ((h == 1 && w == 1) || c % 4 == 0 || comes_from_input(op_.inputs[0])) return;
    if (!countable(*in) || ceil_div(h * w * c, 64) * (h * w * ceil_div(c, 4) + 1) > kMostRows)
      return open("the permutation matrix of its flatten is too large to be stored");
    const std::int64_t outputs = h * w * c, blocks = ceil_div(outputs, 64), rows = h * w * ceil_div(c, 4) + 1;
    add(Form::Hidden, 0, blocks * rows * row_bytes(outputs), blocks, rows).assumption =
        "the permutation matrix of a flatten is taken to be stored like a fully connected layer";
  }

  bool comes_from_input(int tensor) const {
    for (int steps = 0; steps < 8; ++steps) {
      if (std::find(graph_.inputs.begin(), graph_.inputs.end(), tensor) != graph_.inputs.end()) return true;
      const Operator* producer = nullptr;
      for (const Operator& op : graph_.operators)
        if (!op.outputs.empty() && op.outputs[0] == tensor) producer = &op;
      if (!producer || producer->kind != Kind::Quantize || producer->inputs.empty()) return false;
      tensor = producer->inputs[0];
    }
    return false;
  }

  bool splits_again() const {
    int source = -1;
    for (std::size_t op = 0; op < graph_.operators.size(); ++op) {
      if (graph_.operators[op].kind != Kind::Split) continue;
      const auto& made = graph_.operators[op].outputs;
      if (std::all_of(op_.inputs.begin(), op_.inputs.end(),
                      [&](int t) { return std::find(made.begin(), made.end(), t) != made.end(); }))
        source = static_cast<int>(op);
    }
    return source >= 0;
  }

  // Channels that do not start at a multiple of 4 are moved by an identity matrix.
  void concatenation() {
    const Tensor* out = output();
    if (!out || !out->shape.is_static()) return;
    std::int64_t rows = 0, outputs = 0;
    int runtime = 0;
    bool aligned = true;
    for (std::size_t i = 0; i < op_.inputs.size(); ++i) {
      const Tensor* part = input(i);
      if (!part || !part->shape.is_static()) return;
      const std::int64_t channels = part->shape.dims.empty() ? 1 : dim(part, 1);
      if (channels > kMostRows || outputs > kMostRows) return open("it joins too much for an identity matrix");
      outputs += channels;
      aligned = aligned && channels % 4 == 0;
      if (part->constant) {
        if (op_.kind == Kind::Pack) {
          StoredLayer& layer =
              add(Form::Streamed, part->data.size(), align(static_cast<std::int64_t>(part->data.size()), 64), 1, 1);
          layer.why = "a constant that is packed with results is sent at every inference";
        }
        continue;
      }
      ++runtime;
      rows += ceil_div(channels, 4);
    }
    if (aligned || runtime == 0) return;
    const auto axis = graph::get<std::int64_t>(op_.attributes, graph::attr::axis, -1);
    const auto rank = static_cast<std::int64_t>(out->shape.dims.size());
    const bool vectors = !spatial_output();
    if (op_.kind == Kind::Concatenation && axis != -1 && axis != rank - 1) return;
    if (splits_again()) return;
    const int header = vectors && runtime > 1 ? 1 : 0;  // a row of biases
    StoredLayer& layer = add(Form::Hidden, 0, (rows + header) * row_bytes(outputs), 1, rows + header);
    layer.header_rows = header;
    layer.assumption = "identity matrices of concatenations follow few examples";
  }

  void elementwise() {
    for (std::size_t i = 0; i < 2; ++i) {
      const Tensor* constant = input(i);
      if (!constant || !constant->constant || scalar(*constant) || !countable(*constant)) continue;
      const std::int64_t channels = dim(constant, 1), places = dim(constant, 2) * dim(constant, 3);
      const std::int64_t stored = places > 1 ? align(places * channels, 64) : align(16 * channels, 64);
      add(Form::Streamed, constant->data.size(), stored, 1, static_cast<int>(ceil_div(stored, kBytesPerRow))).why =
          "a constant operand of an element-wise operator is sent at every inference";
    }
  }

  void prelu() {
    const Tensor* slopes = input(1);
    if (!slopes || !slopes->constant || scalar(*slopes) || !countable(*slopes)) return;
    const std::int64_t stored = align(16 * dim(slopes, 1), 64);
    add(Form::Streamed, slopes->data.size(), stored, 1, static_cast<int>(ceil_div(stored, kBytesPerRow))).why =
        "slopes of a PReLU are sent at every inference";
  }

  const Subgraph& graph_;
  int index_;
  const Operator& op_;
  Compiler compiler_;
  std::vector<std::string>& open_;
  std::vector<StoredLayer> layers_;
};

}  // namespace

std::vector<StoredLayer> stored_layers(const Subgraph& subgraph, int op, Compiler compiler,
                                       std::vector<std::string>& not_predicted) {
  return Layers(subgraph, op, compiler, not_predicted).all();
}

}  // namespace edgescope::target::edgetpu
