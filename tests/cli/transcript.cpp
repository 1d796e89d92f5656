// Runs a transcript of the command line and compares: `transcript PROGRAM FILE`. A transcript is a
// list of cases, each in a directory of its own that is empty at its start:
//
//   case a number that is none                starts a case
//   file a/conv.yaml                          makes a file of the lines that follow, up to `end`
//   ...
//   end
//   $ tessera search s3 --threads -1          runs a line by sh; `tessera` is the program under
//   test exit 2                                    its exit code; 0 if not said err tessera:
//   --threads: expected ...      a line of standard error out ~ energy +[0-9.]+ uJ a line of
//   standard output, as a regular expression out ...                                   any number
//   of lines
//
// What is not said must not be there: without `out` and `err` lines nothing may be printed. Lines
// that start with `#` are comments. Environment: TERM and NO_COLOR are not set.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <regex>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

namespace fs = std::filesystem;

namespace {

struct Command {
  std::string line;
  int place = 0;  ///< line in the transcript
  int exit = 0;
  std::vector<std::string> out;  ///< what follows `out `
  std::vector<std::string> err;
};

struct Case {
  std::string name;
  std::vector<std::pair<std::string, std::string>> files;
  std::vector<Command> commands;
};

std::vector<Case> read_cases(const std::string& path) {
  std::ifstream in(path);
  if (!in) {
    throw std::runtime_error("cannot read " + path);
  }
  std::vector<Case> cases;
  std::string line;
  const auto rest_after = [&](std::string_view word, std::string& rest) {
    if (line == word || line.starts_with(std::string(word) + " ")) {
      rest = line.size() > word.size() ? line.substr(word.size() + 1) : "";
      return true;
    }
    return false;
  };
  for (int place = 1; std::getline(in, line); ++place) {
    std::string rest;
    if (line.empty() || line.starts_with("#")) {
      continue;
    }
    if (rest_after("case", rest)) {
      cases.push_back({rest, {}, {}});
    } else if (cases.empty()) {
      throw std::runtime_error("a transcript starts with `case`");
    } else if (rest_after("file", rest)) {
      std::string text;
      while (std::getline(in, line) && ++place && line != "end") {
        text += line + "\n";
      }
      cases.back().files.emplace_back(rest, text);
    } else if (rest_after("$", rest)) {
      cases.back().commands.push_back({rest, place, 0, {}, {}});
    } else if (cases.back().commands.empty()) {
      throw std::runtime_error("line " + std::to_string(place) + ": expected `$`");
    } else if (rest_after("exit", rest)) {
      cases.back().commands.back().exit = std::stoi(rest);
    } else if (rest_after("out", rest)) {
      cases.back().commands.back().out.push_back(rest);
    } else if (rest_after("err", rest)) {
      cases.back().commands.back().err.push_back(rest);
    } else {
      throw std::runtime_error("line " + std::to_string(place) + ": cannot read '" + line + "'");
    }
  }
  return cases;
}

std::vector<std::string> lines_of(const fs::path& path) {
  std::ifstream in(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) {
    lines.push_back(line);
  }
  return lines;
}

bool line_matches(const std::string& expected, const std::string& actual) {
  if (expected.starts_with("~ ")) {
    return std::regex_match(actual, std::regex(expected.substr(2)));
  }
  return expected == actual;
}

/// Whether `actual` from `a` on is what `expected` from `e` on says.
bool matches(const std::vector<std::string>& expected, std::size_t e,
             const std::vector<std::string>& actual, std::size_t a) {
  if (e == expected.size()) {
    return a == actual.size();
  }
  if (expected[e] == "...") {
    for (std::size_t skip = a; skip <= actual.size(); ++skip) {
      if (matches(expected, e + 1, actual, skip)) {
        return true;
      }
    }
    return false;
  }
  return a < actual.size() && line_matches(expected[e], actual[a]) &&
         matches(expected, e + 1, actual, a + 1);
}

void report(const char* stream, const std::vector<std::string>& expected,
            const std::vector<std::string>& actual) {
  std::cout << "  expected " << stream << ":\n";
  for (const std::string& line : expected) {
    std::cout << "    |" << line << "\n";
  }
  std::cout << "  actual " << stream << ":\n";
  for (const std::string& line : actual) {
    std::cout << "    |" << line << "\n";
  }
}

bool run_command(const Command& command, const fs::path& directory, const fs::path& outputs) {
  const fs::path out = outputs / "out";
  const fs::path err = outputs / "err";
  const std::string line = "cd '" + directory.string() + "' && { " + command.line + "\n} >'" +
                           out.string() + "' 2>'" + err.string() + "' </dev/null";
  const int status = std::system(line.c_str());
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  const auto out_lines = lines_of(out);
  const auto err_lines = lines_of(err);
  const bool good = code == command.exit && matches(command.out, 0, out_lines, 0) &&
                    matches(command.err, 0, err_lines, 0);
  if (!good) {
    std::cout << "line " << command.place << ": " << command.line << "\n  exit code " << code
              << ", expected " << command.exit << "\n";
    report("standard output", command.out, out_lines);
    report("standard error", command.err, err_lines);
  }
  return good;
}

bool run_case(const Case& test, const fs::path& root) {
  const fs::path directory = root / "work";
  fs::remove_all(directory);
  fs::create_directories(directory);
  for (const auto& [name, text] : test.files) {
    const fs::path path = directory / name;
    fs::create_directories(path.parent_path());
    std::ofstream(path) << text;
  }
  for (const Command& command : test.commands) {
    if (!run_command(command, directory, root)) {
      std::cout << "  in the case: " << test.name << "\n\n";
      return false;
    }
  }
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: transcript PROGRAM FILE\n";
    return 2;
  }
  try {
    const fs::path program = fs::absolute(argv[1]);
    const char* path = std::getenv("PATH");
    setenv("PATH", (program.parent_path().string() + ":" + (path != nullptr ? path : "")).c_str(),
           1);
    unsetenv("TERM");
    unsetenv("NO_COLOR");
    std::string root = (fs::temp_directory_path() / "tessera-cli-XXXXXX").string();
    if (mkdtemp(root.data()) == nullptr) {
      throw std::runtime_error("cannot make a temporary directory");
    }
    const std::vector<Case> cases = read_cases(argv[2]);
    std::size_t failed = 0;
    std::size_t commands = 0;
    for (const Case& test : cases) {
      failed += run_case(test, root) ? 0 : 1;
      commands += test.commands.size();
    }
    fs::remove_all(root);
    std::cout << cases.size() << " cases, " << commands << " commands, " << failed << " failed\n";
    return failed == 0 && commands > 0 ? 0 : 1;
  } catch (const std::exception& error) {
    std::cerr << "transcript: " << argv[2] << ": " << error.what() << "\n";
    return 2;
  }
}
