#include "report/view.h"

#include "report/renderers.h"

namespace edgescope::report {

base::Json document(std::string_view command, base::Json input) {
  base::Json json;
  json["schema_version"] = kSchemaVersion;
  json["command"] = command;
  json["input"] = std::move(input);
  return json;
}

void begin_document(base::JsonWriter& json, std::string_view command, const base::Json& input) {
  json.begin_object(base::JsonWriter::Layout::Lines);
  json.member("schema_version", kSchemaVersion);
  json.member("command", command);
  json.member("input", input);
}

std::string render(const base::Json& document, const View& view, OutputFormat format, const base::Terminal& terminal) {
  switch (format) {
    case OutputFormat::Json:
      return base::dump(document, 1) + "\n";
    case OutputFormat::JsonLines:
      return render_json_lines(view(document));
    case OutputFormat::Csv:
      return render_csv(view(document));
    case OutputFormat::Markdown:
      return render_markdown(view(document));
    case OutputFormat::Text:
      break;
  }
  return render_text(view(document), terminal);
}

}  // namespace edgescope::report
