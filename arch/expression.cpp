#include "arch/expression.hpp"

#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "spec/number.hpp"

namespace tessera {
namespace {

/// Longer or deeper formulas are refused: nesting is recursion here.
constexpr std::size_t kMaxLength = 2000;
constexpr int kMaxDepth = 48;

bool starts_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

struct Function {
  std::string_view name;
  std::size_t arguments;
};

constexpr Function kFunctions[] = {{"sqrt", 1},  {"log2", 1}, {"exp", 1}, {"ceil", 1},
                                   {"floor", 1}, {"min", 2},  {"max", 2}};

}  // namespace

/// Recursive descent: sums of products of signed powers.
class Expression::Parser {
 public:
  Parser(Expression& expression, std::string text, std::size_t from)
      : expression_(expression), text_(std::move(text)), at_(from) {}

  void run() {
    if (text_.size() > kMaxLength) {
      expression_.node_.fail(
          fmt::format("expected a formula of at most {} characters", kMaxLength));
    }
    expression_.root_ = sum();
    skip_spaces();
    if (at_ < text_.size()) {
      fail(fmt::format("expected an operator or the end of the formula, got '{}'", text_[at_]));
    }
  }

 private:
  [[noreturn]] void fail(const std::string& message) const { expression_.node_.fail(message, at_); }

  void skip_spaces() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n')) {
      ++at_;
    }
  }

  /// The next sign, if it is one of `signs`; it is taken.
  char take(std::string_view signs) {
    skip_spaces();
    if (at_ < text_.size() && signs.find(text_[at_]) != std::string_view::npos) {
      return text_[at_++];
    }
    return '\0';
  }

  std::uint32_t add(Term term) {
    expression_.terms_.push_back(std::move(term));
    return static_cast<std::uint32_t>(expression_.terms_.size() - 1);
  }

  std::uint32_t binary(Operation operation, std::uint32_t left, std::uint32_t right,
                       std::size_t offset) {
    Term term;
    term.operation = operation;
    term.offset = offset;
    term.arguments = {left, right};
    return add(std::move(term));
  }

  std::uint32_t sum() {
    if (++depth_ > kMaxDepth) {
      fail(fmt::format("brackets deeper than {} are not supported", kMaxDepth));
    }
    std::uint32_t left = product();
    while (const char sign = take("+-")) {
      const std::size_t offset = at_ - 1;
      const Operation operation = sign == '+' ? Operation::add : Operation::subtract;
      left = binary(operation, left, product(), offset);
    }
    --depth_;
    return left;
  }

  std::uint32_t product() {
    std::uint32_t left = signed_power();
    while (const char sign = take("*/")) {
      const std::size_t offset = at_ - 1;
      const Operation operation = sign == '*' ? Operation::multiply : Operation::divide;
      left = binary(operation, left, signed_power(), offset);
    }
    return left;
  }

  std::uint32_t signed_power() {
    if (take("-") == '\0') {
      return power();
    }
    Term term;
    term.operation = Operation::negate;
    term.offset = at_ - 1;
    if (++depth_ > kMaxDepth) {
      fail(fmt::format("more than {} signs in a row are not supported", kMaxDepth));
    }
    term.arguments = {signed_power()};
    --depth_;
    return add(std::move(term));
  }

  std::uint32_t power() {
    const std::uint32_t base = operand();
    if (take("^") == '\0') {
      return base;
    }
    const std::size_t offset = at_ - 1;
    if (++depth_ > kMaxDepth) {
      fail(fmt::format("more than {} powers in a row are not supported", kMaxDepth));
    }
    const std::uint32_t exponent = signed_power();
    --depth_;
    return binary(Operation::power, base, exponent, offset);
  }

  std::uint32_t operand() {
    skip_spaces();
    if (at_ == text_.size()) {
      fail("expected a number, a name or a bracket, got the end of the formula");
    }
    if (take("(") != '\0') {
      const std::uint32_t inner = sum();
      if (take(")") == '\0') {
        fail("expected a closing bracket `)`");
      }
      return inner;
    }
    if (is_digit(text_[at_])) {
      return number();
    }
    if (starts_name(text_[at_])) {
      return name();
    }
    fail(fmt::format("expected a number, a name or a bracket, got '{}'", text_[at_]));
  }

  std::string word() {
    const std::size_t start = at_;
    while (at_ < text_.size() &&
           (starts_name(text_[at_]) || is_digit(text_[at_]) || text_[at_] == '.')) {
      ++at_;
    }
    return text_.substr(start, at_ - start);
  }

  std::uint32_t number() {
    const auto leading = read_leading_number(std::string_view(text_).substr(at_));
    if (!leading) {
      fail("expected a decimal number");
    }
    Term term;
    term.offset = at_;
    term.value = leading->value;
    at_ += leading->length;
    skip_spaces();
    if (at_ < text_.size() && starts_name(text_[at_])) {
      const std::size_t start = at_;
      const std::string unit = word();
      const auto value = find_unit_value(unit);
      if (!value) {
        at_ = start;
        fail(unit == "and" || unit == "or"
                 ? fmt::format("'{}' is not known here; where several conditions have to hold, "
                               "write a list of them",
                               unit)
                 : fmt::format("'{}' is no unit; to multiply write `*`", unit));
      }
      term.value *= value->scale;
      term.type = value->type;
    }
    return add(std::move(term));
  }

  std::uint32_t name() {
    Term term;
    term.offset = at_;
    term.name = word();
    if (take("(") != '\0') {
      return call(std::move(term));
    }
    if (const auto unit = find_unit_value(term.name)) {  // `3.9 pJ/bit`
      term.value = unit->scale;
      term.type = unit->type;
      return add(std::move(term));
    }
    term.operation = Operation::name;
    return add(std::move(term));
  }

  std::uint32_t call(Term term) {
    std::vector<std::string> known;
    for (std::size_t i = 0; i < std::size(kFunctions); ++i) {
      known.emplace_back(kFunctions[i].name);
      if (kFunctions[i].name != term.name) {
        continue;
      }
      term.operation = static_cast<Operation>(static_cast<std::size_t>(Operation::sqrt) + i);
      term.arguments.push_back(sum());
      while (term.arguments.size() < kFunctions[i].arguments) {
        if (take(",") == '\0') {
          fail(fmt::format("expected a comma: {} takes {} arguments", term.name,
                           kFunctions[i].arguments));
        }
        term.arguments.push_back(sum());
      }
      if (take(")") == '\0') {
        fail("expected a closing bracket `)`");
      }
      return add(std::move(term));
    }
    expression_.node_.fail_unknown("function", term.name, known, term.offset);
  }

  Expression& expression_;
  std::string text_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

