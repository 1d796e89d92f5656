// Boost.Program_options reads the command line; its known pitfalls are closed here: abbreviations
// are not guessed, every argument is taken as text and checked by our own parsers (`--threads -1`
// would wrap around to 4294967295), and each of its errors is said in our words.
#include "app/command.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include <boost/program_options.hpp>
#include <fmt/format.h>

#include "app/errors.hpp"
#include "app/output_files.hpp"
#include "spec/node.hpp"

namespace po = boost::program_options;

namespace tessera {

namespace {

constexpr const char* kOperands = "operands";  // typed as an option it is refused, see below

po::options_description described(const Command& command) {
  po::options_description description;
  for (const Option& option : command.options) {
    std::string names(option.name);
    if (option.letter != '\0') {
      names += fmt::format(",{}", option.letter);
    }
    if (option.kind == OptionKind::flag) {
      description.add_options()(names.c_str(), "");
    } else {
      description.add_options()(names.c_str(), po::value<std::string>(), "");
    }
  }
  return description;
}

[[noreturn]] void fail_unknown_option(const Command& command, const std::string& name) {
  std::vector<std::string> known;
  for (const Option& option : command.options) {
    known.push_back(fmt::format("--{}", option.name));
  }
  const auto near = nearest_name(name.substr(0, name.find('=')), known);
  throw UsageError(fmt::format(
      "unknown option '{}' for `tessera {}`{}\nSee `tessera {} --help` for its options.", name,
      command.name, near ? fmt::format(" (did you mean '{}'?)", *near) : "", command.name));
}

const Option* find_option(const Command& command, std::string_view name) {
  for (const Option& option : command.options) {
    if (option.name == name) {
      return &option;
    }
  }
  return nullptr;
}

po::parsed_options parse_raw(const Command& command, const std::vector<std::string>& arguments) {
  namespace style = po::command_line_style;
  po::options_description description = described(command);
  description.add_options()(kOperands, po::value<std::vector<std::string>>(), "");
  po::positional_options_description positional;
  positional.add(kOperands, -1);
  return po::command_line_parser(arguments)
      .options(description)
      .positional(positional)
      .style(style::unix_style & ~style::allow_guessing)
      .run();
}

/// An option's name as the user wrote it, for messages.
std::string as_written(const Command& command, const po::error_with_option_name& error) {
  std::string name = error.get_option_name();
  if (name.size() == 2 && name[0] == '-' && name[1] != '-') {
    for (const Option& option : command.options) {
      if (option.letter == name[1]) {
        return fmt::format("--{}", option.name);
      }
    }
  }
  return name;
}

std::string argument_of(const Command& command, const std::string& written) {
  const Option* option =
      written.starts_with("--") ? find_option(command, written.substr(2)) : nullptr;
  return option != nullptr ? std::string(option->argument) : "a value";
}

[[noreturn]] void fail_syntax(const Command& command,
                              const po::invalid_command_line_syntax& error) {
  const std::string name = as_written(command, error);
  switch (error.kind()) {
    case po::invalid_syntax::missing_parameter:
    case po::invalid_syntax::empty_adjacent_parameter:
      throw UsageError(
          fmt::format("{} needs an argument: {} {}", name, name, argument_of(command, name)));
    case po::invalid_syntax::extra_parameter:
      throw UsageError(fmt::format("{} takes no argument", name));
    default:
      throw UsageError(fmt::format("cannot read the option {}", name));
  }
}

/// Whether an option took the next option for its argument, as Boost lets it: `--out --quiet`. A
/// negative number is none.
bool swallowed_option(const Option& option, std::string_view text, bool separate) {
  return separate &&
         (text.starts_with("--") || (option.kind == OptionKind::text && text.starts_with("-")));
}

}  // namespace

Invocation parse_arguments(const Command& command, const std::vector<std::string>& arguments) {
  Invocation invocation;
  try {
    for (const auto& parsed : parse_raw(command, arguments).options) {
      if (parsed.string_key == kOperands) {
        if (parsed.position_key < 0) {
          fail_unknown_option(command, parsed.original_tokens.front());
        }
        for (const std::string& operand : parsed.value) {
          if (operand.empty()) {
            throw UsageError("an operand is empty; expected a file or the name of a library entry");
          }
          invocation.operands.push_back(operand);
        }
        continue;
      }
      const Option& option = *find_option(command, parsed.string_key);
      if (invocation.options.given(option.name)) {
        throw UsageError(fmt::format("--{} is given twice", option.name));
      }
      std::string text = option.kind == OptionKind::flag ? "true" : parsed.value.front();
      if (swallowed_option(option, text, parsed.original_tokens.size() > 1)) {
        throw UsageError(fmt::format("--{} needs an argument: --{} {} (got the option '{}')",
                                     option.name, option.name, option.argument, text));
      }
      if (const auto fault = find_fault(option, text)) {
        throw UsageError(fmt::format("--{}: {}", option.name, *fault));
      }
      invocation.options.set(option.name, std::move(text));
    }
  } catch (const po::unknown_option& error) {
    fail_unknown_option(command, error.get_option_name());
  } catch (const po::invalid_command_line_syntax& error) {
    fail_syntax(command, error);
  } catch (const po::error& error) {
    throw UsageError(error.what());
  }
  return invocation;
}

std::vector<Option> common_options(std::vector<std::string_view> formats) {
  constexpr std::uint64_t kMostThreads = 1024;
  return {{.name = "seed",
           .kind = OptionKind::integer,
           .argument = "N",
           .fallback = "0",
           .help = "Start of the random numbers."},
          {.name = "threads",
           .kind = OptionKind::integer,
           .argument = "N",
           .least = 1,
           .most = kMostThreads,
           .help = "Threads; no result depends on them. [the CPUs the process may use]"},
          {.name = "out",
           .letter = 'o',
           .kind = OptionKind::text,
           .argument = "DIR",
           .help = "Write the result as files to this directory too."},
          {.name = "format",
           .kind = OptionKind::choice,
           .argument = "FORMAT",
           .fallback = formats.front(),
           .choices = formats,
           .help = "How the result is printed."},
          {.name = "no-progress",
           .kind = OptionKind::flag,
           .help = "No progress line (there is one only on a terminal)."},
          {.name = "quiet",
           .letter = 'q',
           .kind = OptionKind::flag,
           .help = "Neither progress nor notes on standard error."},
          {.name = "help",
           .letter = 'h',
           .kind = OptionKind::flag,
           .help = "Print this text.",
           .in_spec = false},
          {.name = "version",
           .kind = OptionKind::flag,
           .help = "Print the program's version.",
           .in_spec = false}};
}

void deliver(const OptionValues& values, const ResultName& name, std::string_view text) {
  if (values.given("out")) {
    const std::string& format = values.text("format");
    const OutputDirectory directory(values.text("out"));
    const std::string_view ending = format == "text" ? name.text_ending : std::string_view(format);
    directory.write(fmt::format("{}.{}", name.name, ending), text);
  }
  print_result(text);
}

void print_notes(const OptionValues& values, const TimeloopNotes& notes) {
  if (values.flag("quiet")) {
    return;
  }
  for (const TimeloopNote& note : notes) {
    fmt::print(stderr, "{}: note: {}\n", note.place, note.message);
  }
}

void print_result(std::string_view text) {
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  if (!written || std::fflush(stdout) != 0) {
    throw FailureError(fmt::format("cannot write to standard output: {}", std::strerror(errno)));
  }
}

}  // namespace tessera
