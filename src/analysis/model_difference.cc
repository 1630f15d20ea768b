#include "analysis/model_difference.h"

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <unordered_map>

#include "analysis/inspection_json.h"

namespace edgescope::analysis {
namespace {

using base::Json;

// Longer remainders than this many pairs are matched first come, first served.
constexpr std::size_t kTable = std::size_t{1} << 24;

std::int64_t integer(const Json& record, const char* key) {
  const auto it = record.find(key);
  return it != record.end() && it->is_number() ? it->get<std::int64_t>() : 0;
}

Json change(std::int64_t now, std::int64_t old) { return {{"new", now}, {"old", old}, {"change", now - old}}; }
Json change(const Json& now, const Json& old, const char* key) { return change(integer(now, key), integer(old, key)); }

struct Pair {
  std::size_t now, old;
};

// Which record is which: indices into two lists.
struct Matching {
  std::vector<Pair> both;
  std::vector<std::size_t> added, removed;
};

using Key = std::function<std::string(const Json&)>;

class Matcher {
 public:
  Matcher(const std::vector<const Json*>& now, const std::vector<const Json*>& old, const Key& form)
      : now_(now), old_(old), form_(form) {}

  Matching match() {
    by_name();
    by_form();
    std::sort(result_.both.begin(), result_.both.end(), [](const Pair& a, const Pair& b) { return a.now < b.now; });
    std::sort(result_.added.begin(), result_.added.end());
    std::sort(result_.removed.begin(), result_.removed.end());
    return std::move(result_);
  }

 private:
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  // Name to index; kNone where several have it.
  static std::unordered_map<std::string, std::size_t> names(const std::vector<const Json*>& records) {
    std::unordered_map<std::string, std::size_t> result;
    for (std::size_t i = 0; i < records.size(); ++i) {
      const auto& name = (*records[i])["name"].get_ref<const std::string&>();
      if (name.empty()) continue;
      if (const auto [it, added] = result.emplace(name, i); !added) it->second = kNone;
    }
    return result;
  }

  void by_name() {
    const auto old_names = names(old_);
    std::vector<bool> taken(old_.size(), false), matched(now_.size(), false);
    for (const auto& [name, now] : names(now_)) {
      const auto it = old_names.find(name);
      if (now == kNone || it == old_names.end() || it->second == kNone) continue;
      result_.both.push_back({now, it->second});
      matched[now] = taken[it->second] = true;
    }
    for (std::size_t i = 0; i < now_.size(); ++i)
      if (!matched[i]) now_left_.push_back(i);
    for (std::size_t i = 0; i < old_.size(); ++i)
      if (!taken[i]) old_left_.push_back(i);
  }

  void by_form() {
    std::vector<std::string> now, old;
    for (std::size_t i : now_left_) now.push_back(form_(*now_[i]));
    for (std::size_t i : old_left_) old.push_back(form_(*old_[i]));
    if (!now.empty() && old.size() > kTable / now.size())
      first_come(now, old);
    else
      longest_common(now, old);
  }

  void first_come(const std::vector<std::string>& now, const std::vector<std::string>& old) {
    std::unordered_map<std::string, std::deque<std::size_t>> waiting;
    for (std::size_t i = 0; i < old.size(); ++i) waiting[old[i]].push_back(i);
    for (std::size_t i = 0; i < now.size(); ++i) {
      auto& queue = waiting[now[i]];
      if (queue.empty()) {
        result_.added.push_back(now_left_[i]);
      } else {
        result_.both.push_back({now_left_[i], old_left_[queue.front()]});
        queue.pop_front();
      }
    }
    for (const auto& [form, queue] : waiting)
      for (std::size_t i : queue) result_.removed.push_back(old_left_[i]);
  }

  void longest_common(const std::vector<std::string>& now, const std::vector<std::string>& old) {
    const std::size_t width = old.size() + 1;
    std::vector<std::uint32_t> length((now.size() + 1) * width, 0);  // of the common run of the rests from (i, j)
    for (std::size_t i = now.size(); i-- > 0;)
      for (std::size_t j = old.size(); j-- > 0;)
        length[i * width + j] = now[i] == old[j] ? length[(i + 1) * width + j + 1] + 1
                                                 : std::max(length[(i + 1) * width + j], length[i * width + j + 1]);
    std::size_t i = 0, j = 0;
    while (i < now.size() && j < old.size()) {
      if (now[i] == old[j])
        result_.both.push_back({now_left_[i++], old_left_[j++]});
      else if (length[(i + 1) * width + j] >= length[i * width + j + 1])
        result_.added.push_back(now_left_[i++]);
      else
        result_.removed.push_back(old_left_[j++]);
    }
    for (; i < now.size(); ++i) result_.added.push_back(now_left_[i]);
    for (; j < old.size(); ++j) result_.removed.push_back(old_left_[j]);
  }

