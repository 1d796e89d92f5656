#include "problems/operation.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace tessera {
namespace {

/// Coefficients beyond this serve nobody and would only overflow later.
constexpr std::int64_t kMaxCoefficient = std::int64_t{1} << 31;

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Recursive descent over the text of one scalar; `at_` is the offset of the next character.
class OperationParser {
 public:
  OperationParser(const SpecNode& node, const std::vector<Dimension>& dimensions)
      : node_(node), text_(node.as_string()), dimensions_(dimensions) {
    for (const Dimension& dimension : dimensions_) {
      known_.push_back(dimension.name);
    }
  }

  std::vector<Tensor> parse() {
    parse_tensor("the output tensor");
    expect_accumulation();
    do {
      parse_tensor("an operand");
    } while (accept('*'));
    if (at_ < text_.size()) {
      fail(fmt::format("expected '*' and another operand, or the end, got {}", found()));
    }
    for (std::size_t i = 0; i < tensors_.size(); ++i) {
      tensors_[i].role = i == 0 ? TensorRole::output : TensorRole::input;
      tensors_[i].kind = default_kind(i, tensors_.size());
    }
    return std::move(tensors_);
  }

 private:
  [[noreturn]] void fail(const std::string& message) { node_.fail(message, at_); }
  [[noreturn]] void fail_at(std::size_t offset, const std::string& message) {
    node_.fail(message, offset);
  }

