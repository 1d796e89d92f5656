#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "app/options.hpp"
#include "app/timeloop/note.hpp"

namespace tessera {

/// What stands after the name of a command.
struct Invocation {
  std::vector<std::string> operands;  ///< specs and names, in order
  OptionValues options;               ///< given on the command line; defaults are not filled in
};

/// One command of the program.
struct Command {
  std::string_view name;
  std::string_view operands;     ///< as `--help` calls them
  std::string_view summary;      ///< one line
  std::string_view description;  ///< whole lines for `--help`
  std::vector<Option> options;
  /// Returns the exit code. Prints its result to standard output as a whole, at its end.
  int (*run)(const Invocation& invocation);
};

/// Parses what stands after a command's name. Throws UsageError. Options may stand before, between
/// and after the operands; after `--` all are operands.
Invocation parse_arguments(const Command& command, const std::vector<std::string>& arguments);

// The commands, one file each.
Command search_command();
Command evaluate_command();
Command explain_command();
Command check_command();
Command compare_command();
Command list_command();
Command import_command();
Command sweep_command();
Command merge_command();
Command results_command();
Command translate_command();

/// The options that every command takes; `formats` are those that it knows, the first is the
/// default.
std::vector<Option> common_options(std::vector<std::string_view> formats);

/// What a command's result is called as a file: `name`.json, `name`.csv, or `name`.`text_ending`.
struct ResultName {
  std::string_view name;
  std::string_view text_ending;
};

/// Prints a command's result and, with `--out DIR`, writes it to a file there.
void deliver(const OptionValues& values, const ResultName& name, std::string_view text);

/// Prints what the user should know of files in Timeloop's format to standard error, unless quiet.
void print_notes(const OptionValues& values, const TimeloopNotes& notes);

/// Writes a command's result to standard output. Throws FailureError where it cannot be written.
void print_result(std::string_view text);

}  // namespace tessera
