#include "format/openvino/scan.h"

#include <fmt/format.h>

#include <string_view>

namespace edgescope::format::openvino {
namespace {

// sizeof pugixml's xml_node_struct and xml_attribute_struct on a 64-bit machine (scan_test measures them).
constexpr std::uint64_t kNodeBytes = 64;
constexpr std::uint64_t kAttributeBytes = 40;

class Scanner {
 public:
  explicit Scanner(const base::MappedFile& xml)
      : xml_(xml), text_(reinterpret_cast<const char*>(xml.bytes().data()), xml.size()) {}

  base::Result<std::uint64_t> run() {
    bool opened = false;  // the text after an opening tag is stored in its element, other text in a node
    while (at_ < text_.size()) {
      const std::size_t open = text_.find('<', at_);
      const std::string_view between = text_.substr(at_, open == text_.npos ? text_.npos : open - at_);
      if (!opened && between.find_first_not_of(" \t\r\n") != between.npos) ++nodes_;
      if (open == text_.npos) break;
      at_ = open;
      opened = false;
      if (skip("<?", "?>") || skip("<!--", "-->")) continue;
      if (skip("<![CDATA[", "]]>")) {
        ++nodes_;
      } else if (starts("<!")) {
        return error("declares a document type, which no OpenVINO IR has",
                     "Remove the <!DOCTYPE ...> declaration if you trust the file.");
      } else if (starts("</")) {
        --depth_;
        skip("</", ">");
      } else {
        const std::size_t start = at_;
        opened = !element();
        if (opened && ++depth_ > kMaxNesting) {
          at_ = start;
          return error(fmt::format("nests elements deeper than {}", kMaxNesting), {});
        }
      }
    }
    return text_.size() + nodes_ * kNodeBytes + attributes_ * kAttributeBytes;
  }

 private:
  bool starts(std::string_view prefix) const { return text_.substr(at_).starts_with(prefix); }

  bool skip(std::string_view prefix, std::string_view close) {
    if (!starts(prefix)) return false;
    const std::size_t end = text_.find(close, at_ + prefix.size());
    at_ = end == text_.npos ? text_.size() : end + close.size();
    return true;
  }

  // Moves behind the tag; true where it closes itself.
  bool element() {
    ++nodes_;
    for (++at_; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '"' || c == '\'') {
        ++attributes_;
        at_ = std::min(text_.find(c, at_ + 1), text_.size());
      } else if (c == '>') {
        return text_[at_++ - 1] == '/';
      }
    }
    return true;
  }

  tl::unexpected<base::Error> error(std::string what, std::string remedy) const {
    return base::fail({.what = std::move(what), .file = xml_.path(), .offset = at_, .remedy = std::move(remedy)});
  }

  const base::MappedFile& xml_;
  std::string_view text_;
  std::size_t at_ = 0;
  std::uint64_t nodes_ = 1, attributes_ = 0;
  int depth_ = 0;
};

}  // namespace

base::Result<std::uint64_t> tree_bytes(const base::MappedFile& xml) { return Scanner(xml).run(); }

}  // namespace edgescope::format::openvino
