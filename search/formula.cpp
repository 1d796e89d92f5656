#include "search/formula.hpp"

#include <charconv>
#include <cmath>
#include <utility>

#include "spec/node.hpp"

namespace tessera {
namespace {

constexpr std::array<std::string_view, kMetrics> kNames = {
    "energy", "latency",    "cycles",      "area",      "edp",
    "power",  "dram_words", "utilization", "throughput"};

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/// Small whole exponents by multiplication: the same bits on every machine.
double raised(double base, double exponent) {
  constexpr double kMostMultiplied = 16;
  if (exponent < 0 || exponent > kMostMultiplied || exponent != std::floor(exponent)) {
    return std::pow(base, exponent);
  }
  double product = 1;
  for (int i = 0; i < static_cast<int>(exponent); ++i) {
    product *= base;
  }
  return product;
}

}  // namespace

std::string_view to_string(Metric metric) {
  return kNames[static_cast<std::size_t>(metric)];
}

std::optional<Metric> parse_metric(std::string_view name) {
  for (std::size_t i = 0; i < kMetrics; ++i) {
    if (kNames[i] == name) {
      return static_cast<Metric>(i);
    }
  }
  return std::nullopt;
}

std::vector<std::string_view> metric_names() {
  return {kNames.begin(), kNames.end()};
}

MetricValues metrics_of(const Evaluation& evaluation) {
  return {evaluation.energy_pj,
          evaluation.latency_s,
          static_cast<double>(evaluation.cycles),
          evaluation.area_mm2,
          evaluation.edp_js(),
          evaluation.power_w(),
          static_cast<double>(evaluation.dram_words),
          evaluation.utilization,
          1 / evaluation.latency_s};
}

/// Recursive descent; leaves the steps in postfix order.
class MetricFormula::Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  std::optional<std::string> run(std::vector<Step>& steps) {
    if (sum() && here() != '\0') {
      fail("an operator");
    }
    if (!fault_ && steps_.size() > kLongest) {
      fault_ = "the formula has more than " + std::to_string(kLongest) + " parts";
    }
    steps = std::move(steps_);
    return fault_;
  }

 private:
  using Kind = Step::Kind;

  char here() {
    while (place_ < text_.size() && is_space(text_[place_])) {
      ++place_;
    }
    return place_ < text_.size() ? text_[place_] : '\0';
  }

  bool fail(std::string_view expected) {
    if (!fault_) {
      const bool at_end = here() == '\0';
      std::string fault = "expected ";
      fault.append(expected).append(at_end ? ", got the end" : ", got '");
      if (!at_end) {
        fault.append(text_.substr(place_)).append("'");
      }
      fault_ = std::move(fault);
    }
    return false;
  }

  bool push(Kind kind) {
    steps_.push_back({.kind = kind});
    return true;
  }

  bool sum() {
    if (++depth_ > kDeepest / 2) {
      fault_ = "the formula is nested too deeply";
      return false;
    }
    bool good = product();
    while (good && (here() == '+' || here() == '-')) {
      const Kind kind = text_[place_++] == '+' ? Kind::add : Kind::subtract;
      good = product() && push(kind);
    }
    --depth_;
    return good;
  }

  bool product() {
    bool good = factor();
    while (good && (here() == '*' || here() == '/')) {
      const Kind kind = text_[place_++] == '*' ? Kind::multiply : Kind::divide;
      good = factor() && push(kind);
    }
    return good;
  }

  bool factor() {
    if (here() == '-') {
      ++place_;
      return nested() && push(Kind::negate);
    }
    if (!atom()) {
      return false;
    }
    if (here() != '^') {
      return true;
    }
    ++place_;
    return nested() && push(Kind::raise);
  }

  bool nested() {
    if (++depth_ > kDeepest / 2) {
      fault_ = "the formula is nested too deeply";
      return false;
    }
    const bool good = factor();
    --depth_;
    return good;
  }

