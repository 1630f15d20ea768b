#include "format/content.h"

#include <algorithm>
#include <optional>

#include "format/forest/treelite.h"
#include "format/onnx/reader.h"
#include "format/openvino/reader.h"
#include "format/tflite/reader.h"
#include "format/zip_names.h"

namespace edgescope::format {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t kHead = 65536;

struct Magic {
  std::string_view bytes;
  Content content;
};

constexpr Magic kMagics[] = {
    {"\x89HDF\r\n\x1a\n"sv, Content::KerasHdf5},
    {"\x93NUMPY"sv, Content::Numpy},
    {"CBM1"sv, Content::CatBoost},
    {"tree\nversion="sv, Content::LightGbm},
    {"Edge TPU Compiler version"sv, Content::CompilerLog},
    {"\x1f\x8b"sv, Content::Compressed},  // gzip
    {"\x78\x01"sv, Content::Compressed},  // zlib, at its four levels
    {"\x78\x5e"sv, Content::Compressed},
    {"\x78\x9c"sv, Content::Compressed},
    {"\x78\xda"sv, Content::Compressed},
    {"BZh"sv, Content::Compressed},
    {"\xfd"
     "7zXZ\0"sv,
     Content::Compressed},
    {"\x5d\0\0"sv, Content::Compressed},                                                // lzma
    {"\x04\x22\x4d\x18"sv, Content::Compressed},                                        // lz4
    {"\x28\xb5\x2f\xfd"sv, Content::Compressed},                                        // zstd
    {"\x80\2\x8a\n\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19"sv, Content::TorchArchive},  // before the zip format
    {"ccopy_reg\n_reconstructor"sv, Content::Pickle},                                   // protocols 0 and 1
    {"\x80\2"sv, Content::Pickle},
    {"\x80\3"sv, Content::Pickle},
    {"\x80\4"sv, Content::Pickle},
    {"\x80\5"sv, Content::Pickle},
};

Content archive(std::span<const std::byte> bytes) {
  const auto names = zip_names(bytes);
  const auto has = [&](std::string_view end) {
    return std::any_of(names.begin(), names.end(), [&](std::string_view name) { return name.ends_with(end); });
  };
  const auto within_folder = [&](std::string_view part) {
    return std::any_of(names.begin(), names.end(), [&](std::string_view name) { return name.find(part) != name.npos; });
  };
  if (has("model.weights.h5")) return Content::KerasArchive;
  if (has("/archive_format") || has("serialized_exported_program.json")) return Content::TorchProgram;
  if (has("/data.pkl"))
    return has("/constants.pkl") || within_folder("/code/") ? Content::TorchScript : Content::TorchArchive;
  if (!names.empty() &&
      std::all_of(names.begin(), names.end(), [](std::string_view name) { return name.ends_with(".npy"); }))
    return Content::NumpyArchive;
  return Content::Zip;
}

// Reads protobuf's wire format no further than recognition needs.
struct Wire {
  std::string_view text;
  std::size_t at = 0;

  std::optional<std::uint64_t> varint() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64 && at < text.size(); shift += 7) {
      const auto byte = static_cast<unsigned char>(text[at++]);
      value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    return std::nullopt;
  }
  bool tag(unsigned char expected) {
    if (at >= text.size() || static_cast<unsigned char>(text[at]) != expected) return false;
    ++at;
    return true;
  }
};
constexpr unsigned char kField1Varint = 0x08, kField1Bytes = 0x0a, kField2Bytes = 0x12;

// Schema version 1, then graphs, each of which begins with its meta information. (An ONNX model of IR
// version 1 has a string in the second place.)
bool saved_model(std::string_view text) {
  Wire wire{text};
  if (!wire.tag(kField1Varint) || wire.varint() != 1u || !wire.tag(kField2Bytes)) return false;
  const auto size = wire.varint();
  if (!size || *size > text.size() - wire.at || !wire.tag(kField1Bytes)) return false;
  wire.at += *size - 1;
  return wire.at == text.size() || wire.tag(kField2Bytes);
}

