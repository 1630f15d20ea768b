#include "analysis/given_inputs.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <deque>
#include <filesystem>
#include <string_view>

#include "base/mapped_file.h"
#include "base/npy.h"
#include "format/content.h"
#include "format/image/image.h"
#include "format/zip_names.h"

namespace edgescope::analysis {
namespace {

using graph::ElementType;
using runtime::Port;

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

// One array, one picture, or one file of raw bytes; of pictures for a network's only input several.
struct Source {
  std::string name;  // of the input; may be empty
  std::string path;
  std::span<const std::byte> bytes;
  std::vector<std::pair<std::string, std::span<const std::byte>>> pictures = {};  // by path, as many as rows
};

// numpy.savez names arrays that were given without a name arr_0, arr_1, ...
std::string array_name(std::string_view entry) {
  if (entry.ends_with(".npy")) entry.remove_suffix(4);
  return entry.starts_with("arr_") ? std::string() : std::string(entry);
}

// What is compressed is unpacked into `kept`.
base::Result<std::vector<Source>> in_archive(const InputFile& file, std::span<const std::byte> bytes,
                                             std::deque<std::vector<std::byte>>& kept) {
  std::vector<Source> sources;
  for (const format::ZipEntry& entry : format::zip_entries(bytes)) {
    std::span<const std::byte> data = entry.data;
    if (!entry.stored) {
      EDGESCOPE_TRY(whole, format::unpacked(entry, file.path));
      data = kept.emplace_back(std::move(whole));
    }
    sources.push_back({array_name(entry.name), file.path, data});
  }
  if (!file.name.empty() && sources.size() != 1)
    return base::fail(
        {.fault = base::Fault::usage,
         .what = fmt::format("it holds {} arrays, and is given for the input `{}` alone", sources.size(), file.name),
         .file = file.path});
  if (!file.name.empty()) sources.front().name = file.name;
  return sources;
}

// The extension decides too: raw bytes may begin with anything.
bool is_picture(std::span<const std::byte> bytes, const std::string& path) {
  std::string extension = std::filesystem::path(path).extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  constexpr std::string_view kPictures[] = {".png", ".jpg", ".jpeg", ".bmp"};
  return format::image::is_image(bytes) &&
         std::find(std::begin(kPictures), std::end(kPictures), extension) != std::end(kPictures);
}

base::Status is_no_other_picture(const std::string& path) {
  const std::string extension = std::filesystem::path(path).extension().string();
  if (extension != ".gif" && extension != ".webp" && extension != ".tif" && extension != ".tiff") return {};
  return base::fail({.what = "is an image of a kind that is not read",
                     .file = path,
                     .remedy = "Convert it to PNG, or save the array by numpy.save."});
}

base::Result<std::vector<std::byte>> values_of(const Source& source, const Port& port, const ImageOptions& images,
                                               std::vector<std::string>& notes) {
  std::vector<std::byte> rows;
  for (const auto& [path, bytes] : source.pictures) {
    EDGESCOPE_TRY(picture, image_input(bytes, path, port, images));
    rows.insert(rows.end(), picture.bytes.begin(), picture.bytes.end());
    notes.push_back(std::move(picture.how));
  }
  if (!source.pictures.empty()) return rows;
  if (format::recognise(source.bytes) == format::Content::Numpy) {
    EDGESCOPE_TRY(array, base::parse_npy(source.bytes, source.path));
    return of_array(array, port, source.path);
  }
  EDGESCOPE_CHECK(is_no_other_picture(source.path));
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

base::Result<Inputs> given_inputs(const std::vector<Port>& ports, const std::vector<InputFile>& files,
                                  const ImageOptions& images) {
  std::vector<base::MappedFile> open;
  std::deque<std::vector<std::byte>> unpacked;
  std::vector<Source> sources;
  for (const InputFile& file : files) {
    EDGESCOPE_TRY(mapped, base::MappedFile::open(file.path));
    const auto& bytes = open.emplace_back(std::move(mapped)).bytes();
    const format::Content content = format::recognise(bytes);
    if (content == format::Content::NumpyArchive || content == format::Content::Zip) {
      EDGESCOPE_TRY(arrays, in_archive(file, bytes, unpacked));
      sources.insert(sources.end(), arrays.begin(), arrays.end());
    } else if (is_picture(bytes, file.path)) {
      const bool another = ports.size() == 1 && !sources.empty() && !sources.back().pictures.empty();
      if (!another) sources.push_back({.name = file.name, .path = file.path, .bytes = {}});
      sources.back().pictures.emplace_back(file.path, bytes);
    } else {
      sources.push_back({file.name, file.path, bytes});
    }
  }
  if (images.given() &&
      std::none_of(sources.begin(), sources.end(), [](const Source& s) { return !s.pictures.empty(); }))
    return base::fail(
        {.fault = base::Fault::usage, .what = "--mean, --scale and --bgr are for pictures, and none is given"});
  EDGESCOPE_TRY(of, assigned(ports, sources));
  Inputs inputs{.ports = ports, .given = {}, .rows = 0, .notes = {}};
  for (std::size_t i = 0; i < ports.size(); ++i) {
    EDGESCOPE_TRY(bytes, values_of(*of[i], ports[i], images, inputs.notes));
    const std::uint64_t rows = ports[i].bytes == 0 ? 0 : bytes.size() / ports[i].bytes;
    if (rows == 0 || rows * ports[i].bytes != bytes.size())
      return base::fail({.what = fmt::format("holds {} bytes for the input `{}`, which takes {} a row", bytes.size(),
                                             ports[i].name, ports[i].bytes),
                         .file = of[i]->path,
                         .remedy = "Give whole rows: a .npy of numbers, pictures, or the bytes alone."});
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
