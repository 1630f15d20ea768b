#include "report/renderers.h"

#include <fmt/format.h>

#include <algorithm>

namespace edgescope::report {
namespace {

using base::Json;

const Json* member(const Json& record, std::string_view key) {
  const Json* at = &record;
  while (!key.empty()) {
    const std::size_t dot = key.find('.');
    if (!at->is_object()) return nullptr;
    const auto it = at->find(std::string(key.substr(0, dot)));
    if (it == at->end()) return nullptr;
    at = &*it;
    key = dot == std::string_view::npos ? std::string_view{} : key.substr(dot + 1);
  }
  return at->is_null() ? nullptr : at;
}

std::string plain(const Json& value) { return value.is_string() ? value.get<std::string>() : base::dump(value); }

// Columns of a terminal that UTF-8 text takes, wide characters aside.
std::size_t columns(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

const Table* main_table(const Blocks& blocks) {
  const Table* first = nullptr;
  for (const Block& block : blocks)
    if (const Table* table = std::get_if<Table>(&block)) {
      if (table->main) return table;
      if (!first) first = table;
    }
  return first;
}

std::string bold(std::string_view text, bool color) {
  return color ? fmt::format("\x1b[1m{}\x1b[0m", text) : std::string(text);
}

// Cuts a line of UTF-8 to `width` columns and marks the cut.
std::string fit(std::string line, int width) {
  if (width <= 1 || columns(line) <= static_cast<std::size_t>(width)) return line;
  std::size_t seen = 0, at = 0;
  for (; at < line.size(); ++at) {
    if ((line[at] & 0xC0) == 0x80) continue;
    if (seen++ == static_cast<std::size_t>(width) - 1) break;
  }
  return line.substr(0, at) + "…";
}

// Prose on a terminal: broken between words, every line but the first set in by `indent`. Nothing is cut, since
// sentences are what people came for; a word longer than the line stands alone.
std::string wrapped(std::string_view text, std::size_t indent, int width) {
  constexpr std::size_t kNarrowest = 20;  // of what is left for words; below it the terminal's own breaks are better
  if (width <= 0 || static_cast<std::size_t>(width) < indent + kNarrowest) return std::string(text);
  std::string out;
  std::size_t at = indent;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' ', text.find_first_not_of(' ')), text.size());
    const std::string_view word = text.substr(0, end);
    if (at > indent && at + columns(word) > static_cast<std::size_t>(width)) {
      out += "\n" + std::string(indent, ' ');
      out += word.substr(std::min(word.find_first_not_of(' '), word.size()));
      at = indent + columns(word) - std::min(word.find_first_not_of(' '), word.size());
    } else {
      out += word;
      at += columns(word);
    }
    text.remove_prefix(end);
  }
  return out;
}

void text_table(std::string& out, const Table& table, const base::Terminal& terminal) {
  if (!table.title.empty()) out += bold(table.title, terminal.color) + "\n";
  std::vector<std::vector<std::string>> rows(1);
  for (const Column& column : table.columns) rows[0].push_back(column.title);
  for (const Json& record : table.records) {
    auto& row = rows.emplace_back();
    for (const Column& column : table.columns) row.push_back(cell(column, record));
  }
  std::vector<std::size_t> widths(table.columns.size(), 0);
  for (const auto& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], columns(row[i]));
  for (std::size_t r = 0; r < rows.size(); ++r) {
    std::string line = "  ";
    for (std::size_t i = 0; i < widths.size(); ++i) {
      const std::string fill(widths[i] - columns(rows[r][i]), ' ');
      if (i > 0) line += "  ";
      line += table.columns[i].align == Column::Align::Right ? fill + rows[r][i] : rows[r][i] + fill;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    line = fit(std::move(line), terminal.width);
    out += (r == 0 && terminal.color ? fmt::format("\x1b[2m{}\x1b[0m", line) : line) + "\n";
  }
}

std::string markdown_cell(std::string text) {
  for (std::size_t at = 0; (at = text.find('|', at)) != std::string::npos; at += 2) text.replace(at, 1, "\\|");
  return text;
}

}  // namespace

