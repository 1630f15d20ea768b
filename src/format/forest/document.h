// What an XGBoost model file says, as a tree of values: JSON and UBJSON in one form, read by nlohmann's parser.
//
// An array of numbers is one vector, so that a forest costs eight bytes a number. XGBoost's numbers with a fraction
// are float32 and are parsed as such; its JSON also knows NaN and Infinity. What is built is charged, since UBJSON
// can announce billions of elements that take no bytes.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/mapped_file.h"

namespace edgescope::forest {

struct Value {
  enum class Kind : std::uint8_t { Null, Boolean, Number, Text, Array, Numbers, Object };

  Kind kind = Kind::Null;
  double number = 0;  // Boolean: 0 or 1
  std::string text;
  std::vector<double> numbers;     // Numbers: an array of nothing else; an empty array is one, too
  std::vector<Value> items;        // Array, Object
  std::vector<std::string> names;  // Object: of each item

  // Of an object; null where there is none of that name.
  const Value* find(std::string_view name) const;
};

base::Result<Value> read_document(const base::MappedFile& file);

}  // namespace edgescope::forest
