#include <algorithm>
#include <string_view>

#include "format/openvino/reader.h"

namespace edgescope::format::openvino {
namespace {

constexpr std::string_view kSpace = " \t\r\n";

// What may stand before the root element: byte order mark, declaration, comments, a DOCTYPE (refused later,
// with an error that says so).
bool skip(std::string_view& text, std::string_view open, std::string_view close) {
  if (!text.starts_with(open)) return false;
  const std::size_t end = text.find(close, open.size());
  text = end == std::string_view::npos ? std::string_view{} : text.substr(end + close.size());
  return true;
}

}  // namespace

bool recognised(std::span<const std::byte> bytes) {
  // A licence comment may be long; a root element that comes later than this is not an IR's.
  std::string_view text(reinterpret_cast<const char*>(bytes.data()), std::min<std::size_t>(bytes.size(), 65536));
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  while (true) {
    text.remove_prefix(std::min(text.find_first_not_of(kSpace), text.size()));
    if (skip(text, "<?", "?>") || skip(text, "<!--", "-->") || skip(text, "<!", ">")) continue;
    return text.starts_with("<net") && (text.size() == 4 || std::string_view(" \t\r\n/>").find(text[4]) != text.npos);
  }
}

}  // namespace edgescope::format::openvino
