// IR texts for tests: the smallest networks that show one thing each.
#pragma once

#include <gtest/gtest.h>

#include <span>
#include <string>
#include <vector>

#include "base/mapped_file.h"
#include "format/openvino/reader.h"

namespace edgescope::format::openvino::testing {

inline std::string dims(const std::vector<int>& values) {
  std::string text;
  for (int value : values) text += "<dim>" + std::to_string(value) + "</dim>";
  return text;
}

inline std::string port(int id, const std::vector<int>& shape, const std::string& more = "precision=\"FP32\"") {
  return "<port id=\"" + std::to_string(id) + "\" " + more + ">" + dims(shape) + "</port>";
}

inline std::string layer(int id, const std::string& type, const std::string& inside,
                         const std::string& version = "opset1") {
  return "<layer id=\"" + std::to_string(id) + "\" name=\"" + type + std::to_string(id) + "\" type=\"" + type +
         "\" version=\"" + version + "\">" + inside + "</layer>\n";
}

inline std::string parameter(int id, const std::string& shape, const std::vector<int>& port_shape) {
  return layer(id, "Parameter",
               "<data shape=\"" + shape + "\" element_type=\"f32\"/><output>" + port(0, port_shape) + "</output>");
}

inline std::string constant(int id, const std::string& type, const std::string& shape, int offset, int size,
                            const std::vector<int>& port_shape) {
  return layer(id, "Const",
               "<data element_type=\"" + type + "\" shape=\"" + shape + "\" offset=\"" + std::to_string(offset) +
                   "\" size=\"" + std::to_string(size) + "\"/><output>" + port(0, port_shape) + "</output>");
}

inline std::string result(int id, const std::vector<int>& shape) {
  return layer(id, "Result", "<input>" + port(0, shape) + "</input>");
}

inline std::string edge(int from, int from_port, int to, int to_port) {
  return "<edge from-layer=\"" + std::to_string(from) + "\" from-port=\"" + std::to_string(from_port) +
         "\" to-layer=\"" + std::to_string(to) + "\" to-port=\"" + std::to_string(to_port) + "\"/>";
}

inline std::string net(const std::string& layers, const std::string& edges, const std::string& rest = "",
                       const std::string& version = "11") {
  return "<?xml version=\"1.0\"?>\n<net name=\"n\" version=\"" + version + "\"><layers>" + layers + "</layers><edges>" +
         edges + "</edges>" + rest + "</net>\n";
}

// A layer with one input of `in` and one output of `out`, and a parameter and a result around it.
inline std::string single(const std::string& type, const std::string& data, const std::vector<int>& in,
                          const std::vector<int>& out, const std::string& version = "opset1") {
  return net(
      parameter(0, "", in) +
          layer(1, type, data + "<input>" + port(0, in) + "</input><output>" + port(1, out) + "</output>", version) +
          result(2, out),
      edge(0, 0, 1, 0) + edge(1, 1, 2, 0));
}

// A layer that reads a parameter and a constant of zeros.
inline std::string weighted(const std::string& type, const std::string& data, const std::vector<int>& in,
                            const std::vector<int>& weights, const std::vector<int>& out) {
  int size = 4;
  std::string shape;
  for (int dim : weights) {
    size *= dim;
    shape += (shape.empty() ? "" : ",") + std::to_string(dim);
  }
  return net(
      parameter(0, "?", in) + constant(1, "f32", shape, 0, size, weights) +
          layer(2, type,
                data + "<input>" + port(0, in) + port(1, weights) + "</input><output>" + port(2, out) + "</output>") +
          result(3, out),
      edge(0, 0, 2, 0) + edge(1, 0, 2, 1) + edge(2, 2, 3, 0));
}

inline base::MappedFile text_file(const std::string& text, const std::string& path = "net.xml") {
  return base::MappedFile::borrow(std::as_bytes(std::span(text)), path);
}

inline const std::vector<std::byte>& zeros() {
  static const std::vector<std::byte> bytes(1 << 16);
  return bytes;
}

// The model, read with a .bin of zeros. The model points into `text`.
inline base::Result<graph::Model> read_text(const std::string& text, std::size_t bin_size = 1 << 16) {
  return read(text_file(text), base::MappedFile::borrow(std::span(zeros()).first(bin_size), "net.bin"));
}

}  // namespace edgescope::format::openvino::testing
