// The text of an explanation is read back: every line `count  number  = terms` must be true as it
// stands.

#include "app/explain_text.hpp"

#include <cctype>
#include <sstream>
#include <string>
#include <string_view>

#include "app/formula_text.hpp"
#include "model/evaluate.hpp"
#include "tests/catch_compat.hpp"
#include "tests/oracle/random_case.hpp"
#include "tests/oracle/shrink.hpp"

using namespace tessera;

namespace {

/// Adds up what formula_text writes: numbers, `x`, `+`, `-`, parentheses; all other words are
/// names.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  std::int64_t whole() {
    const std::int64_t value = sum();
    REQUIRE(next().empty());
    return value;
  }

 private:
  /// The token at the place reached, names left out; empty at the end.
  std::string_view next() {
    for (;;) {
      while (at_ < text_.size() && text_[at_] == ' ') {
        ++at_;
      }
      if (at_ == text_.size()) {
        return {};
      }
      if (text_[at_] == '[') {
        at_ = text_.find(']', at_) + 1;
        continue;
      }
      if (text_[at_] == '(' || text_[at_] == ')') {
        return text_.substr(at_, 1);
      }
      const std::size_t end = std::min(text_.find_first_of(" ()", at_), text_.size());
      const std::string_view token = text_.substr(at_, end - at_);
      if (token == "x" || std::isalpha(static_cast<unsigned char>(token.front())) == 0) {
        return token;
      }
      at_ = end;
    }
  }
  void pass() { at_ += next().size(); }

  std::int64_t sum() {
    std::int64_t value = product();
    for (std::string_view sign = next(); sign == "+" || sign == "-"; sign = next()) {
      pass();
      value += (sign == "+" ? 1 : -1) * product();
    }
    return value;
  }

  std::int64_t product() {
    std::int64_t value = factor();
    while (next() == "x") {
      pass();
      value *= factor();
    }
    return value;
  }

  std::int64_t factor() {
    if (next() == "(") {
      pass();
      const std::int64_t value = sum();
      REQUIRE(next() == ")");
      pass();
      return value;
    }
    std::string digits;
    for (const char c : next()) {
      if (c != ',') {
        REQUIRE(std::isdigit(static_cast<unsigned char>(c)) != 0);
        digits += c;
      }
    }
    REQUIRE(!digits.empty());
    pass();
    return std::stoll(digits);
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

std::string explained(const oracle::Case& c) {
  const Evaluation evaluation = evaluate(c.problem, c.architecture, c.mapping);
  const Scored scored{c.problem, c.architecture, c.mapping, evaluation};
  const Explanation explanation = explain(c.problem, c.architecture, c.mapping);
  const ReuseMoves moves = find_reuse_moves(c.problem, c.architecture, {}, c.mapping);
  return explanation_text({scored, explanation, moves});
}

/// Checks each line `... number = terms[, of ...]`; returns how many there are.
int check_lines(const std::string& text) {
  std::istringstream lines(text);
  int checked = 0;
  for (std::string line; std::getline(lines, line);) {
    const std::size_t equals = line.find(" = ");
    if (equals == std::string::npos || line.find(" += ") != std::string::npos) {
      continue;
    }
    INFO(line);
    std::string left = line.substr(0, equals);
    left.erase(left.find_last_not_of(' ') + 1);
    if (left.ends_with(" words")) {
      left.erase(left.size() - 6);  // `RF holds A: 4 words = K 4`
    }
    const std::string number = left.substr(left.rfind(' ') + 1);
    const std::string right = line.substr(equals + 3);
    CHECK(Reader(right.substr(0, right.find(", of "))).whole() == Reader(number).whole());
    ++checked;
  }
  return checked;
}

}  // namespace

TEST_CASE("Every equation in an explanation's text is true") {
  for (const auto flavor : {oracle::Flavor::any, oracle::Flavor::sliding, oracle::Flavor::sweep,
                            oracle::Flavor::sliding_output, oracle::Flavor::series}) {
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
      const oracle::Case c = oracle::random_case(flavor, seed);
      INFO(oracle::to_document(c, ""));
      const Explanation explanation = explain(c.problem, c.architecture, c.mapping);
      REQUIRE(check_lines(explained(c)) >= static_cast<int>(explanation.transfers.size()));
    }
  }
}

TEST_CASE("A rank is named by its dimensions of bound over 1") {
  Problem problem;
  problem.dimensions = {{"P", 4}, {"R", 3}, {"S", 1}};
  const auto tensor = [&](Rank rank) {
    return Tensor{.name = std::string(1, 'T'), .projection = {{std::move(rank)}}};
  };
  problem.tensors = {tensor({{DimensionId(0), 2}, {DimensionId(1), -3}}),
                     tensor({{DimensionId(0), 2}, {DimensionId(2), 1}})};
  CHECK(rank_text(problem, TensorId(0), 0) == "[2*P-3*R]");
  CHECK(rank_text(problem, TensorId(1), 0) == "P");
}
