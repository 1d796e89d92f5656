#include "tests/oracle/random_problem.hpp"

#include <algorithm>

#include "tests/oracle/notation.hpp"

namespace tessera::oracle {

namespace {

/// Dimensions and operation in the words of notation.hpp; `s` and `d` stand for a stride and a
/// dilation.
struct Family {
  const char* dimensions;
  const char* operation;
};

constexpr Family kPlain[] = {
    {"M N K", "O[M,N] += A[M,K] * B[K,N]"},
    {"M N K", "O[N,M] += A[K,M] * B[N,K]"},
    {"H M N K", "O[H,M,N] += A[H,M,K] * B[H,K,N]"},
    {"M N K", "O[M,N] += A[M,K] * B[K,N] * C[N]"},
    {"I J K R", "O[I,R] += X[I,J,K] * U[J,R] * V[K,R]"},
    {"M K", "O[M] += A[M,K]"},
    {"M K", "O[] += A[M,K] * B[K]"},
    {"M", "O[] += A[M]"},
    {"M N", "O[M,N] += A[M] * B[N]"},
    {"C P", "O[C,P] += I[C,P] * W[C]"},
};
constexpr Family kSliding[] = {
    {"P R", "O[P] += I[P*s+R*d] * W[R]"},
    {"K P R", "O[K,P] += I[P*s+R*d] * W[K,R]"},
    {"C K P R", "O[K,P] += I[C,P*s+R*d] * W[K,C,R]"},
    {"C K P R", "O[P,K] += I[R*d+P*s,C] * W[C,R,K]"},
    {"P Q R S", "O[P,Q] += I[P*s+R*d,Q*s+S*d] * W[R,S]"},
    {"K P Q R S", "O[K,P,Q] += I[P*s+R*d,Q*s+S] * W[K,R,S]"},
    {"N K C P Q R S", "O[N,K,P,Q] += I[N,C,P*s+R*d,Q*s+S*d] * W[K,C,R,S]"},
    {"C P Q R S", "O[C,P,Q] += I[C,P*s+R*d,Q*s+S*d] * W[C,R,S]"},
    {"C P R", "O[C,P] += I[C,P*s+R*d]"},
    {"P R T", "O[P] += I[P*s+R*d+T] * W[R,T]"},
    {"P R K", "O[P] += I[P*s+R] * V[P*d+K] * W[R,K]"},
    {"P R", "O[P] += A[P*s+R] * B[R*d+P]"},
};
constexpr Family kOneWindow[] = {
    {"P R", "O[P] += I[P*s+R*d] * W[R]"},   {"P R", "O[P] += I[R*d+P*s] * W[R]"},
    {"P R", "O[P*s+R*d] += I[P] * W[R]"},   {"C P R", "O[C,P] += I[C,P*s+R*d] * W[C,R]"},
    {"P R", "O[P] += A[P*s+R] * B[R*d+P]"},
};
constexpr Family kSlidingOutput[] = {
    {"P R", "O[P*s+R*d] += I[P] * W[R]"},
    {"K C P R", "O[K,P*s+R*d] += I[C,P] * W[K,C,R]"},
    {"P Q R S", "O[P*s+R,Q*s+S] += I[P,Q] * W[R,S]"},
    {"C P R", "O[C,P*s+R*d] += I[C,P] * W[C,R]"},
    {"P R Q", "O[P*s+R] += I[P*d+Q] * W[R,Q]"},
    {"P R", "O[P*s+R*d] += I[P,R]"},
};

std::string replaced(std::string text, const std::string& what, std::int64_t number) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what)) {
    text.replace(at, what.size(), std::string("*").append(std::to_string(number)));
  }
  return text;
}

