#include "experiment/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <set>
#include <sstream>
#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include "base/checked.h"
#include "base/mapped_file.h"

namespace edgescope::experiment {
namespace {

using base::Json;

constexpr const char* kRemedy = "docs/sweep.md shows what a plan holds.";

base::Error bad(const std::string& name, std::string what) {
  return {.what = std::move(what), .file = name, .remedy = kRemedy};
}

// A number, a word, a truth value; anything else is no value of an axis.
std::optional<Json> scalar(const toml::node& node) {
  if (const auto* integer = node.as_integer()) return Json(integer->get());
  if (const auto* real = node.as_floating_point(); real && std::isfinite(real->get())) return Json(real->get());
  if (const auto* text = node.as_string()) return Json(text->get());
  if (const auto* truth = node.as_boolean()) return Json(truth->get());
  return std::nullopt;
}

class Reader {
 public:
  Reader(const std::string& name) : name_(name) {}

  base::Result<Plan> read(const toml::table& root) {
    Plan plan{.name = name_};
    EDGESCOPE_CHECK(
        known(root, "the plan",
              {"name", "about", "grid", "timings", "published", "predict", "question", "rounds", "seconds", "seed"}));
    EDGESCOPE_CHECK(take(root, "name", plan.name));
    EDGESCOPE_CHECK(take(root, "about", plan.about));
    EDGESCOPE_CHECK(take(root, "seconds", plan.seconds));
    std::int64_t rounds = 5, seed = 1;
    EDGESCOPE_CHECK(take(root, "rounds", rounds));
    EDGESCOPE_CHECK(take(root, "seed", seed));
    if (rounds < 1 || rounds > 1000) return base::fail(bad(name_, "`rounds` is not between 1 and 1000"));
    if (!(plan.seconds > 0 && plan.seconds <= 3600)) return base::fail(bad(name_, "`seconds` is not above 0"));
    plan.rounds = static_cast<std::size_t>(rounds);
    plan.seed = static_cast<std::uint64_t>(seed);
    EDGESCOPE_CHECK(each(root, "grid", [&](const toml::table& table) { return grid(table, plan); }));
    EDGESCOPE_CHECK(each(root, "timings", [&](const toml::table& table) { return imports(table, plan); }));
    EDGESCOPE_CHECK(each(root, "published", [&](const toml::table& table) { return published(table, plan); }));
    EDGESCOPE_CHECK(predict(root, plan));
    EDGESCOPE_CHECK(each(root, "question", [&](const toml::table& table) { return question(table, plan); }));
    if (plan.grids.empty() && plan.imports.empty() && plan.published.empty())
      return base::fail(
          bad(name_, "there is neither a [[grid]] to measure nor [[timings]] or [[published]] figures to read"));
    return plan;
  }

 private:
  base::Status known(const toml::table& table, const std::string& what, std::set<std::string_view> names) {
    for (const auto& [key, node] : table)
      if (!names.contains(key.str()))
        return base::fail(bad(name_, fmt::format("line {}: {} has no member `{}`", node.source().begin.line, what,
                                                 std::string(key.str()))));
    return {};
  }

  template <typename T>
  base::Status take(const toml::table& table, const char* key, T& target) {
    const toml::node* node = table.get(key);
    if (!node) return {};
    const auto value = node->value<T>();
    if (!value)
      return base::fail(bad(name_, fmt::format("line {}: `{}` is of another type", node->source().begin.line, key)));
    target = *value;
    return {};
  }

  // [[key]] any number of times, or [key] once.
  template <typename Take>
  base::Status each(const toml::table& root, const char* key, Take take_one) {
    const toml::node* node = root.get(key);
    if (!node) return {};
    if (const toml::table* table = node->as_table()) return take_one(*table);
    const toml::array* array = node->as_array();
    if (!array || !array->is_homogeneous<toml::table>())
      return base::fail(bad(name_, fmt::format("line {}: `{}` is no table", node->source().begin.line, key)));
    for (const toml::node& one : *array) EDGESCOPE_CHECK(take_one(*one.as_table()));
    return {};
  }