  const std::vector<const Json*>&now_, &old_;
  const Key& form_;
  std::vector<std::size_t> now_left_, old_left_;
  Matching result_;
};

// Type and shape of what an operator reads or writes, without the numbers that its tensors happen to have.
Json ports(const Json& list) {
  Json result = Json::array();
  for (const Json& tensor : list)
    result.push_back(tensor.is_null() ? Json() : Json({{"type", tensor["type"]}, {"shape", tensor["shape"]}}));
  return result;
}

class Difference {
 public:
  Difference(const graph::Model& now, const Inspection& inspection, const graph::Model& old,
             const Inspection& old_inspection)
      : now_model_(now),
        old_model_(old),
        now_(inspection_json(now, inspection)),
        old_(inspection_json(old, old_inspection)) {}

  Json run() const {
    Json json;
    json["basis"] = "exact";
    json["totals"] = totals();
    json["owners"] = owners();
    json["kinds"] = kinds();
    json["operators"] = compare(
        "operators", [](const Json& op) { return op["kind"].dump() + ports(op["outputs"]).dump(); },
        [&](const Json& now, const Json& old, Json& changes) { operator_changes(now, old, changes); });
    json["tensors"] = compare(
        "tensors",
        [](const Json& tensor) {
          return tensor["type"].dump() + tensor["shape"].dump() + (tensor.contains("constant") ? "c" : "");
        },
        [&](const Json& now, const Json& old, Json& changes) { tensor_changes(now, old, changes); });
    return json;
  }

 private:
  Json totals() const {
    Json rows = Json::array();
    for (const char* name : {"file_bytes", "operators", "tensors", "parameters", "weight_bytes", "macs", "read_bytes",
                             "written_bytes", "operators_without_macs", "operators_without_bytes"}) {
      Json row = {{"total", name}};
      row.update(change(now_["totals"], old_["totals"], name));
      rows.push_back(std::move(row));
    }
    return rows;
  }

  static std::map<std::string, std::int64_t> owners_of(const Json& model) {
    std::map<std::string, std::int64_t> sums;
    for (const Json& file : model["files"])
      for (const Json& owner : file["owners"]) sums[owner["owner"]] += integer(owner, "bytes");
    return sums;
  }

  Json owners() const {
    auto now = owners_of(now_), old = owners_of(old_);
    Json rows = Json::array();
    for (int owner = 0; owner <= static_cast<int>(graph::Extent::Owner::Padding); ++owner) {
      const std::string name(graph::owner_name(static_cast<graph::Extent::Owner>(owner)));
      Json row = {{"owner", name}};
      row.update(change(now[name], old[name]));
      rows.push_back(std::move(row));
    }
    return rows;
  }

  Json kinds() const {
    std::vector<std::string> order;
    std::map<std::string, std::pair<Json, Json>> sums;
    const auto collect = [&](const Json& model, auto side) {
      for (const Json& kind : model["kinds"]) {
        const auto& name = kind["kind"].get_ref<const std::string&>();
        if (!sums.contains(name)) order.push_back(name);
        sums[name].*side = kind;
      }
    };
    collect(now_, &std::pair<Json, Json>::first);
    collect(old_, &std::pair<Json, Json>::second);
    Json rows = Json::array();
    for (const std::string& name : order) {
      auto& [now, old] = sums[name];
      if (now.is_null()) now = Json::object();
      if (old.is_null()) old = Json::object();
      Json row = {{"kind", name}};
      bool differs = false;
      for (const char* key : {"operators", "macs", "parameters", "weight_bytes"}) {
        row[key] = change(now, old, key);
        differs = differs || row[key]["change"] != 0;
      }
      if (differs) rows.push_back(std::move(row));
    }
    return rows;
  }

  static std::vector<std::vector<const Json*>> by_subgraph(const Json& model, const char* list) {
    std::vector<std::vector<const Json*>> result(model["subgraphs"].size());
    for (const Json& record : model[list]) result[record["subgraph"].get<std::size_t>()].push_back(&record);
    return result;
  }

