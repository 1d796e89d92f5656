#include "app/spec_json.hpp"

#include <charconv>

#include <nlohmann/json.hpp>

#include "spec/node.hpp"

namespace tessera {

namespace {

using Json = nlohmann::ordered_json;

template <class Number>
bool reads_whole(const std::string& text, Number& value) {
  const auto end = std::from_chars(text.data(), text.data() + text.size(), value);
  return end.ec == std::errc() && end.ptr == text.data() + text.size();
}

Json scalar_json(const std::string& text) {
  // Only what starts like a number is one: `inf` and `nan` are names here.
  const bool numeric =
      !text.empty() && (text.front() == '-' || (text.front() >= '0' && text.front() <= '9'));
  std::int64_t integer = 0;
  double number = 0;
  if (numeric && reads_whole(text, integer)) {
    return integer;
  }
  if (numeric && reads_whole(text, number)) {
    return number;
  }
  if (text == "true" || text == "false") {
    return text == "true";
  }
  return text;
}

Json node_json(const SpecNode& node) {
  if (node.is_map()) {
    Json object = Json::object();
    for (const SpecNode::Entry& entry : node.entries()) {
      object[entry.name] = node_json(entry.value);
    }
    return object;
  }
  if (node.is_sequence()) {
    Json array = Json::array();
    for (const SpecNode& item : node.items()) {
      array.push_back(node_json(item));
    }
    return array;
  }
  return node.is_null() ? Json(nullptr) : scalar_json(node.as_string());
}

}  // namespace

Json spec_json(const std::string& yaml) {
  const SpecDocument document = SpecDocument::parse("(as understood)", yaml);
  return node_json(document.root());
}

}  // namespace tessera
