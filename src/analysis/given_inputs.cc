#include "analysis/given_inputs.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <string_view>

#include "base/mapped_file.h"
#include "base/npy.h"
#include "format/content.h"
#include "format/zip_names.h"

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

// One array or one file of raw bytes.
struct Source {
  std::string name;  // of the input; may be empty
  std::string path;
  std::span<const std::byte> bytes;
};

// numpy.savez names arrays that were given without a name arr_0, arr_1, ...
std::string array_name(std::string_view entry) {
  if (entry.ends_with(".npy")) entry.remove_suffix(4);
  return entry.starts_with("arr_") ? std::string() : std::string(entry);
}

base::Result<std::vector<Source>> in_archive(const InputFile& file, std::span<const std::byte> bytes) {
  std::vector<Source> sources;
  for (const format::ZipEntry& entry : format::zip_entries(bytes)) {
    if (!entry.stored)
      return base::fail({.what = "holds compressed arrays, which are not read",
                         .file = file.path,
                         .remedy = "Write it by numpy.savez instead of numpy.savez_compressed."});
    sources.push_back({array_name(entry.name), file.path, entry.data});
  }
  if (!file.name.empty() && sources.size() != 1)
    return base::fail(
        {.fault = base::Fault::usage,
         .what = fmt::format("it holds {} arrays, and is given for the input `{}` alone", sources.size(), file.name),
         .file = file.path});
  if (!file.name.empty()) sources.front().name = file.name;
  return sources;
}

base::Result<std::vector<std::byte>> values_of(const Source& source, const Port& port) {
  if (format::recognise(source.bytes) == format::Content::Numpy) {
    EDGESCOPE_TRY(array, base::parse_npy(source.bytes, source.path));
    return of_array(array, port, source.path);
  }
  const std::string extension = std::filesystem::path(source.path).extension().string();
  constexpr std::string_view kImages[] = {".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp"};
  if (is_image(text_of(source.bytes)) &&
      std::find(std::begin(kImages), std::end(kImages), extension) != std::end(kImages))
    return base::fail({.what = "is an image, which is not read",
                       .file = source.path,
                       .remedy = "Decode and resize it as your application does, and save the array by numpy.save."});
  return std::vector(source.bytes.begin(), source.bytes.end());
}

// Which source each port gets.
base::Result<std::vector<const Source*>> assigned(const std::vector<Port>& ports, const std::vector<Source>& sources) {
  std::vector<const Source*> of(ports.size(), nullptr);
  for (const Source& source : sources) {
    const auto wanted = [&](const Port& port) {
      return source.name.empty() ? of[static_cast<std::size_t>(&port - ports.data())] == nullptr
                                 : port.name == source.name;
    };
    const auto port = std::find_if(ports.begin(), ports.end(), wanted);
    if (port == ports.end())
      return base::fail({.fault = base::Fault::usage,
                         .what = source.name.empty()
                                     ? fmt::format("the network has {} inputs, and more are given", ports.size())
                                     : fmt::format("the network has no input `{}`", source.name)});
    of[static_cast<std::size_t>(port - ports.begin())] = &source;
  }
  for (std::size_t i = 0; i < ports.size(); ++i)
    if (of[i] == nullptr)
      return base::fail({.fault = base::Fault::usage,
                         .what = fmt::format("nothing is given for input `{}`", ports[i].name),
                         .remedy = "Give a file for each input."});
  return of;
}

}  // namespace

base::Result<Inputs> given_inputs(const std::vector<Port>& ports, const std::vector<InputFile>& files) {
  std::vector<base::MappedFile> open;
  std::vector<Source> sources;
  for (const InputFile& file : files) {
    EDGESCOPE_TRY(mapped, base::MappedFile::open(file.path));
    const auto& bytes = open.emplace_back(std::move(mapped)).bytes();
    const format::Content content = format::recognise(bytes);
    if (content == format::Content::NumpyArchive || content == format::Content::Zip) {
      EDGESCOPE_TRY(arrays, in_archive(file, bytes));
      sources.insert(sources.end(), arrays.begin(), arrays.end());
    } else {
      sources.push_back({file.name, file.path, bytes});
    }
  }
  EDGESCOPE_TRY(of, assigned(ports, sources));
  Inputs inputs{.ports = ports, .given = {}, .rows = 0};
  for (std::size_t i = 0; i < ports.size(); ++i) {
    EDGESCOPE_TRY(bytes, values_of(*of[i], ports[i]));
    const std::uint64_t rows = ports[i].bytes == 0 ? 0 : bytes.size() / ports[i].bytes;
    if (rows == 0 || rows * ports[i].bytes != bytes.size())
      return base::fail({.what = fmt::format("holds {} bytes for the input `{}`, which takes {} a row", bytes.size(),
                                             ports[i].name, ports[i].bytes),
                         .file = of[i]->path,
                         .remedy = "Give whole rows: a .npy of numbers, or the bytes alone."});
    if (i > 0 && rows != inputs.rows)
      return base::fail({.what = fmt::format("holds {} rows for input `{}`, and another input has {}", rows,
                                             ports[i].name, inputs.rows),
                         .file = of[i]->path});
    inputs.rows = rows;
    inputs.given.push_back(std::move(bytes));
  }
  return inputs;
}

}  // namespace edgescope::analysis
