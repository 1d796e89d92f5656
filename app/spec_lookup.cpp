// What an operand names: a file, or an entry of the library.
#include <algorithm>
#include <filesystem>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/errors.hpp"
#include "app/library.hpp"
#include "app/workspace.hpp"
#include "problems/problem_spec.hpp"
#include "spec/path_beside.hpp"

namespace tessera {

namespace {

[[noreturn]] void fail_unknown_entry(const std::string& name) {
  std::error_code ignored;
  if (std::filesystem::is_regular_file(name, ignored)) {
    throw UsageError(
        fmt::format("the library has no '{0}'\nTo read the file of that name write "
                    "'./{0}'.",
                    name));
  }
  std::vector<std::string> known;
  std::vector<std::string>
      longer;  // a model's name stands for its layers, `eyeriss` for `eyeriss-v1`
  for (const LibraryEntry& entry : library()) {
    known.emplace_back(entry.name);
    if (entry.name.starts_with(name)) {
      longer.emplace_back(entry.name);
    }
  }
  std::string hint;
  constexpr std::size_t kMostShown = 4;
  if (!longer.empty()) {
    const std::size_t count = longer.size();
    longer.resize(std::min(count, kMostShown));
    hint = fmt::format(
        "; it has {}{}", fmt::join(longer, ", "),
        count > kMostShown ? fmt::format(" and {} more that start so", count - kMostShown) : "");
  } else if (const auto near = nearest_name(name, known)) {
    hint = fmt::format(" (did you mean '{}'?)", *near);
  }
  throw UsageError(
      fmt::format("the library has no '{}'{}\n`tessera list` shows all its entries; a file's "
                  "name holds a `/` or ends in .yaml.",
                  name, hint));
}

/// The problem in a file that a spec names.
Problem problem_in_file(const SpecNode& node, const std::string& path) {
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) {
    node.fail(fmt::format(
        "there is no file '{}'; what a spec names is looked for from the spec's own folder", path));
  }
  const SpecDocument document = SpecDocument::read(path);
  const SpecNode root = document.root();
  if (!root.is_map() || !root.has("problem")) {
    node.fail(fmt::format("'{}' holds no problem", path));
  }
  return parse_problem(root.at("problem"));
}

}  // namespace

bool names_file(std::string_view operand) {
  return operand.find('/') != std::string_view::npos || operand.ends_with(".yaml") ||
         operand.ends_with(".yml");
}

SpecDocument open_spec(const std::string& operand) {
  if (names_file(operand)) {
    return SpecDocument::read(operand, SpecLimits{.extensions = true});  // Timeloop has them
  }
  for (const LibraryEntry& entry : library()) {
    if (entry.name == operand) {
      return SpecDocument::parse(operand, std::string(entry.text));
    }
  }
  fail_unknown_entry(operand);
}

Problem find_library_problem(const SpecNode& node) {
  const std::string name = node.as_string();
  if (names_file(name)) {
    return problem_in_file(node, path_beside(node.file(), name));
  }
  std::vector<std::string> known;
  for (const LibraryEntry& entry : library()) {
    if (entry.kind == "problem" && entry.name == name) {
      const SpecDocument document = SpecDocument::parse(name, std::string(entry.text));
      return parse_problem(document.root().at("problem"));
    }
    if (entry.kind == "problem") {
      known.emplace_back(entry.name);
    }
    if (entry.kind == "network" && entry.name == name) {
      node.fail(
          fmt::format("'{}' is a network of the library, and a layer takes one problem", name));
    }
  }
  node.fail_unknown("problem of the library", name, known);
}

}  // namespace tessera