  // A list of scalars, or one alone.
  base::Result<std::vector<Json>> list(std::string_view key, const toml::node& node) {
    std::vector<Json> values;
    if (const toml::array* array = node.as_array()) {
      for (const toml::node& one : *array)
        if (auto value = scalar(one)) values.push_back(std::move(*value));
      if (values.size() != array->size()) values.clear();
    } else if (auto value = scalar(node)) {
      values.push_back(std::move(*value));
    }
    if (values.empty())
      return base::fail(
          bad(name_, fmt::format("line {}: `{}` is no list of numbers or words", node.source().begin.line, key)));
    return values;
  }

  base::Status grid(const toml::table& table, Plan& plan) {
    Grid result;
    std::uint64_t size = 1;
    for (const auto& [key, node] : table) {
      EDGESCOPE_TRY(values, list(key.str(), node));
      size = std::min<std::uint64_t>(base::checked_mul(size, values.size()).value_or(kMostPoints + 1), kMostPoints + 1);
      result.axes.emplace_back(std::string(key.str()), std::move(values));
    }
    if (result.axes.empty()) return base::fail(bad(name_, "a grid is empty"));
    if ((points_ += size) > kMostPoints)
      return base::fail(bad(name_, fmt::format("there are more than {} points", kMostPoints)));
    plan.grids.push_back(std::move(result));
    return {};
  }

  base::Status imports(const toml::table& table, Plan& plan) {
    Import result{.spec = Json::object()};
    for (const auto& [key, node] : table) {
      auto value = scalar(node);
      if (!value)
        return base::fail(bad(name_, fmt::format("line {}: `{}` is no number or word", node.source().begin.line,
                                                 std::string(key.str()))));
      if (key.str() == "file" || key.str() == "series") {
        if (!value->is_string()) return base::fail(bad(name_, "`file` and `series` are words"));
        (key.str() == "file" ? result.file : result.series) = value->get<std::string>();
      } else {
        result.spec[std::string(key.str())] = std::move(*value);
      }
    }
    if (result.file.empty() || result.series.empty() || result.spec.empty())
      return base::fail(
          bad(name_, "[[timings]] needs `file`, `series`, and at least one member that says what they are of"));
    plan.imports.push_back(std::move(result));
    return {};
  }

  // Lists of one length stand for as many points: trees = [1, 8], us = [39, 59].
  base::Status published(const toml::table& table, Plan& plan) {
    std::map<std::string, std::vector<Json>> members;
    for (const auto& [key, node] : table) {
      EDGESCOPE_TRY(values, list(key.str(), node));
      members[std::string(key.str())] = std::move(values);
    }
    for (const char* needed : {"published", "source", "us"})
      if (!members.contains(needed))
        return base::fail(
            bad(name_, fmt::format("[[published]] has no `{}`: by whom, where, and the figures", needed)));
    const std::vector<Json> us = members["us"];
    for (std::size_t i = 0; i < us.size(); ++i) {
      Published one;
      for (const auto& [key, values] : members) {
        if (values.size() != 1 && values.size() != us.size())
          return base::fail(
              bad(name_, fmt::format("[[published]] holds {} of `{}` for {} of `us`", values.size(), key, us.size())));
        const Json& value = values[values.size() == 1 ? 0 : i];
        if (key == "source")
          one.source = value.is_string() ? value.get<std::string>() : "";
        else if (key != "us")
          one.spec[key] = value;
      }
      if (!us[i].is_number() || !(us[i].get<double>() > 0) || one.source.empty())
        return base::fail(bad(name_, "[[published]] needs `us` above 0, and a `source` in words"));
      one.us = us[i].get<double>();
      plan.published.push_back(std::move(one));
    }
    return {};
  }

  base::Status predict(const toml::table& root, Plan& plan) {
    const toml::node* node = root.get("predict");
    if (!node) return {};
    EDGESCOPE_TRY(devices, list("predict", *node));
    for (const Json& device : devices) {
      if (device != "edgetpu" && device != "ncs2")
        return base::fail(bad(name_, fmt::format("nothing is predicted for {}", base::dump(device))));
      plan.predict.push_back(device.get<std::string>());
    }
    return {};
  }

