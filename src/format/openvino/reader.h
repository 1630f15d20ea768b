// OpenVINO IR, versions 10 and 11: an XML file that describes the graph, and a .bin beside it with the
// weights.
//
// The XML is text and small, so it is parsed into a tree (pugixml); the .bin is mapped and constants are
// spans into it. A tree costs more than the text it came from, so the text is scanned first and refused
// where the tree could outgrow twice the file.
#pragma once

#include <cstddef>
#include <span>

#include "base/error.h"
#include "base/mapped_file.h"
#include "graph/model.h"

namespace edgescope::format::openvino {

// The content looks like an IR: XML whose root element is <net>.
bool recognised(std::span<const std::byte> bytes);

// The .bin is looked for beside the XML under the same stem. It may be absent where no constant needs it.
base::Result<graph::Model> read(const base::MappedFile& xml);

// The same with weights that are open already.
base::Result<graph::Model> read(const base::MappedFile& xml, const base::MappedFile& bin);

}  // namespace edgescope::format::openvino