// Nodes, each of which begins with its name and its operator's name.
bool graph_def(std::string_view text) {
  Wire wire{text};
  if (!wire.tag(kField1Bytes)) return false;
  const auto node = wire.varint();
  if (!node || *node > text.size() - wire.at || !wire.tag(kField1Bytes)) return false;
  const auto name = wire.varint();
  if (!name || *name > *node || *name > text.size() - wire.at) return false;
  wire.at += *name;
  if (!wire.tag(kField2Bytes)) return false;
  const auto op = wire.varint();
  if (!op || *op == 0 || *op > 128 || *op > text.size() - wire.at) return false;
  const std::string_view kind = text.substr(wire.at, *op);
  return std::all_of(kind.begin(), kind.end(), [](unsigned char c) { return std::isalnum(c) || c == '_' || c == '>'; });
}

bool xgboost(std::string_view head) {
  if (!head.starts_with('{')) return false;
  const bool early = head.substr(0, 64).find("learner") != head.npos;
  return early || head.find("\"gradient_booster\"") != head.npos;
}

// An ELF-like header of 52 bytes, then magic, file size and version 6.0; exported files have a prefix.
bool myriad_blob(std::string_view text) {
  constexpr std::string_view kMagic = "\xed\x25\0\0"sv, kVersion = "\6\0\0\0\0\0\0\0"sv;
  const std::string_view head = text.substr(0, 4096);
  for (std::size_t at = head.find(kMagic); at != head.npos; at = head.find(kMagic, at + 1))
    if (text.substr(std::min(at + 8, text.size())).starts_with(kVersion)) return true;
  return false;
}

}  // namespace

Content recognise(std::span<const std::byte> bytes) {
  if (bytes.empty()) return Content::Empty;
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const std::string_view head = text.substr(0, kHead);
  if (tflite::recognised(bytes)) return Content::TfLite;
  if (head.starts_with("PK\3\4")) return archive(bytes);
  if (openvino::recognised(bytes)) return Content::OpenVinoIr;
  if (onnx::recognised(bytes)) return Content::Onnx;
  if (saved_model(text)) return Content::SavedModel;
  if (graph_def(text)) return Content::GraphDef;
  for (const Magic& magic : kMagics)
    if (head.starts_with(magic.bytes)) return magic.content;
  if (xgboost(head)) return Content::Xgboost;
  if (forest::is_treelite(bytes)) return Content::Treelite;
  if (myriad_blob(text)) return Content::MyriadBlob;
  if (head.starts_with("<?xml") || head.starts_with("\xEF\xBB\xBF<?xml")) return Content::Xml;
  return Content::Unknown;
}

std::string_view content_name(Content content) {
  switch (content) {
    case Content::Unknown:
      return "unknown content";
    case Content::Empty:
      return "an empty file";
    case Content::TfLite:
      return "a TensorFlow Lite model";
    case Content::Onnx:
      return "an ONNX model";
    case Content::OpenVinoIr:
      return "an OpenVINO IR";
    case Content::Pickle:
      return "a Python pickle";
    case Content::Compressed:
      return "compressed data";
    case Content::KerasHdf5:
      return "an HDF5 file, as Keras writes them";
    case Content::KerasArchive:
      return "a Keras archive";
    case Content::TorchArchive:
      return "a PyTorch checkpoint";
    case Content::TorchScript:
      return "a TorchScript archive";
    case Content::TorchProgram:
      return "a PyTorch exported program";
    case Content::SavedModel:
      return "a TensorFlow SavedModel";
    case Content::GraphDef:
      return "a TensorFlow GraphDef";
    case Content::Xgboost:
      return "an XGBoost model";
    case Content::LightGbm:
      return "a LightGBM model";
    case Content::Treelite:
      return "a Treelite checkpoint";
    case Content::CatBoost:
      return "a CatBoost model";
    case Content::Numpy:
      return "a NumPy array";
    case Content::NumpyArchive:
      return "an archive of NumPy arrays";
    case Content::Zip:
      return "a zip archive";
    case Content::CompilerLog:
      return "a log of edgetpu_compiler";
    case Content::MyriadBlob:
      return "a network compiled for an NCS2 (a MYRIAD blob)";
    case Content::Xml:
      return "XML, but no OpenVINO IR";
  }
  return "unknown content";
}

}  // namespace edgescope::format
