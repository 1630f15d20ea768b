// Networks as OpenVINO IR version 10, for programs that hand them to the vendor's compiler: shapes and types as wanted,
// values made up (the compiler's stages depend on them hardly, if at all).
#pragma once

#include <cstdint>
#include <fstream>
#include <initializer_list>
#include <string>
#include <vector>

namespace edgescope::testing_support {

class IrNetwork {
 public:
  using Shape = std::vector<std::int64_t>;
  struct Value {
    int layer = -1, port = 0;
    Shape shape;
    std::string type;
  };

  Value input(const Shape& shape) {
    return add("Parameter", "opset1", {}, {shape}, "f32", "shape=\"" + text(shape, ",") + "\" element_type=\"f32\"");
  }

  // Of either sign, none of them 0.
  Value floats(const Shape& shape, float scale = 0.1F) {
    std::vector<float> values(count(shape));
    for (float& value : values) value = scale * (static_cast<float>(next() % 2001) - 1000.5F) / 1000;
    return constant(shape, "f32", values.data(), values.size() * sizeof(float));
  }
  Value floats(const Shape& shape, const std::vector<float>& values) {
    return constant(shape, "f32", values.data(), values.size() * sizeof(float));
  }
  // Below `limit`.
  Value indices(const Shape& shape, std::int64_t limit) {
    std::vector<std::int64_t> values(count(shape));
    for (auto& value : values) value = static_cast<std::int64_t>(next()) % limit;
    return integers(shape, values);
  }
  Value integers(const Shape& shape, const std::vector<std::int64_t>& values) {
    return constant(shape, "i64", values.data(), values.size() * sizeof(std::int64_t));
  }

  Value op(const std::string& type, const std::vector<Value>& inputs, const Shape& shape,
           const std::string& attributes = {}, const std::string& element_type = "f32",
           const std::string& opset = "opset1") {
    return add(type, opset, inputs, {shape}, element_type, attributes);
  }

  void result(const Value& value) { add("Result", "opset1", {value}, {}, "", ""); }

  // x.xml, and x.bin beside it.
  void write(const std::string& xml) const {
    std::ofstream file(xml);
    file << "<?xml version=\"1.0\"?>\n<net name=\"generated\" version=\"10\">\n<layers>\n"
         << layers_ << "</layers>\n<edges>\n"
         << edges_ << "</edges>\n</net>\n";
    std::ofstream bin(xml.substr(0, xml.rfind('.')) + ".bin", std::ios::binary);
    bin.write(weights_.data(), static_cast<std::streamsize>(weights_.size()));
  }

  static std::size_t count(const Shape& shape) {
    std::size_t product = 1;
    for (const auto dim : shape) product *= static_cast<std::size_t>(dim);
    return product;
  }

 private:
  static std::string text(const Shape& shape, const char* between) {
    std::string joined;
    for (const auto dim : shape) joined += (joined.empty() ? "" : between) + std::to_string(dim);
    return joined;
  }
  static std::string ports(const Shape& shape, int id, const std::string& precision) {
    std::string port =
        "<port id=\"" + std::to_string(id) + "\"" + (precision.empty() ? "" : " precision=\"" + precision + "\"") + ">";
    for (const auto dim : shape) port += "<dim>" + std::to_string(dim) + "</dim>";
    return port + "</port>";
  }
  static std::string precision(const std::string& type) {
    return type == "f32" ? "FP32" : type == "i64" ? "I64" : type == "i32" ? "I32" : "BOOL";
  }
  std::uint32_t next() {
    state_ = state_ * 1664525 + 1013904223;
    return state_ >> 8;
  }

  Value constant(const Shape& shape, const std::string& type, const void* data, std::size_t bytes) {
    const std::size_t offset = weights_.size();
    weights_.append(static_cast<const char*>(data), bytes);
    return add("Const", "opset1", {}, {shape}, type,
               "element_type=\"" + type + "\" shape=\"" + text(shape, ",") + "\" offset=\"" + std::to_string(offset) +
                   "\" size=\"" + std::to_string(bytes) + "\"");
  }

  Value add(const std::string& type, const std::string& opset, const std::vector<Value>& inputs,
            const std::vector<Shape>& outputs, const std::string& element_type, const std::string& attributes) {
    const int id = layer_count_++;
    layers_ += "<layer id=\"" + std::to_string(id) + "\" name=\"" + type + "_" + std::to_string(id) + "\" type=\"" +
               type + "\" version=\"" + opset + "\">";
    if (!attributes.empty()) layers_ += "<data " + attributes + "/>";
    int port = 0;
    if (!inputs.empty()) layers_ += "<input>";
    for (const Value& from : inputs) {
      layers_ += ports(from.shape, port, "");
      edges_ += "<edge from-layer=\"" + std::to_string(from.layer) + "\" from-port=\"" + std::to_string(from.port) +
                "\" to-layer=\"" + std::to_string(id) + "\" to-port=\"" + std::to_string(port++) + "\"/>\n";
    }
    if (!inputs.empty()) layers_ += "</input>";
    Value made{id, port, {}, element_type};
    if (!outputs.empty()) {
      layers_ += "<output>" + ports(outputs.front(), port, precision(element_type)) + "</output>";
      made.shape = outputs.front();
    }
    layers_ += "</layer>\n";
    return made;
  }

  int layer_count_ = 0;
  std::uint32_t state_ = 1;
  std::string layers_, edges_, weights_;
};

}  // namespace edgescope::testing_support