Expression Expression::parse(const SpecNode& node) {
  return parse(node, 0, std::string::npos);
}

Expression Expression::parse(const SpecNode& node, std::size_t from, std::size_t to) {
  Expression expression(node);
  Parser(expression, node.as_string().substr(0, to), from).run();
  return expression;
}

UnitType Expression::check(const TypeOf& type_of) const {
  return check(root_, type_of);
}

std::int8_t Expression::checked_power(int power, std::size_t offset) const {
  constexpr int kMostPower = 8;
  if (power < -kMostPower || power > kMostPower) {
    node_.fail(fmt::format("units to a power beyond {} are not supported", kMostPower), offset);
  }
  return static_cast<std::int8_t>(power);
}

UnitType Expression::check_power(const Term& term, const TypeOf& type_of) const {
  const UnitType base = check(term.arguments[0], type_of);
  const UnitType exponent = check(term.arguments[1], type_of);
  if (!exponent.plain()) {
    node_.fail(fmt::format("expected a plain number as exponent, got {}", describe(exponent)),
               term.offset);
  }
  if (base.plain()) {
    return base;
  }
  const Term& written = terms_[term.arguments[1]];
  const bool whole = written.operation == Operation::number &&
                     written.value == std::floor(written.value) && written.value <= 4;
  if (!whole) {
    node_.fail(fmt::format("{} cannot be raised to this power; divide it by a unit first, as in "
                           "`(bits / 8 bit)^1.98`",
                           describe(base)),
               term.offset);
  }
  UnitType result;
  for (std::size_t i = 0; i < result.powers.size(); ++i) {
    result.powers[i] = checked_power(base.powers[i] * static_cast<int>(written.value), term.offset);
  }
  return result;
}

UnitType Expression::check(std::uint32_t index, const TypeOf& type_of) const {
  const Term& term = terms_[index];
  const auto argument = [&](std::size_t i) { return check(term.arguments[i], type_of); };
  const auto same = [&] {
    const UnitType left = argument(0);
    const UnitType right = argument(1);
    if (left != right) {
      node_.fail(fmt::format("expected two numbers of one kind, got {} and {}", describe(left),
                             describe(right)),
                 term.offset);
    }
    return left;
  };
  switch (term.operation) {
    case Operation::number:
      return term.type;
    case Operation::name:
      return type_of(term.name, term.offset);
    case Operation::negate:
      return argument(0);
    case Operation::add:
    case Operation::subtract:
    case Operation::min:
    case Operation::max:
      return same();
    case Operation::multiply:
    case Operation::divide: {
      UnitType result = argument(0);
      const UnitType right = argument(1);
      const int sign = term.operation == Operation::multiply ? 1 : -1;
      for (std::size_t i = 0; i < result.powers.size(); ++i) {
        result.powers[i] = checked_power(result.powers[i] + sign * right.powers[i], term.offset);
      }
      return result;
    }
    case Operation::power:
      return check_power(term, type_of);
    default:
      break;
  }
  const UnitType inner = argument(0);
  if (!inner.plain()) {
    node_.fail(fmt::format("{} takes a plain number, got {}; divide it by a unit first, as in "
                           "`sqrt(capacity / 1 KiB)`",
                           term.name, describe(inner)),
               term.offset);
  }
  return inner;
}

double Expression::evaluate(const ValueOf& value_of) const {
  return evaluate(root_, value_of);
}

double Expression::evaluate(std::uint32_t index, const ValueOf& value_of) const {
  const Term& term = terms_[index];
  if (term.operation == Operation::number) {
    return term.value;
  }
  if (term.operation == Operation::name) {
    return value_of(term.name);
  }
  const double a = evaluate(term.arguments[0], value_of);
  const double b = term.arguments.size() > 1 ? evaluate(term.arguments[1], value_of) : 0;
  if (std::isnan(a) || std::isnan(b)) {  // min and max would drop it
    return std::numeric_limits<double>::quiet_NaN();
  }
  switch (term.operation) {
    case Operation::number:
    case Operation::name:
      break;
    case Operation::negate:
      return -a;
    case Operation::add:
      return a + b;
    case Operation::subtract:
      return a - b;
    case Operation::multiply:
      return a * b;
    case Operation::divide:
      return a / b;
    case Operation::power:
      return std::pow(a, b);
    case Operation::sqrt:
      return std::sqrt(a);
    case Operation::log2:
      return std::log2(a);
    case Operation::exp:
      return std::exp(a);
    case Operation::ceil:
      return std::ceil(a);
    case Operation::floor:
      return std::floor(a);
    case Operation::min:
      return std::min(a, b);
    case Operation::max:
      return std::max(a, b);
  }
  return std::numeric_limits<double>::quiet_NaN();
}

}  // namespace tessera
