#include "app/estimator_program.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/child_process.hpp"
#include "app/numbers.hpp"

namespace tessera {
namespace {

using Json = nlohmann::ordered_json;
using Answer = std::variant<EstimatorAnswer, std::string>;

constexpr std::size_t kMostShown = 200;

std::string question_json(const EstimatorQuestion& question) {
  Json attributes = Json::object();
  for (const auto& [name, value] : question.attributes) {
    std::visit([&, &key = name](const auto& one) { attributes[key] = one; }, value);
  }
  Json technology = {{"text", question.technology}, {"devices", question.devices}};
  if (question.node_nm) {
    technology["node_nm"] = *question.node_nm;
  }
  if (question.voltage) {
    technology["voltage_V"] = *question.voltage;
  }
  const Json document = {{"schema", "tessera.estimate/1"}, {"element", question.element},
                         {"sort", question.sort},          {"technology", technology},
                         {"clock_Hz", question.clock_hz},  {"attributes", attributes}};
  return document.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

/// The last line of a text, shortened, without what a terminal would act on.
std::string last_line(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) {
    text.pop_back();
  }
  text.erase(0, text.find_last_of('\n') + 1);
  for (char& c : text) {
    c = static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
  }
  return text.size() > kMostShown ? text.substr(0, kMostShown) + "..." : text;
}

std::string not_started(const std::string& program, int why) {
  std::error_code ignored;
  if (!std::filesystem::exists(program, ignored)) {
    return fmt::format("there is no program '{}'", program);
  }
  if (why == EACCES) {
    return fmt::format("'{0}' may not be executed; `chmod +x {0}` allows it", program);
  }
  if (why == ENOEXEC) {
    return fmt::format(
        "'{}' is no program; a script starts with a line such as "
        "`#!/usr/bin/env python3`",
        program);
  }
  if (why == ENOENT) {
    return fmt::format("the interpreter in the first line of '{}' does not exist", program);
  }
  return fmt::format("'{}' cannot be executed: {}", program, std::strerror(why));
}

/// Why there is no answer to read, if so.
std::optional<std::string> find_failure(const EstimatorQuestion& question,
                                        const ChildResult& result, const ChildLimits& limits) {
  const std::string& program = question.program;
  const std::string said = last_line(result.errors);
  const std::string reason = said.empty() ? "" : ": " + said;
  switch (result.end) {
    case ChildResult::End::not_started:
      return not_started(program, result.code);
    case ChildResult::End::too_slow:
      return fmt::format("the estimator '{}' did not end within {} s{}", program,
                         rounded(limits.seconds, 4), reason);
    case ChildResult::End::too_much_output:
      return fmt::format("the estimator '{}' wrote more than {} KiB", program,
                         limits.output_bytes / 1024);
    case ChildResult::End::signalled:
      return fmt::format("the estimator '{}' was ended by signal {}{}", program, result.code,
                         reason);
    case ChildResult::End::exited:
      break;
  }
  if (result.code != 0) {
    return fmt::format("the estimator '{}' ended with exit code {}{}", program, result.code,
                       reason);
  }
  return std::nullopt;
}

Answer read_answer(const EstimatorQuestion& question, const std::string& text) {
  const Json document = Json::parse(text, nullptr, false);
  if (document.is_discarded() || !document.is_object()) {
    const std::string line = last_line(text.substr(0, text.find('\n')));
    return fmt::format("the estimator '{}' answered {}; expected one JSON object", question.program,
                       line.empty() ? "nothing" : fmt::format("'{}'", line));
  }
  EstimatorAnswer answer;
  for (const auto& [key, value] : document.items()) {
    if (key == "source" || key == "error") {
      if (!value.is_string()) {
        return fmt::format("the estimator '{}' answers {} for `{}`; expected a text",
                           question.program, last_line(value.dump()), key);
      }
      (key == "source" ? answer.source : answer.error) = value.get<std::string>();
    } else if (!value.is_number()) {
      return fmt::format("the estimator '{}' answers {} for `{}`; expected a number",
                         question.program, last_line(value.dump()), last_line(key));
    } else {
      answer.costs[last_line(key)] = value.get<double>();
    }
  }
  return answer;
}

/// 0 where it cannot be read: starting it says why.
std::size_t content_hash(const std::string& program) {
  std::ifstream in(program, std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  return std::hash<std::string>()(bytes);
}

}  // namespace

std::variant<EstimatorAnswer, std::string> EstimatorPrograms::ask(
    const EstimatorQuestion& question) {
  const std::string text = question_json(question);
  const std::lock_guard lock(mutex_);
  const std::pair key(question.program + "\n" + text, content_hash(question.program));
  if (const auto known = known_.find(key); known != known_.end()) {
    return known->second;
  }
  const ChildLimits limits{.seconds = question.seconds, .output_bytes = std::size_t{1} << 16};
  const ChildResult result = run_child(question.program, text, limits);
  const auto failure = find_failure(question, result, limits);
  Answer answer = failure ? Answer(*failure) : read_answer(question, result.output);
  known_.emplace(key, answer);
  return answer;
}

}  // namespace tessera
