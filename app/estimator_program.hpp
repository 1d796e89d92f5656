#pragma once

#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <variant>

#include "arch/estimator.hpp"

namespace tessera {

/// Runs the programs that specs name as `estimator` (docs/components.md). A program gets the
/// question as JSON on standard input and answers JSON on standard output. It is started as it is,
/// without a shell and without arguments; its time and its output are limited, and it is killed
/// with all that it started where it goes beyond. The same question to a program of the same bytes
/// is asked once.
class EstimatorPrograms {
 public:
  /// The answer, or a sentence on what went wrong. Safe to call from several threads.
  std::variant<EstimatorAnswer, std::string> ask(const EstimatorQuestion& question);

 private:
  using Answer = std::variant<EstimatorAnswer, std::string>;

  std::mutex mutex_;
  /// By the question and a hash of the program's bytes.
  std::map<std::pair<std::string, std::size_t>, Answer> known_;
};

}  // namespace tessera
