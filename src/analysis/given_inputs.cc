#include "analysis/given_inputs.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "base/mapped_file.h"
#include "base/npy.h"
#include "format/content.h"

namespace edgescope::analysis {
namespace {

using graph::ElementType;
using runtime::Port;

std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

bool is_image(std::string_view text) {
  constexpr std::string_view kMarks[] = {"\x89PNG", "\xff\xd8\xff", "GIF8", "BM", "RIFF"};
  return std::any_of(std::begin(kMarks), std::end(kMarks),
                     [&](std::string_view mark) { return text.starts_with(mark); });
}

base::Result<std::vector<std::byte>> of_array(const base::NpyArray& array, const Port& port, const std::string& path) {
  Port doubles{.name = port.name, .type = ElementType::Float64, .shape = {}};
  Port taken = port;
  // Bytes for bytes, and whole numbers for what is no quantised value, are taken as they are.
  if ((array.uint8 && port.type == ElementType::UInt8) || (!port.quantized && !graph::is_float(port.type)))
    taken.quantized = true, taken.scale = 1, taken.zero_point = 0;
  auto bytes = converted(doubles, std::as_bytes(std::span(array.values)), taken);
  if (!bytes)
    return base::fail(
        {.what = fmt::format("holds numbers, and input `{}` takes {}", port.name, graph::element_type_name(port.type)),
         .file = path});
  return *std::move(bytes);
}

base::Result<std::vector<std::byte>> read(const std::string& path, const Port& port) {
  EDGESCOPE_TRY(file, base::MappedFile::open(path));
  const std::string_view text = text_of(file.bytes());
  switch (format::recognise(file.bytes())) {
    case format::Content::Numpy: {
      EDGESCOPE_TRY(array, base::parse_npy(file.bytes(), path));
      return of_array(array, port, path);
    }
    case format::Content::NumpyArchive:
    case format::Content::Zip:
      return base::fail({.what = "is an archive of arrays (.npz), which is not read",
                         .file = path,
                         .remedy = "Save each array by numpy.save as a .npy."});
    default:
      break;
  }
  const std::string name = path.substr(path.rfind('.') == path.npos ? path.size() : path.rfind('.'));
  constexpr std::string_view kImages[] = {".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp"};
  if (is_image(text) && std::find(std::begin(kImages), std::end(kImages), name) != std::end(kImages))
    return base::fail({.what = "is an image, which is not read",
                       .file = path,
                       .remedy = "Decode and resize it as your application does, and save the array by numpy.save."});
  return std::vector(file.bytes().begin(), file.bytes().end());
}

}  // namespace

base::Result<Inputs> given_inputs(const std::vector<Port>& ports, const std::vector<InputFile>& files) {
  std::vector<std::string> paths(ports.size());
  for (const InputFile& file : files) {
    const auto wanted = [&](const Port& port) {
      const auto index = static_cast<std::size_t>(&port - ports.data());
      return file.name.empty() ? paths[index].empty() : port.name == file.name;
    };
    const auto port = std::find_if(ports.begin(), ports.end(), wanted);
    if (port == ports.end())
      return base::fail({.fault = base::Fault::usage,
                         .what = file.name.empty()
                                     ? fmt::format("the network has {} inputs, and more files are given", ports.size())
                                     : fmt::format("the network has no input `{}`", file.name)});
    paths[static_cast<std::size_t>(port - ports.begin())] = file.path;
  }
  Inputs inputs{.ports = ports, .given = {}, .rows = 0};
  for (std::size_t i = 0; i < ports.size(); ++i) {
    if (paths[i].empty())
      return base::fail({.fault = base::Fault::usage,
                         .what = fmt::format("input `{}` has no file", ports[i].name),
                         .remedy = "Give one for each input: --inputs NAME=FILE,..."});
    EDGESCOPE_TRY(bytes, read(paths[i], ports[i]));
    const std::uint64_t rows = ports[i].bytes == 0 ? 0 : bytes.size() / ports[i].bytes;
    if (rows == 0 || rows * ports[i].bytes != bytes.size())
      return base::fail({.what = fmt::format("holds {} bytes as input `{}` takes them, which is {} a row", bytes.size(),
                                             ports[i].name, ports[i].bytes),
                         .file = paths[i]});
    if (i > 0 && rows != inputs.rows)
      return base::fail(
          {.what = fmt::format("holds {} rows, and another input's file {}", rows, inputs.rows), .file = paths[i]});
    inputs.rows = rows;
    inputs.given.push_back(std::move(bytes));
  }
  return inputs;
}

}  // namespace edgescope::analysis