  template <typename Changes>
  Json compare(const char* list, const Key& form, Changes&& find_changes) const {
    auto now = by_subgraph(now_, list), old = by_subgraph(old_, list);
    const std::size_t subgraphs = std::max(now.size(), old.size());
    now.resize(subgraphs);
    old.resize(subgraphs);
    Json added = Json::array(), removed = Json::array(), changed = Json::array();
    for (std::size_t s = 0; s < subgraphs; ++s) {
      const Matching matching = Matcher(now[s], old[s], form).match();
      for (std::size_t i : matching.added) added.push_back(*now[s][i]);
      for (std::size_t i : matching.removed) removed.push_back(*old[s][i]);
      for (const Pair& pair : matching.both) {
        const Json &new_record = *now[s][pair.now], &old_record = *old[s][pair.old];
        Json changes = Json::array();
        find_changes(new_record, old_record, changes);
        if (changes.empty()) continue;
        Json entry = {{"subgraph", s}, {"index", new_record["index"]}, {"old_index", old_record["index"]}};
        for (const char* key : {"name", "kind", "type", "shape"})
          if (new_record.contains(key)) entry[key] = new_record[key];
        entry["changes"] = std::move(changes);
        changed.push_back(std::move(entry));
      }
    }
    return {{"added", std::move(added)}, {"removed", std::move(removed)}, {"changed", std::move(changed)}};
  }

  static void note(Json& changes, const char* what, const Json& now, const Json& old) {
    if (now != old) changes.push_back({{"what", what}, {"new", now}, {"old", old}});
  }
  static void note_member(Json& changes, const char* what, const Json& now, const Json& old) {
    note(changes, what, now.value(what, Json()), old.value(what, Json()));
  }

  static void operator_changes(const Json& now, const Json& old, Json& changes) {
    for (const char* what : {"name", "kind", "source_kind", "version", "options_bytes"})
      note_member(changes, what, now, old);
    note(changes, "inputs", ports(now["inputs"]), ports(old["inputs"]));
    note(changes, "outputs", ports(now["outputs"]), ports(old["outputs"]));
    const Json a = now.value("attributes", Json::object()), b = old.value("attributes", Json::object());
    for (const auto& [name, value] : a.items())
      if (!b.contains(name) || b[name] != value)
        changes.push_back({{"what", "attribute " + name}, {"new", value}, {"old", b.value(name, Json())}});
    for (const auto& [name, value] : b.items())
      if (!a.contains(name)) changes.push_back({{"what", "attribute " + name}, {"new", nullptr}, {"old", value}});
  }

  void tensor_changes(const Json& now, const Json& old, Json& changes) const {
    for (const char* what : {"name", "type", "shape", "quantization", "constant", "variable", "sparse"})
      note_member(changes, what, now, old);
    const graph::Tensor &a = tensor(now_model_, now), &b = tensor(old_model_, old);
    // JSON holds a summary of many scales, which may be the same for different ones.
    if (a.quantization && b.quantization && now.value("quantization", Json()) == old.value("quantization", Json()) &&
        (a.quantization->scales != b.quantization->scales ||
         a.quantization->zero_points != b.quantization->zero_points))
      changes.push_back({{"what", "quantization of single channels"}});
    if (now["type"] != old["type"] || now["shape"] != old["shape"]) return;
    if (!a.constant || !b.constant || a.encoding != b.encoding || a.data.size() != b.data.size()) return;
    std::uint64_t different = 0;
    for (std::size_t i = 0; i < a.data.size(); ++i) different += a.data[i] != b.data[i];
    if (different > 0)
      changes.push_back({{"what", "weights"}, {"different_bytes", different}, {"bytes", a.data.size()}});
  }

  static const graph::Tensor& tensor(const graph::Model& model, const Json& record) {
    return model.subgraphs[record["subgraph"].get<std::size_t>()].tensors[record["index"].get<std::size_t>()];
  }

  const graph::Model &now_model_, &old_model_;
  Json now_, old_;
};

}  // namespace

Json model_difference(const graph::Model& model, const Inspection& inspection, const graph::Model& old_model,
                      const Inspection& old_inspection) {
  return Difference(model, inspection, old_model, old_inspection).run();
}

}  // namespace edgescope::analysis
