#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/command.hpp"
#include "app/csv_report.hpp"
#include "app/errors.hpp"
#include "app/evaluation_report.hpp"
#include "app/json_report.hpp"
#include "app/library.hpp"
#include "app/numbers.hpp"
#include "app/text_table.hpp"
#include "app/workspace.hpp"
#include "arch/class_files.hpp"
#include "arch/component_class.hpp"

namespace tessera {

namespace {

std::vector<Option> list_options() {
  return common_options({"text", "json", "csv"});
}

/// The comment that a library file starts with, up to the end of its first sentence.
std::string first_sentence(std::string_view text) {
  std::string sentence;
  while (text.starts_with("#")) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(1, end - 1);
    sentence += line;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  sentence.erase(0, sentence.find_first_not_of(' '));
  const std::size_t stop = sentence.find(". ");
  return stop == std::string::npos ? sentence : sentence.substr(0, stop + 1);
}

/// Whether `a` comes before `b` where numbers in names count as numbers: conv2 before conv10.
bool naturally_before(std::string_view a, std::string_view b) {
  const auto digits = [](std::string_view text) {
    return std::min(text.find_first_not_of("0123456789"), text.size());
  };
  while (!a.empty() && !b.empty()) {
    const std::size_t in_a = digits(a);
    const std::size_t in_b = digits(b);
    if (in_a > 0 && in_b > 0 && in_a != in_b) {
      return in_a < in_b;  // library names have no leading zeros
    }
    if (a.front() != b.front()) {
      return a.front() < b.front();
    }
    if (in_a > 0 && a.substr(0, in_a) != b.substr(0, in_b)) {
      return a.substr(0, in_a) < b.substr(0, in_b);
    }
    a.remove_prefix(1);
    b.remove_prefix(1);
  }
  return a.size() < b.size();
}

struct Row {
  std::string_view kind;
  std::string_view name;
  /// Operations of a problem or a network, compute lanes of an architecture, attributes of a class.
  std::int64_t size = 0;
  std::string
      structure;  ///< the operation, the layers, the elements outermost first, or the attributes
  std::string about;
};

Row describe_entry(const LibraryEntry& entry) {
  Row row{entry.kind, entry.name, 0, "", first_sentence(entry.text)};
  const Workspace workspace = Workspace::load({std::string(entry.name)}, {});
  if (workspace.problem) {
    row.size = workspace.problem->operations();
    row.structure = problem_text(*workspace.problem);
  } else if (workspace.network) {
    const Network& network = *workspace.network;
    row.size = network.operations(network.batch);
    for (const Layer& layer : network.layers) {
      row.structure += fmt::format("{}{}{}", row.structure.empty() ? "" : ", ", layer.problem.name,
                                   layer.repeat > 1 ? fmt::format(" x{}", layer.repeat) : "");
    }
  } else if (workspace.architecture) {
    const Architecture& architecture = *workspace.architecture;
    row.size = architecture.instances(LevelId(architecture.hierarchy.size() - 1));
    for (std::size_t l = 0; l < architecture.hierarchy.size(); ++l) {
      row.structure += (l == 0 ? "" : ", ") + architecture.name_of(LevelId(l));
    }
  }
  return row;
}

Row describe_class(const ClassFile& file) {
  const SpecDocument document = SpecDocument::parse(std::string(file.name), std::string(file.text));
  const ComponentClass component = ComponentClass::parse(document.root().at("class"));
  Row row{file.kind, file.name, static_cast<std::int64_t>(component.attributes().size()), "",
          component.about()};
  for (const ComponentClass::Attribute& attribute : component.attributes()) {
    row.structure += (row.structure.empty() ? "" : ", ") + attribute.name;
  }
  return row;
}

/// `problem` for `problems`; both are taken. Empty: everything.
std::string_view wanted_kind(const std::vector<std::string>& operands) {
  if (operands.empty()) {
    return "";
  }
  if (operands.size() > 1) {
    throw UsageError("`tessera list` takes one word, such as `tessera list problems`");
  }
  for (const std::string_view kind : {"problem", "network", "architecture"}) {
    if (operands.front() == kind || operands.front() == std::string(kind) + "s") {
      return kind;
    }
  }
  if (operands.front() == "class" || operands.front() == "classes") {
    return "class";
  }
  for (const LibraryEntry& entry : library()) {
    if (entry.name == operands.front()) {
      throw UsageError(
          fmt::format("cannot list '{0}'; expected problems, networks, architectures or classes\n"
                      "To see this entry: `tessera check {0}`.",
                      entry.name));
    }
  }
  throw UsageError(fmt::format(
      "cannot list '{}'; expected problems, networks, architectures or classes", operands.front()));
}

/// What fits beside the other columns; the whole text is in the other formats.
std::string shortened(const std::string& text) {
  constexpr std::size_t kMost = 90;
  if (text.size() <= kMost) {
    return text;
  }
  return text.substr(0, text.rfind(' ', kMost)) + " ...";
}

std::string rows_text(const std::vector<Row>& rows) {
  using Align = TextTable::Align;
  std::string out;
  for (const std::string_view kind : {"architecture", "class", "network", "problem"}) {
    const bool is_class = kind == "class";
    TextTable table({{std::string(kind), Align::left},
                     {kind == "architecture" ? "lanes"
                      : is_class             ? "attributes"
                                             : "operations",
                      is_class ? Align::left : Align::right},
                     {"about", Align::left}});
    for (const Row& row : rows) {
      if (row.kind == kind) {
        table.add({std::string(row.name), is_class ? row.structure : grouped(row.size),
                   shortened(row.about)});
      }
    }
    if (!table.empty()) {
      out.append(out.empty() ? "" : "\n").append(table.text());
    }
  }
  return out;
}

std::string rows_csv(const std::vector<Row>& rows) {
  std::string out = "kind,name,size,structure,about\n";
  for (const Row& row : rows) {
    out += fmt::format("{},{},{},{},{}\n", row.kind, row.name, row.size, csv_field(row.structure),
                       csv_field(row.about));
  }
  return out;
}

std::string rows_json(const std::vector<Row>& rows) {
  nlohmann::ordered_json document = {{"schema", "tessera.list/1"},
                                     {"entries", nlohmann::ordered_json::array()}};
  for (const Row& row : rows) {
    document["entries"].push_back({{"kind", row.kind},
                                   {"name", row.name},
                                   {row.kind == "architecture" ? "lanes"
                                    : row.kind == "class"      ? "attribute_count"
                                                               : "operations",
                                    row.size},
                                   {row.kind == "problem"   ? "operation"
                                    : row.kind == "network" ? "layers"
                                    : row.kind == "class"   ? "attributes"
                                                            : "elements",
                                    row.structure},
                                   {"about", row.about}});
  }
  return dumped(document);
}

int run_list(const Invocation& invocation) {
  OptionValues options = invocation.options;
  options.fill_from(list_options());
  const std::string_view kind = wanted_kind(invocation.operands);
  std::vector<Row> rows;
  for (const LibraryEntry& entry : library()) {
    if (kind.empty() || entry.kind == kind) {
      rows.push_back(describe_entry(entry));
    }
  }
  for (const ClassFile& file : class_files()) {
    if (file.kind == "class" && (kind.empty() || kind == "class")) {
      rows.push_back(describe_class(file));
    }
  }
  std::stable_sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) {
    return a.kind == b.kind ? naturally_before(a.name, b.name) : a.kind < b.kind;
  });
  const std::string& format = options.text("format");
  deliver(options, {"list", "txt"},
          format == "json"  ? rows_json(rows)
          : format == "csv" ? rows_csv(rows)
                            : rows_text(rows));
  return kExitDone;
}

}  // namespace

Command list_command() {
  return {
      .name = "list",
      .operands = "[problems|networks|architectures|classes]",
      .summary =
          "Shows the problems, networks, architectures and component classes of the library.",
      .description =
          "Shows what comes with Tessera. Names of problems, networks and architectures can stand\n"
          "where a command expects a spec, those of classes after `class:` in an architecture.\n",
      .options = list_options(),
      .run = run_list};
}

}  // namespace tessera