  void skip_blanks() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) {
      ++at_;
    }
  }

  bool next_is(char c) {
    skip_blanks();
    return at_ < text_.size() && text_[at_] == c;
  }

  bool accept(char c) {
    if (!next_is(c)) {
      return false;
    }
    ++at_;
    skip_blanks();
    return true;
  }

  /// What stands at `at_`, for messages.
  std::string found() {
    skip_blanks();
    if (at_ == text_.size()) {
      return "the end";
    }
    std::size_t end = at_;
    while (end < text_.size() && (is_letter(text_[end]) || is_digit(text_[end]))) {
      ++end;
    }
    if (end == at_) {
      ++end;
      while (end < text_.size() && (static_cast<unsigned char>(text_[end]) & 0xC0) == 0x80) {
        ++end;  // the rest of one UTF-8 character
      }
    }
    return fmt::format("'{}'", text_.substr(at_, end - at_));
  }

  void expect_accumulation() {
    skip_blanks();
    if (text_.compare(at_, 2, "+=") == 0) {
      at_ += 2;
      return;
    }
    if (next_is('=')) {
      fail("expected '+=', got '=': an operation adds up into its output");
    }
    fail(fmt::format("expected '+=' after the output tensor, got {}", found()));
  }

  std::string parse_name(std::string_view expected) {
    skip_blanks();
    if (at_ == text_.size() || !is_letter(text_[at_])) {
      fail(fmt::format("expected {}, got {}", expected, found()));
    }
    const std::size_t begin = at_;
    while (at_ < text_.size() && (is_letter(text_[at_]) || is_digit(text_[at_]))) {
      ++at_;
    }
    return text_.substr(begin, at_ - begin);
  }

  void parse_tensor(std::string_view what) {
    skip_blanks();
    const std::size_t begin = at_;
    Tensor tensor;
    tensor.name = parse_name(fmt::format("{} such as `Inputs[N,C]`", what));
    check_tensor_name(tensor.name, begin);
    if (!accept('[')) {
      fail(fmt::format("expected '[' after the tensor {}, got {} (a scalar is written `{}[]`)",
                       tensor.name, found(), tensor.name));
    }
    if (!accept(']')) {
      do {
        tensor.projection.ranks.push_back(parse_index(tensor));
      } while (accept(','));
      if (!accept(']')) {
        fail(fmt::format("expected '+', '-', ',' or ']' in the indices of {}, got {}", tensor.name,
                         found()));
      }
    }
    check_size(tensor, begin);
    if (tensors_.size() == kMaxTensors) {
      fail_at(begin, fmt::format("more than {} tensors are not supported", kMaxTensors));
    }
    tensors_.push_back(std::move(tensor));
  }

  void check_tensor_name(const std::string& name, std::size_t begin) {
    if (name == "inputs" || name == "weights" || name == "outputs" || name == "all") {
      fail_at(begin, fmt::format("'{}' is a reserved word (the kind of a tensor); give the tensor "
                                 "another name, such as '{}{}'",
                                 name, static_cast<char>(name[0] - 'a' + 'A'), name.substr(1)));
    }
    if (!is_identifier(name)) {
      fail_at(begin, fmt::format("'{}' is no name for a tensor: it means nothing in YAML", name));
    }
    for (const Tensor& other : tensors_) {
      if (other.name == name) {
        fail_at(begin, fmt::format("the tensor {} stands in the operation twice; name its second "
                                   "use differently, and it is a tensor of its own",
                                   name));
      }
    }
  }

  Rank parse_index(const Tensor& tensor) {
    Rank rank;
    const std::size_t begin = at_;
    std::int64_t sign = 1;
    if (accept('-')) {
      sign = -1;
    } else {
      accept('+');
    }
    while (true) {
      parse_term(tensor, rank, sign);
      if (accept('+')) {
        sign = 1;
      } else if (accept('-')) {
        sign = -1;
      } else {
        break;
      }
    }
    for (const Term& term : rank) {
      if (term.coefficient == 0) {
        fail_at(begin, fmt::format("the coefficients of {} add up to 0 in this index",
                                   dimensions_[term.dimension.index()].name));
      }
    }
    return rank;
  }

  void parse_term(const Tensor& tensor, Rank& rank, std::int64_t sign) {
    skip_blanks();
    std::size_t number_at = at_;
    std::optional<std::int64_t> number = parse_integer();
    if (number && at_ < text_.size() && is_letter(text_[at_])) {
      const std::size_t here = at_;
      fail_at(here, fmt::format("expected '*' between coefficient and dimension, as in '{}*{}'",
                                *number, parse_name("a dimension")));
    }
    if (number && !accept('*')) {
      fail_at(number_at,
              fmt::format("{} is a constant: an index is a sum of dimensions and may not have an "
                          "offset (padding and slices are not modelled)",
                          *number));
    }
    skip_blanks();
    const std::size_t name_at = at_;
    const std::string name = parse_name("a dimension");
    const DimensionId dimension = find_dimension(name, name_at);
    if (!number && accept('*')) {
      number_at = at_;
      number = parse_integer();
      if (!number) {
        fail_without_coefficient(name);
      }
    }
    if (number == 0) {
      fail_at(number_at,
              fmt::format("the coefficient of {} is 0; leave {} out instead", name, name));
    }
    refuse_coupling(tensor, dimension, name_at);
    add_term(rank, dimension, sign * number.value_or(1), name_at);
  }

  [[noreturn]] void fail_without_coefficient(const std::string& name) {
    const std::size_t here = at_;
    const std::string got = found();
    std::string hint;
    if (here < text_.size() && is_letter(text_[here])) {
      const std::string other = parse_name("");
      const bool product = std::find(known_.begin(), known_.end(), other) != known_.end();
      hint = product ? "; an index is a sum of dimensions, not a product"
                     : "; is a ']' missing before the '*'?";
    }
    fail_at(here,
            fmt::format("expected an integer coefficient after '{} *', got {}{}", name, got, hint));
  }

  std::optional<std::int64_t> parse_integer() {
    skip_blanks();
    if (at_ == text_.size() || !is_digit(text_[at_])) {
      return std::nullopt;
    }
    const char* begin = text_.data() + at_;
    std::int64_t value = 0;
    const auto [end, fault] = std::from_chars(begin, text_.data() + text_.size(), value);
    if (fault != std::errc() || value > kMaxCoefficient) {
      fail(fmt::format("expected a coefficient up to {}", kMaxCoefficient));
    }
    at_ += static_cast<std::size_t>(end - begin);
    return value;
  }

  DimensionId find_dimension(const std::string& name, std::size_t offset) {
    const auto found = std::find(known_.begin(), known_.end(), name);
    if (found == known_.end()) {
      node_.fail_unknown("dimension", name, known_, offset);
    }
    return DimensionId(static_cast<std::size_t>(found - known_.begin()));
  }

  /// The closed form multiplies ranks, which holds only while no dimension moves two of them.
  void refuse_coupling(const Tensor& tensor, DimensionId dimension, std::size_t offset) {
    for (const Rank& rank : tensor.projection.ranks) {
      for (const Term& term : rank) {
        if (term.dimension == dimension) {
          fail_at(offset, fmt::format("{} stands in two indices of {}; the model does not cover "
                                      "such coupled indices (diagonals) yet",
                                      dimensions_[dimension.index()].name, tensor.name));
        }
      }
    }
  }

  void add_term(Rank& rank, DimensionId dimension, std::int64_t coefficient, std::size_t offset) {
    for (Term& term : rank) {
      if (term.dimension == dimension) {
        term.coefficient += coefficient;
        if (std::abs(term.coefficient) > kMaxCoefficient) {
          fail_at(offset,
                  fmt::format("expected coefficients that add up to at most {}", kMaxCoefficient));
        }
        return;
      }
    }
    rank.push_back({dimension, coefficient});
  }

  /// The words that the tensor spans must fit in 63 bits, or the model's counts could not.
  void check_size(const Tensor& tensor, std::size_t begin) {
    std::int64_t words = 1;
    for (const Rank& rank : tensor.projection.ranks) {
      std::int64_t extent = 1;
      bool overflow = false;
      for (const Term& term : rank) {
        const std::int64_t step = rank.size() == 1 ? 1 : std::abs(term.coefficient);
        std::int64_t reach = 0;
        overflow |=
            __builtin_mul_overflow(dimensions_[term.dimension.index()].bound - 1, step, &reach);
        overflow |= __builtin_add_overflow(extent, reach, &extent);
      }
      if (overflow || __builtin_mul_overflow(words, extent, &words)) {
        fail_at(begin, fmt::format("{} spans more than 2^63 - 1 words", tensor.name));
      }
    }
  }

  const SpecNode& node_;
  const std::string text_;
  const std::vector<Dimension>& dimensions_;
  std::vector<std::string> known_;
  std::vector<Tensor> tensors_;
  std::size_t at_ = 0;
};

