// The output contract: a command makes one JSON document, a view shows it.
//
// JSON is the truth. A view turns the document into headings, text and tables for people; tables are
// windows on arrays of JSON records, so that text, Markdown and CSV can never say anything that the
// JSON does not. Every command's view is in report/views/.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/json.h"
#include "base/json_writer.h"
#include "base/terminal.h"

namespace edgescope::report {

enum class OutputFormat { Text, Json, JsonLines, Csv, Markdown };

inline constexpr int kSchemaVersion = 1;  // docs/json.md says what changed

// A document's head: schema_version, command, input (a path, or the paths of several).
base::Json document(std::string_view command, base::Json input);
// The same for a document that is written as text: the object stays open.
void begin_document(base::JsonWriter& json, std::string_view command, const base::Json& input);

struct Heading {
  std::string text;
  int level = 1;
};

struct Paragraph {
  std::string text;
};

struct Column {
  std::string title;
  std::string key;  // member of the record; `a.b` for a member of a member
  enum class Align { Left, Right } align = Align::Left;
  // How a present, non-null value reads; by default strings as they are and numbers in full.
  std::function<std::string(const base::Json&)> format = {};
};

struct Table {
  std::string title;
  base::Json records = base::Json::array();  // objects
  std::vector<Column> columns;
  bool main = false;  // the one that jsonl and csv write; the first table where none is marked
};

// "key  value" lines.
struct Facts {
  std::vector<std::pair<std::string, std::string>> lines;
};

// Lines whose columns and ends matter: drawings, commands to copy. Never broken or cut.
struct Preformatted {
  std::string title;
  std::vector<std::string> lines;
};

using Block = std::variant<Heading, Paragraph, Table, Facts, Preformatted>;
using Blocks = std::vector<Block>;
using View = std::function<Blocks(const base::Json& document)>;

// What goes to stdout. Text is cut to the terminal's width (0: never); JSON is the document itself,
// JSON lines and CSV are the records of the main table.
std::string render(const base::Json& document, const View& view, OutputFormat format, const base::Terminal& terminal);

}  // namespace edgescope::report
