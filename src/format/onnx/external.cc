// Constants whose bytes lie in another file, next to the model.
#include <fmt/format.h>

#include <charconv>
#include <filesystem>

#include "base/checked.h"
#include "format/onnx/fields.h"
#include "format/onnx/tensor.h"

namespace edgescope::format::onnx {
namespace {

struct Place {
  std::string location;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;  // 0: as long as the shape says
};

class ExternalReader {
 public:
  ExternalReader(Context& context, Bytes message, const graph::Tensor& tensor)
      : context_(context), message_(message), tensor_(tensor) {}

  base::Result<Place> place() const {
    Place place;
    Walk walk(message_);
    for (Field field; walk.next(field);) {
      if (!field.is(fields::tensor::external_data, Wire::Length)) continue;
      std::string_view key, value;
      Walk entry(field.payload);
      for (Field part; entry.next(part);) {
        if (part.is(fields::entry::key, Wire::Length)) key = part.text();
        if (part.is(fields::entry::value, Wire::Length)) value = part.text();
      }
      EDGESCOPE_CHECK(context_.finished(entry, "an entry of external_data"));
      if (key == "location") place.location = value;
      if (key == "offset") EDGESCOPE_CHECK(number(key, value, place.offset));
      if (key == "length") EDGESCOPE_CHECK(number(key, value, place.length));
    }
    EDGESCOPE_CHECK(inside_folder(place.location));
    return place;
  }

  base::Result<int> file(const std::string& location) const {
    const std::filesystem::path folder = std::filesystem::path(context_.file().path()).parent_path();
    const std::string path = (folder / location).lexically_normal().string();
    if (const auto known = context_.external.find(path); known != context_.external.end()) return known->second;
    auto file = base::MappedFile::open(path);
    if (!file)
      return fail(fmt::format("has its data in the file {}, which {}", path, file.error().what),
                  "Put it next to the model, where the exporter wrote it");
    return context_.external[path] = context_.add_file(*file);
  }

  base::Result<Bytes> bytes(const Place& place, const base::MappedFile& file) const {
    std::uint64_t length = place.length;
    if (length == 0) {
      const auto packed = graph::packed_bytes(tensor_.type, tensor_.shape.elements().value_or(0));
      if (!packed) return fail("has external data without a length, and its element type has no fixed size");
      length = *packed;
    }
    if (!base::within(place.offset, length, file.size()))
      return fail(fmt::format("has its data in bytes {} to {} of {}, which ends at {}", place.offset,
                              base::checked_add(place.offset, length).value_or(UINT64_MAX), file.path(), file.size()),
                  "The file is cut off or belongs to another export of the model");
    return file.bytes().subspan(place.offset, length);
  }

  tl::unexpected<base::Error> fail(std::string what, std::string remedy = {}) const {
    return base::fail(
        context_.error("the constant " + std::move(what), message_.data(), tensor_.name, std::move(remedy)));
  }

 private:
  base::Status number(std::string_view key, std::string_view text, std::uint64_t& value) const {
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (problem == std::errc{} && end == text.data() + text.size() && !text.empty()) return {};
    return fail(
        fmt::format("names external data with the {} `{}`, which is not a number of bytes", key, text.substr(0, 40)));
  }

  base::Status inside_folder(const std::string& location) const {
    const std::filesystem::path path(location);
    bool outside = path.is_absolute() || location.empty() || location.find('\0') != std::string::npos;
    for (const auto& part : path) outside = outside || part == "..";
    if (!outside) return {};
    return fail(fmt::format("names its external data `{}`: only paths below the model's own folder are followed",
                            location.substr(0, 200)),
                "Write the model again with relative locations");
  }

  Context& context_;
  Bytes message_;
  const graph::Tensor& tensor_;
};

}  // namespace

base::Result<Bytes> external_data(Context& context, Bytes message, graph::Tensor& tensor, const graph::Extent& owner) {
  const ExternalReader reader(context, message, tensor);
  EDGESCOPE_TRY(place, reader.place());
  if (tensor.type == graph::ElementType::String)
    return reader.fail("holds strings in an external file, which ONNX does not allow");
  EDGESCOPE_TRY(index, reader.file(place.location));
  const base::MappedFile& file = context.model.files[static_cast<std::size_t>(index)];
  EDGESCOPE_TRY(data, reader.bytes(place, file));
  EDGESCOPE_CHECK(context.charge(6 * sizeof(graph::Extent), message.data()));
  context.extents.add(index, file, data, owner);
  return data;
}

}  // namespace edgescope::format::onnx
