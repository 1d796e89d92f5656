#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "arch/component_class.hpp"
#include "arch/costs.hpp"
#include "arch/estimator.hpp"
#include "arch/technology.hpp"
#include "spec/node.hpp"

namespace tessera {

/// Turns the `class` of elements into plain numbers. One serves one architecture: it holds the
/// class files that the elements name, ours from the library or the user's own (`class:
/// ./my_sram.yaml`, from the folder of the spec that names it).
class ClassReader {
 public:
  /// `clock_hz` turns leakage per cycle of reference tables into power. `estimator` runs the
  /// programs that elements name; it may be empty, then they are refused.
  /// `words` are those of the problems that run on the machine; there may be none.
  ClassReader(Technology technology, ReferenceCosts references, double clock_hz,
              Estimator estimator, std::vector<TensorWord> words);

  /// Looks up the class of an element, if it has one, and marks its attributes as known keys, so
  /// that the element's own reader takes them. To be called before that. Throws SpecError.
  const ComponentClass* claim(const SpecNode& item);

  /// Of elements from now on: which of its sizes a memory of `capacity: auto` has.
  void choose_size(std::size_t size) { size_ = size; }

  /// Gives `element`, read from `item`, the costs that the item does not say itself: from the
  /// reference tables, else from its class or its program. Returns where each comes from. Throws
  /// SpecError where the class has no value for these attributes, or the program fails.
  std::vector<Cost> fill(const SpecNode& item, const ComponentClass* component, Element& element,
                         LevelId level);

  /// The classes that fill() has used, with their attributes.
  const std::vector<ElementClass>& used_classes() const { return used_classes_; }

  /// The technology as reports call it.
  std::string technology_text() const;

 private:
  const ComponentClass& load(const SpecNode& name);
  const Scaling& scaling();
  /// The value of an attribute that stands beside the class.
  std::optional<SpecNode> attribute_node(const SpecNode& item, const std::string& name) const;
  bool follow_problem(const ComponentClass& component, Formulas::Values& values) const;
  Formulas::Values read_attributes(const SpecNode& item, const ComponentClass& component,
                                   bool& follows_problem) const;
  std::vector<ComponentClass::Estimate> estimate(const SpecNode& item,
                                                 const ComponentClass& component, LevelId level);

  Technology technology_;
  ReferenceCosts references_;
  double clock_hz_ = 1;
  Estimator estimator_;
  std::vector<TensorWord> words_;
  bool used_ = false;
  std::size_t size_ = 0;
  std::vector<ElementClass> used_classes_;
  std::vector<std::unique_ptr<SpecDocument>> documents_;
  std::map<std::string, ComponentClass> classes_;  ///< by file
  std::optional<Scaling> scaling_;
};

}  // namespace tessera