  bool atom() {
    const char c = here();
    if (c == '(') {
      ++place_;
      if (!sum()) {
        return false;
      }
      if (here() != ')') {
        return fail("')'");
      }
      ++place_;
      return true;
    }
    if (is_letter(c)) {
      return name();
    }
    if (!is_digit(c) && c != '.') {
      return fail("a number, a metric or '('");
    }
    double number = 0;
    const auto end = std::from_chars(text_.data() + place_, text_.data() + text_.size(), number);
    if (end.ec != std::errc() || !std::isfinite(number)) {
      return fail("a number");
    }
    place_ = static_cast<std::size_t>(end.ptr - text_.data());
    steps_.push_back({.kind = Kind::number, .number = number});
    return true;
  }

  bool name() {
    const std::size_t begin = place_;
    while (place_ < text_.size() && (is_letter(text_[place_]) || is_digit(text_[place_]))) {
      ++place_;
    }
    const std::string name(text_.substr(begin, place_ - begin));
    const auto metric = parse_metric(name);
    if (!metric) {
      std::vector<std::string> known(kNames.begin(), kNames.end());
      const auto near = nearest_name(name, known);
      fault_ = "unknown metric '" + name + "'";
      if (near) {
        *fault_ += " (did you mean '" + std::string(*near) + "'?)";
      } else {
        *fault_ += "; known are";
        for (std::size_t i = 0; i < known.size(); ++i) {
          *fault_ += (i == 0 ? " " : i + 1 < known.size() ? ", " : " and ") + known[i];
        }
      }
      return false;
    }
    steps_.push_back({.kind = Kind::metric, .metric = *metric});
    return true;
  }

  std::string_view text_;
  std::size_t place_ = 0;
  std::size_t depth_ = 0;
  std::vector<Step> steps_;
  std::optional<std::string> fault_;
};

std::variant<MetricFormula, std::string> MetricFormula::parse(std::string_view text) {
  MetricFormula formula;
  formula.text_ = text;
  if (const auto fault = Parser(text).run(formula.steps_)) {
    return *fault;
  }
  return formula;
}

double MetricFormula::value(const MetricValues& metrics) const {
  // Deep enough: at each of kDeepest / 2 levels at most a sum and a product wait for their right
  // side.
  std::array<double, 2 * kDeepest> stack;
  std::size_t top = 0;
  for (const Step& step : steps_) {
    if (step.kind == Step::Kind::number || step.kind == Step::Kind::metric) {
      stack[top++] = step.kind == Step::Kind::number
                         ? step.number
                         : metrics[static_cast<std::size_t>(step.metric)];
      continue;
    }
    double& last = stack[top - 1];
    if (step.kind == Step::Kind::negate) {
      last = -last;
      continue;
    }
    double& left = stack[top - 2];
    switch (step.kind) {
      case Step::Kind::add:
        left += last;
        break;
      case Step::Kind::subtract:
        left -= last;
        break;
      case Step::Kind::multiply:
        left *= last;
        break;
      case Step::Kind::divide:
        left /= last;
        break;
      default:
        left = raised(left, last);
        break;
    }
    --top;
  }
  return stack[0];
}

bool MetricFormula::rises() const {
  struct Part {
    std::optional<double> constant;
  };
  std::vector<Part> stack;  // all of them rise
  for (const Step& step : steps_) {
    switch (step.kind) {
      case Step::Kind::number:
        stack.push_back({step.number});
        continue;
      case Step::Kind::metric:
        if (step.metric == Metric::power || step.metric == Metric::utilization ||
            step.metric == Metric::throughput) {
          return false;
        }
        stack.push_back({});
        continue;
      case Step::Kind::subtract:
      case Step::Kind::negate:
        return false;
      default:
        break;
    }
    const Part right = stack.back();
    stack.pop_back();
    const bool by_constant = step.kind == Step::Kind::divide || step.kind == Step::Kind::raise;
    if (by_constant && !(right.constant && *right.constant > 0)) {
      return false;
    }
    stack.back().constant.reset();
  }
  return true;
}

}  // namespace tessera
