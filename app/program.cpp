#include "app/program.hpp"

#include <cstdio>
#include <exception>
#include <new>

#include <fmt/format.h>

#include "app/command.hpp"
#include "app/errors.hpp"
#include "model/evaluate.hpp"
#include "search/search_error.hpp"
#include "spec/error.hpp"
#include "spec/node.hpp"

#ifndef TESSERA_VERSION
#error "TESSERA_VERSION is set by app/CMakeLists.txt"
#endif

namespace tessera {

namespace {

std::vector<Command> all_commands() {
  return {search_command(), evaluate_command(), explain_command(),  compare_command(),
          check_command(),  list_command(),     import_command(),   sweep_command(),
          merge_command(),  results_command(),  translate_command()};
}

std::string program_help() {
  std::string text =
      "Tessera finds the best mappings of a deep-learning kernel on an accelerator.\n"
      "\n"
      "Usage: tessera COMMAND [SPEC...] [options]\n"
      "\n"
      "Commands:\n";
  for (const Command& command : all_commands()) {
    text += fmt::format("  {:<11}{}\n", command.name, command.summary);
  }
  text +=
      "\n"
      "A SPEC is a YAML file or the name of a library entry (see `tessera list`), in any order.\n"
      "\n"
      "Start with:\n"
      "  tessera search gemm-256 s3\n"
      "\n"
      "`tessera COMMAND --help` says more about a command.\n";
  return text;
}

std::string command_help(const Command& command) {
  return fmt::format("Usage: tessera {} {} [options]\n\n{}\nOptions:\n{}", command.name,
                     command.operands, command.description, describe_options(command.options));
}

const Command& find_command(const std::vector<Command>& commands, const std::string& name) {
  std::vector<std::string> known;
  for (const Command& command : commands) {
    if (command.name == name) {
      return command;
    }
    known.emplace_back(command.name);
  }
  known.emplace_back("help");
  const auto near = nearest_name(name, known);
  std::string text = fmt::format("unknown command '{}'", name);
  if (near) {
    text += fmt::format(" (did you mean '{}'?)", *near);
  }
  const bool is_file =
      name.find('/') != std::string::npos || name.ends_with(".yaml") || name.ends_with(".yml");
  if (is_file) {
    throw UsageError(text + fmt::format("\nA command comes first: `tessera search {} ...`.", name));
  }
  if (name.starts_with("-")) {
    throw UsageError(
        fmt::format("'{}' stands where a command is expected; options come after the command\n"
                    "See `tessera --help` for the commands.",
                    name));
  }
  throw UsageError(text + "\nSee `tessera --help` for the commands.");
}

int run(const std::vector<std::string>& arguments) {
  if (arguments.empty()) {
    throw UsageError("a command is missing\nSee `tessera --help` for the commands.");
  }
  const std::string& first = arguments.front();
  const std::string version = fmt::format("tessera {}\n", TESSERA_VERSION);
  const std::vector<Command> commands = all_commands();
  const std::vector<std::string> rest(arguments.begin() + 1, arguments.end());
  if (first == "--version") {
    print_result(version);
    return kExitDone;
  }
  if (first == "--help" || first == "-h" || first == "help") {
    if (rest.size() > 1) {
      throw UsageError("`tessera help` takes one command: `tessera help search`");
    }
    print_result(rest.empty() ? program_help()
                              : command_help(find_command(commands, rest.front())));
    return kExitDone;
  }
  const Command& command = find_command(commands, first);
  const Invocation invocation = parse_arguments(command, rest);
  if (invocation.options.flag("help")) {
    print_result(command_help(command));
    return kExitDone;
  }
  if (invocation.options.flag("version")) {
    print_result(version);
    return kExitDone;
  }
  return command.run(invocation);
}

void print_error(std::string_view text) {
  fmt::print(stderr, "{}{}", text, text.ends_with('\n') ? "" : "\n");
}

}  // namespace

int run_program(const std::vector<std::string>& arguments) {
  try {
    return run(arguments);
  } catch (const UsageError& error) {
    print_error(fmt::format("tessera: {}", error.what()));
    return kExitBadInput;
  } catch (const SpecError& error) {
    print_error(error.what());
    return kExitBadInput;
  } catch (const ModelError& error) {
    print_error(fmt::format("tessera: {}", error.what()));
    return kExitBadInput;
  } catch (const SearchError& error) {
    print_error(fmt::format("tessera: {}", error.what()));
    return kExitBadInput;
  } catch (const OverflowError& error) {
    print_error(fmt::format("tessera: {}: the problem is too large to be counted", error.what()));
    return kExitBadInput;
  } catch (const FailureError& error) {
    print_error(fmt::format("tessera: {}", error.what()));
  } catch (const std::bad_alloc&) {
    print_error("tessera: out of memory");
  } catch (const std::exception& error) {
    print_error(
        fmt::format("tessera: internal error: {}\nThis is a bug of Tessera; please report it "
                    "with the command and its specs.",
                    error.what()));
  }
  return kExitFailure;
}

}  // namespace tessera