std::string index_text(const Problem& problem, const Rank& rank) {
  std::string text;
  for (const Term& term : rank) {
    if (text.empty()) {
      text += term.coefficient < 0 ? "-" : "";
    } else {
      text += term.coefficient < 0 ? " - " : " + ";
    }
    if (std::abs(term.coefficient) != 1) {
      text += fmt::format("{}*", std::abs(term.coefficient));
    }
    text += problem.at(term.dimension).name;
  }
  return text;
}

std::string tensor_text(const Problem& problem, const Tensor& tensor) {
  std::vector<std::string> indices;
  for (const Rank& rank : tensor.projection.ranks) {
    indices.push_back(index_text(problem, rank));
  }
  return fmt::format("{}[{}]", tensor.name, fmt::join(indices, ", "));
}

}  // namespace

std::vector<Tensor> parse_operation(const SpecNode& node,
                                    const std::vector<Dimension>& dimensions) {
  return OperationParser(node, dimensions).parse();
}

std::string operation_text(const Problem& problem) {
  std::vector<std::string> operands;
  for (std::size_t i = 1; i < problem.tensors.size(); ++i) {
    operands.push_back(tensor_text(problem, problem.tensors[i]));
  }
  return fmt::format("{} += {}", tensor_text(problem, problem.at(kOutput)),
                     fmt::join(operands, " * "));
}

TensorKind default_kind(std::size_t index, std::size_t count) {
  if (index == kOutput.index()) {
    return TensorKind::outputs;
  }
  return index + 1 == count && count > 2 ? TensorKind::weights : TensorKind::inputs;
}

bool is_identifier(std::string_view text) {
  const bool is_null = text == "null" || text == "Null" || text == "NULL";
  return !text.empty() && !is_null && is_letter(text[0]) &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_letter(c) || is_digit(c); });
}

}  // namespace tessera
