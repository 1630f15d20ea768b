#include "report/html.h"

#include <algorithm>

#include "report/page.h"

namespace edgescope::report {
namespace {

using base::Json;

constexpr std::size_t kDocumentBytes = 1'100'000;  // beside some 250 kB of page

// `<` occurs in JSON within strings only; escaped, no name in a model can end the script element.
void append_escaped(std::string& page, const std::string& json) {
  for (char c : json) {
    if (c == '<')
      page += "\\u003c";
    else
      page += c;
  }
}

void leave_out(Json& document, const std::string& what) {
  if (!document.contains("left_out")) document["left_out"] = Json::array();
  document["left_out"].push_back(what);
}

// Keeps the first rows of a list, as many as fit beside the rest of the document.
void shorten(Json& document, Json& list, std::size_t excess, const std::string& name) {
  const std::size_t size = base::dump(list).size(), rows = list.size();
  const std::size_t left = size > excess ? size - excess : 0;
  const std::size_t kept = size ? rows * left / size : 0;
  list.erase(list.begin() + static_cast<std::ptrdiff_t>(kept), list.end());
  leave_out(document, name + " after the first " + std::to_string(kept) + " of " + std::to_string(rows));
}

}  // namespace

base::Json fitted(base::Json document, std::size_t bytes) {
  const auto excess = [&] {
    const std::size_t size = base::dump(document).size();
    return size > bytes ? size - bytes : 0;
  };
  // Of what a device will make of it: what is mapped needs no words, and the largest layers tell most.
  if (excess() > 0 && document.contains("check")) {
    for (Json& check : document["check"]) {
      Json kept = Json::array();
      for (Json& op : check["operators"])
        if (op["verdict"] != "mapped") kept.push_back(std::move(op));
      check["operators"] = std::move(kept);
    }
    leave_out(document, "operators that a device maps");
    for (std::size_t i = 0; i < document["check"].size(); ++i)
      if (const std::size_t over = excess(); over > 0 && document["check"][i].contains("memory")) {
        Json list = document["check"][i]["memory"]["layers"];
        std::stable_sort(list.begin(), list.end(), [](const Json& a, const Json& b) {
          return a.value("stored_bytes", 0) > b.value("stored_bytes", 0);
        });
        shorten(document, list, over, "layers with parameters");
        document["check"][i]["memory"]["layers"] = std::move(list);
      }
  }
  const auto model = document.find("model");
  if (excess() == 0 || model == document.end() || !model->is_object()) return document;
  if (model->contains("tensors")) {
    model->erase("tensors");
    leave_out(document, "the model's tensors");
  }
  // Adding a member may move the others, so each step looks them up anew.
  if (excess() > 0 && document["model"].contains("operators")) {
    for (Json& op : document["model"]["operators"])
      for (const char* detail :
           {"inputs", "attributes", "version", "options_bytes", "shared_weight_bytes", "file_bytes"})
        op.erase(detail);
    leave_out(document, "inputs and attributes of operators");
  }
  if (document.contains("runs"))
    for (std::size_t i = 0; i < document["runs"].size(); ++i)
      if (const std::size_t over = excess(); over > 0 && document["runs"][i].contains("operators")) {
        Json list = document["runs"][i]["operators"];
        std::stable_sort(list.begin(), list.end(),
                         [](const Json& a, const Json& b) { return a.value("us", 0.0) > b.value("us", 0.0); });
        shorten(document, list, over, "the profile of " + document["runs"][i].value("on", std::string()));
        document["runs"][i]["operators"] = std::move(list);
      }
  if (const std::size_t over = excess(); over > 0 && document["model"].contains("operators")) {
    Json list = document["model"]["operators"];
    shorten(document, list, over, "the model's operators");
    document["model"]["operators"] = std::move(list);
  }
  return document;
}

std::string html(const base::Json& document) {
  const std::string json = base::dump(fitted(document, kDocumentBytes));
  std::string page;
  page.reserve(page_head.size() + json.size() + page_tail.size() + 1024);
  page += page_head;
  append_escaped(page, json);
  page += page_tail;
  return page;
}

}  // namespace edgescope::report
