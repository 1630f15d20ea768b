// Bytes as other programs write them, made here: enough of each for recognition.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace edgescope::format::testing {

inline std::string little(std::uint64_t value, int width) {
  std::string text;
  for (int i = 0; i < width; ++i) text += i < 8 ? static_cast<char>(value >> (8 * i) & 0xff) : '\0';
  return text;
}

// A zip archive of empty files.
inline std::string zip(const std::vector<std::string>& names) {
  std::string files, directory;
  for (const std::string& name : names) {
    directory += "PK\1\2" + little(0, 24) + little(name.size(), 2) + little(0, 12) + little(files.size(), 4) + name;
    files += "PK\3\4" + little(0, 22) + little(name.size(), 2) + little(0, 2) + name;
  }
  return files + directory + "PK\5\6" + little(0, 4) + little(names.size(), 2) + little(names.size(), 2) +
         little(directory.size(), 4) + little(files.size(), 4) + little(0, 2);
}

// A protobuf field with a length, of fewer than 128 bytes.
inline std::string field(int number, const std::string& content) {
  return std::string(1, static_cast<char>(number << 3 | 2)) + static_cast<char>(content.size()) + content;
}

inline std::string saved_model() { return "\x08\x01" + field(2, field(1, "meta") + field(2, "graph")); }
inline std::string graph_def() { return field(1, field(1, "x") + field(2, "Placeholder")); }
inline std::string myriad_blob() {
  return "\x7f"
         "ELF" +
         std::string(48, '\0') + little(9709, 4) + little(500, 4) + little(6, 4) + little(0, 4) + std::string(60, '\0');
}

}  // namespace edgescope::format::testing
