#include "arch/class_use.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>

#include <fmt/format.h>

#include "arch/auto_capacity.hpp"
#include "arch/class_files.hpp"
#include "arch/element_spec.hpp"
#include "arch/estimator_use.hpp"
#include "spec/path_beside.hpp"

namespace tessera {
namespace {

/// What a class needs a key for that no element has of itself.
constexpr UnsupportedKey kAttributeKeys[] = {{"bits", "int_mac"}, {"banks", "sram"}};

std::optional<ElementSort> sort_of(const SpecNode& item) {
  for (const ElementSort sort : {ElementSort::memory, ElementSort::fanout, ElementSort::compute}) {
    if (item.has(to_string(sort))) {
      return sort;
    }
  }
  return std::nullopt;
}

bool names_file(std::string_view name) {
  return name.find('/') != std::string_view::npos || name.ends_with(".yaml") ||
         name.ends_with(".yml");
}

/// The one value of a class or scaling file.
SpecNode section_of(const SpecDocument& document, std::string_view kind) {
  const SpecNode root = document.root();
  if (!root.is_map()) {
    root.fail(fmt::format("expected the section `{}`", kind));
  }
  const SpecNode section = root.at(kind);
  root.finish();
  return section;
}

double read_number(const SpecNode& node, const ComponentClass::Attribute& attribute) {
  constexpr double kMost = std::numeric_limits<double>::max();
  if (attribute.type.type.plain()) {
    const double number = node.as_number(-kMost, kMost);
    if (attribute.whole && number != std::floor(number)) {
      node.fail(fmt::format("expected a whole number, got {}", node.as_string()));
    }
    return number;
  }
  const Quantity quantity = node.as_quantity(attribute.measure);
  if (!quantity.per.empty()) {
    node.fail(fmt::format("expected a number without `/{}`", quantity.per));
  }
  const double base = to_base(quantity.value, attribute.measure);
  if (attribute.whole && base != std::floor(base)) {
    node.fail(fmt::format("expected a whole number of bits, got {}", node.as_string()));
  }
  return base;
}

/// Bits of a capacity that is given in words.
double bits_of_word(const SpecNode& capacity, const SpecNode& item,
                    const Formulas::Values& values) {
  const auto word = item.find("word");
  if (values.contains("word") && values.contains("width")) {  // a file of words, one an access
    return values.at(word ? "word" : "width").number;
  }
  if (!word) {
    capacity.fail(
        "a capacity in words needs the key `word` beside it, the bits of a word, such as "
        "`word: 16 bit`");
  }
  return word->as_quantity(Measure::bits).value;
}

}  // namespace

ClassReader::ClassReader(Technology technology, ReferenceCosts references, double clock_hz,
                         Estimator estimator, std::vector<TensorWord> words)
    : technology_(std::move(technology)),
      references_(std::move(references)),
      clock_hz_(clock_hz),
      estimator_(std::move(estimator)),
      words_(std::move(words)) {}

std::string ClassReader::technology_text() const {
  return used_ || technology_.detailed ? full_text(technology_) : technology_.text;
}

const ComponentClass& ClassReader::load(const SpecNode& name_node) {
  const std::string name = name_node.as_string();
  std::string key = name;
  if (names_file(name)) {
    key = path_beside(name_node.file(), name);
  } else if (find_class_file("class", name) == nullptr) {
    name_node.fail_unknown("class", name, class_file_names("class"));
  }
  if (const auto known = classes_.find(key); known != classes_.end()) {
    return known->second;
  }
  std::error_code ignored;
  if (names_file(name) && !std::filesystem::is_regular_file(key, ignored)) {
    name_node.fail(fmt::format("there is no file '{}'", key));
  }
  SpecDocument document =
      names_file(name) ? SpecDocument::read(key)
                       : SpecDocument::parse(fmt::format("technology/{}.yaml", name),
                                             std::string(find_class_file("class", name)->text));
  documents_.push_back(std::make_unique<SpecDocument>(std::move(document)));
  return classes_.emplace(key, ComponentClass::parse(section_of(*documents_.back(), "class")))
      .first->second;
}

const Scaling& ClassReader::scaling() {
  if (!scaling_) {
    const ClassFile& file = *find_class_file("scaling", technology_.scaling);
    documents_.push_back(std::make_unique<SpecDocument>(
        SpecDocument::parse(fmt::format("technology/{}.yaml", file.name), std::string(file.text))));
    scaling_ = Scaling::parse(section_of(*documents_.back(), "scaling"));
  }
  return *scaling_;
}

const ComponentClass* ClassReader::claim(const SpecNode& item) {
  const auto sort = item.is_map() ? sort_of(item) : std::nullopt;
  if (!sort) {
    return nullptr;  // the element's reader says what is wrong
  }
  claim_estimator(item);
  if (!item.has("class")) {
    for (const UnsupportedKey& key : kAttributeKeys) {
      if (item.has(key.key) && !(key.key == "bits" && sort == ElementSort::memory)) {
        item.at(key.key).fail(
            fmt::format("`{}` is an attribute of component classes, and there is "
                        "no `class` here, such as `class: {}`",
                        key.key, key.remedy));
      }
    }
    return nullptr;
  }
  const SpecNode name = item.at("class");
  const ComponentClass& component = load(name);
  if (component.sort() != *sort) {
    name.fail(fmt::format("{} is a class of a {}, and this element is a {}", component.name(),
                          to_string(component.sort()), to_string(*sort)));
  }
  for (const ComponentClass::Attribute& attribute : component.attributes()) {
    item.find(attribute.name);
  }
  return &component;
}

std::optional<SpecNode> ClassReader::attribute_node(const SpecNode& item,
                                                    const std::string& name) const {
  return name == "capacity" ? capacity_node(item, size_) : item.find(name);
}

/// Where the element says no bits at all, those of the problem; whether there are any.
bool ClassReader::follow_problem(const ComponentClass& component, Formulas::Values& values) const {
  const auto& attributes = component.attributes();
  if (std::any_of(attributes.begin(), attributes.end(), [&](const auto& attribute) {
        return attribute.measure == Measure::bits && values.contains(attribute.name);
      })) {
    return false;
  }
  bool follows = false;
  for (const ComponentClass::Attribute& attribute : attributes) {
    std::int64_t widest = 0;
    for (const TensorWord& word : words_) {
      widest = std::max(widest, attribute.follows.contains(word.kind) ? word.bits : 0);
    }
    if (widest > 0) {
      values[attribute.name].number = to_base(static_cast<double>(widest), Measure::bits);
      follows = true;
    }
  }
  return follows;
}

Formulas::Values ClassReader::read_attributes(const SpecNode& item, const ComponentClass& component,
                                              bool& follows_problem) const {
  Formulas::Values values;
  for (const ComponentClass::Attribute& attribute : component.attributes()) {
    const auto node = attribute_node(item, attribute.name);
    if (!node) {
      continue;
    }
    AttributeValue value;
    if (!attribute.type.choices.empty()) {
      value.word = node->as_string();
      const auto& known = attribute.type.choices;
      if (std::find(known.begin(), known.end(), value.word) == known.end()) {
        node->fail_unknown(attribute.name, value.word, known);
      }
    } else if (!attribute.type.type.plain() && attribute.measure == Measure::data &&
               node->as_quantity(Measure::data).in_words) {
      continue;  // below, when the size of a word is known
    } else {
      value.number = read_number(*node, attribute);
    }
    values.emplace(attribute.name, value);
  }
  for (const ComponentClass::Attribute& attribute : component.attributes()) {
    const auto node = attribute_node(item, attribute.name);
    if (!node || values.contains(attribute.name)) {
      continue;
    }
    Formulas::Values known = values;
    component.fill_defaults(known);
    values[attribute.name].number =
        node->as_quantity(Measure::data).value * bits_of_word(*node, item, known);
  }
  follows_problem = follow_problem(component, values);
  if (const auto missing = component.fill_defaults(values)) {
    item.at("class").fail(
        fmt::format("class {} needs the attribute `{}`", component.name(), *missing));
  }
  return values;
}

std::vector<ComponentClass::Estimate> ClassReader::estimate(const SpecNode& item,
                                                            const ComponentClass& component,
                                                            LevelId level) {
  bool follows_problem = false;
  const Formulas::Values values = read_attributes(item, component, follows_problem);
  ElementClass& used =
      used_classes_.emplace_back(ElementClass{level, component.name(), {}, {}, follows_problem});
  for (const auto& [name, value] : values) {
    if (value.word.empty()) {
      used.numbers[name] = value.number;
    } else {
      used.words[name] = value.word;
    }
  }
  if (const auto beyond = component.find_beyond_bounds(values)) {
    attribute_node(item, beyond->attribute)
        .value_or(item.at("class"))
        .fail(fmt::format("class {} takes {} of {}", component.name(), beyond->attribute,
                          beyond->range));
  }
  if (component.needs_node() && !technology_.node_nm) {
    item.at("class").fail(
        fmt::format("class {} needs the technology node; add it to the "
                    "architecture, such as `technology: 65 nm`",
                    component.name()));
  }
  ComponentClass::Result result = component.estimate(values, technology_, scaling());
  if (const auto& outside = result.outside) {
    const SpecNode place =
        outside->attribute.empty()
            ? item.at("class")
            : attribute_node(item, outside->attribute).value_or(item.at("class"));
    if (outside->attribute.empty()) {
      place.fail(fmt::format("class {} has no value of `{}` for these attributes", component.name(),
                             outside->item));
    }
    place.fail(fmt::format("class {} knows `{}` for {} from {} only", component.name(),
                           outside->item, outside->attribute, outside->range));
  }
  used_ = used_ || component.needs_node();
  return std::move(result.estimates);
}

}  // namespace tessera