  base::Status question(const toml::table& table, Plan& plan) {
    EDGESCOPE_CHECK(known(table, "a question", {"kind", "along"}));
    Question result;
    EDGESCOPE_CHECK(take(table, "kind", result.kind));
    EDGESCOPE_CHECK(take(table, "along", result.along));
    static const std::set<std::string> kKinds = {"scaling", "variance", "ladder", "size", "parity", "strategies"};
    if (!kKinds.contains(result.kind))
      return base::fail(
          bad(name_, fmt::format("no question is called `{}`: there are {}", result.kind, fmt::join(kKinds, ", "))));
    if (result.along.empty() && (result.kind == "scaling" || result.kind == "ladder" || result.kind == "size"))
      return base::fail(bad(name_, fmt::format("`{}` needs `along`, the axis that it follows", result.kind)));
    plan.questions.push_back(std::move(result));
    return {};
  }

  const std::string& name_;
  std::uint64_t points_ = 0;
};

void expand(const Grid& grid, std::size_t axis, Json& spec, std::vector<Json>& result, std::set<std::string>& seen) {
  if (axis == grid.axes.size()) {
    if (seen.insert(base::dump(spec)).second) result.push_back(spec);
    return;
  }
  const auto& [name, values] = grid.axes[axis];
  for (const Json& value : values) {
    spec[name] = value;
    expand(grid, axis + 1, spec, result, seen);
  }
}

}  // namespace

base::Result<Plan> parse_plan(std::string_view text, const std::string& name) {
  const toml::parse_result parsed = toml::parse(text, name);
  if (!parsed)
    return base::fail(bad(name, fmt::format("line {}: {}", parsed.error().source().begin.line,
                                            std::string(parsed.error().description()))));
  return Reader(name).read(parsed.table());
}

base::Result<Plan> read_plan(const std::string& path) {
  EDGESCOPE_TRY(file, base::MappedFile::open(path));
  const std::string_view text(reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size());
  EDGESCOPE_TRY(plan, parse_plan(text, path));
  if (plan.name == path) plan.name = std::filesystem::path(path).stem().string();
  const auto beside = [&path](const std::string& named) {
    return (std::filesystem::path(path).parent_path() / named).lexically_normal().string();
  };
  for (Import& import : plan.imports) import.file = beside(import.file);
  for (Grid& grid : plan.grids)
    for (auto& [axis, values] : grid.axes)
      if (axis == "model" || axis == "forest")
        for (Json& value : values)
          if (value.is_string()) value = beside(value.get<std::string>());
  return plan;
}

std::vector<Json> points(const Plan& plan) {
  std::vector<Json> result;
  std::set<std::string> seen;
  for (const Grid& grid : plan.grids) {
    // Axes stand in one order in every spec, so that the same point of two grids is the same text.
    Grid sorted = grid;
    std::sort(sorted.axes.begin(), sorted.axes.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    Json spec = Json::object();
    expand(sorted, 0, spec, result, seen);
  }
  return result;
}

Json to_json(const Plan& plan) {
  Json json = {{"name", plan.name}, {"about", plan.about},    {"rounds", plan.rounds},    {"seconds", plan.seconds},
               {"seed", plan.seed}, {"grids", Json::array()}, {"timings", Json::array()}, {"questions", Json::array()}};
  for (const Grid& grid : plan.grids) {
    Json axes = Json::object();
    for (const auto& [name, values] : grid.axes) axes[name] = values;
    json["grids"].push_back(std::move(axes));
  }
  for (const Import& import : plan.imports)
    json["timings"].push_back({{"file", import.file}, {"series", import.series}, {"spec", import.spec}});
  for (const Published& one : plan.published)
    json["published"].push_back({{"spec", one.spec}, {"us", one.us}, {"source", one.source}});
  if (!plan.predict.empty()) json["predict"] = plan.predict;
  for (const Question& question : plan.questions)
    json["questions"].push_back({{"kind", question.kind}, {"along", question.along}});
  return json;
}

}  // namespace edgescope::experiment