Family choose_family(RandomSource& random, Flavor flavor) {
  const auto of = [&](const auto& list) {
    return list[static_cast<std::size_t>(
        random.between(0, static_cast<std::int64_t>(std::size(list)) - 1))];
  };
  if (flavor == Flavor::sweep) {
    return of(kOneWindow);
  }
  if (flavor == Flavor::sliding_output) {
    return of(kSlidingOutput);
  }
  if (flavor == Flavor::sliding || random.chance(45)) {
    return of(kSliding);
  }
  return random.chance(20) ? of(kSlidingOutput) : of(kPlain);
}

/// Spreads the dimensions over ranks of each tensor at random, each in at most one rank of a
/// tensor.
void scramble(RandomSource& random, Problem& problem) {
  for (Tensor& tensor : problem.tensors) {
    tensor.projection.ranks.clear();
    for (std::size_t d = 0; d < problem.dimensions.size(); ++d) {
      if (!random.chance(60)) {
        continue;
      }
      const Term term{DimensionId(d), random.pick({1, 1, 1, 2, 3, -1, -2})};
      auto& ranks = tensor.projection.ranks;
      if (!ranks.empty() && random.chance(40)) {
        ranks[static_cast<std::size_t>(
                  random.between(0, static_cast<std::int64_t>(ranks.size()) - 1))]
            .push_back(term);
      } else {
        ranks.push_back({term});
      }
    }
  }
}

/// A dimension that no tensor uses is refused by the parser.
void use_all_dimensions(Problem& problem) {
  for (std::size_t d = 0; d < problem.dimensions.size(); ++d) {
    bool used = false;
    for (const Tensor& tensor : problem.tensors) {
      for (const Rank& rank : tensor.projection.ranks) {
        used = used || std::any_of(rank.begin(), rank.end(), [&](const Term& term) {
                 return term.dimension == DimensionId(d);
               });
      }
    }
    if (!used) {
      problem.tensors.back().projection.ranks.push_back({{DimensionId(d), 1}});
    }
  }
}

void choose_bounds(RandomSource& random, Problem& problem, std::int64_t operations,
                   bool long_ones) {
  std::vector<std::size_t> order;
  for (std::size_t d = 0; d < problem.dimensions.size(); ++d) {
    order.push_back(d);
  }
  random.shuffle(order);
  std::int64_t left = operations;
  for (const std::size_t d : order) {
    const std::int64_t most =
        std::min<std::int64_t>(left, long_ones ? 60 : random.pick({5, 7, 10, 16, 32}));
    const std::int64_t least = std::min<std::int64_t>(2, most);
    problem.dimensions[d].bound = random.chance(8) ? 1 : random.between(least, most);
    left = std::max<std::int64_t>(1, left / problem.dimensions[d].bound);
  }
}

}  // namespace

Problem random_problem(RandomSource& random, Flavor flavor, std::int64_t operations) {
  const Family family = choose_family(random, flavor);
  std::string dimensions;
  for (const char* at = family.dimensions; *at != '\0'; ++at) {
    dimensions += *at == ' ' ? std::string(" ") : std::string(1, *at) + "=1";
  }
  std::string operation = replaced(family.operation, "*s", random.pick({1, 1, 2, 3}));
  operation = replaced(operation, "*d", random.pick({1, 1, 1, 2, 3}));
  Problem result = problem(dimensions, operation);
  if (flavor == Flavor::any && random.chance(8)) {
    scramble(random, result);
    use_all_dimensions(result);
  }
  choose_bounds(random, result, operations, flavor == Flavor::sweep);
  for (Tensor& tensor : result.tensors) {
    for (Rank& rank : tensor.projection.ranks) {
      for (Term& term : rank) {
        if (random.chance(4)) {
          term.coefficient = -term.coefficient;
        }
      }
    }
    tensor.bits = random.pick({4, 8, 8, 16, 24, 32});
    tensor.final_bits = tensor.bits;
    if (tensor.role == TensorRole::output) {
      tensor.final_bits = std::min(tensor.bits, random.pick({4, 8, 16, 32}));
    }
  }
  return result;
}

}  // namespace tessera::oracle