std::string cell(const Column& column, const Json& record) {
  const Json* value = member(record, column.key);
  if (!value) return "";
  return base::printable(column.format ? column.format(*value) : plain(*value));
}

std::string render_text(const Blocks& blocks, const base::Terminal& terminal) {
  std::string out;
  for (const Block& block : blocks) {
    if (!out.empty() && !out.ends_with("\n\n")) out += "\n";
    if (const auto* heading = std::get_if<Heading>(&block)) {
      out += bold(base::printable(heading->text), terminal.color) + "\n";
    } else if (const auto* paragraph = std::get_if<Paragraph>(&block)) {
      out += wrapped(base::printable(paragraph->text), 0, terminal.width) + "\n";
    } else if (const auto* facts = std::get_if<Facts>(&block)) {
      std::size_t width = 0;
      for (const auto& [key, value] : facts->lines) width = std::max(width, columns(key));
      for (const auto& [key, value] : facts->lines)
        out += fmt::format("  {}{}  {}\n", key, std::string(width - columns(key), ' '),
                           wrapped(base::printable(value), width + 4, terminal.width));
    } else if (const auto* preformatted = std::get_if<Preformatted>(&block)) {
      if (!preformatted->title.empty()) out += bold(base::printable(preformatted->title), terminal.color) + "\n";
      for (const std::string& line : preformatted->lines) out += "  " + base::printable(line) + "\n";
    } else {
      text_table(out, std::get<Table>(block), terminal);
    }
  }
  return out;
}

std::string render_markdown(const Blocks& blocks) {
  std::string out;
  for (const Block& block : blocks) {
    if (!out.empty()) out += "\n";
    if (const auto* heading = std::get_if<Heading>(&block)) {
      out += std::string(static_cast<std::size_t>(heading->level), '#') + " " + base::printable(heading->text) + "\n";
    } else if (const auto* paragraph = std::get_if<Paragraph>(&block)) {
      out += base::printable(paragraph->text) + "\n";
    } else if (const auto* facts = std::get_if<Facts>(&block)) {
      for (const auto& [key, value] : facts->lines) out += fmt::format("- **{}**: {}\n", key, base::printable(value));
    } else if (const auto* preformatted = std::get_if<Preformatted>(&block)) {
      if (!preformatted->title.empty()) out += fmt::format("**{}**\n\n", base::printable(preformatted->title));
      for (const std::string& line : preformatted->lines) out += "    " + base::printable(line) + "\n";
    } else {
      const Table& table = std::get<Table>(block);
      if (!table.title.empty()) out += fmt::format("**{}**\n\n", table.title);
      std::string rule = "|";
      out += "|";
      for (const Column& column : table.columns) {
        out += fmt::format(" {} |", markdown_cell(column.title));
        rule += column.align == Column::Align::Right ? " ---: |" : " --- |";
      }
      out += "\n" + rule + "\n";
      for (const Json& record : table.records) {
        out += "|";
        for (const Column& column : table.columns) out += fmt::format(" {} |", markdown_cell(cell(column, record)));
        out += "\n";
      }
    }
  }
  return out;
}

std::string render_csv(const Blocks& blocks) {
  const Table* table = main_table(blocks);
  if (!table) return "";
  const auto field = [](const std::string& text) {
    if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
    std::string quoted = "\"";
    for (char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
    return quoted + "\"";
  };
  const auto line = [&](auto&& of) {
    std::string text;
    for (std::size_t i = 0; i < table->columns.size(); ++i) text += (i ? "," : "") + field(of(table->columns[i]));
    return text + "\r\n";
  };
  std::string out = line([](const Column& column) { return column.key; });
  for (const Json& record : table->records)
    out += line([&](const Column& column) {
      const Json* value = member(record, column.key);
      return value ? plain(*value) : std::string();
    });
  return out;
}

std::string render_json_lines(const Blocks& blocks) {
  const Table* table = main_table(blocks);
  std::string out;
  if (table)
    for (const Json& record : table->records) out += base::dump(record) + "\n";
  return out;
}

}  // namespace edgescope::report
