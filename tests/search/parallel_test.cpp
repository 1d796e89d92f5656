#include "search/parallel.hpp"

#include <chrono>
#include <stdexcept>
#include <thread>
#include <vector>

#include "tests/catch_compat.hpp"

using namespace tessera;

namespace {

/// Commits of chunk^2 in order, with some work to make workers overtake each other.
std::vector<std::uint64_t> squares(std::uint64_t chunks, int threads) {
  std::vector<std::uint64_t> slots(slots_for(threads));
  std::vector<std::uint64_t> scratch(static_cast<std::size_t>(threads));
  std::vector<std::uint64_t> committed;
  const ChunkedWork work = {
      .chunks = chunks,
      .propose =
          [&](std::uint64_t chunk, std::size_t slot, std::size_t worker) {
            scratch[worker] = 0;
            for (std::uint64_t i = 0; i < chunk * (chunk % 7 == 0 ? 100 : 1); ++i) {
              scratch[worker] += i % 2;
            }
            slots[slot] = chunk * chunk;
          },
      .commit =
          [&](std::uint64_t chunk, std::size_t slot) {
            REQUIRE(chunk == committed.size());
            committed.push_back(slots[slot]);
          },
  };
  REQUIRE(run_chunks(work, threads, nullptr));
  return committed;
}

}  // namespace

TEST_CASE("chunks are committed once each and in order on any number of threads") {
  const auto one = squares(500, 1);
  REQUIRE(one.size() == 500);
  REQUIRE(one[499] == 499 * 499);
  REQUIRE(squares(500, 2) == one);
  REQUIRE(squares(500, 7) == one);
}

TEST_CASE("no chunks are no work") {
  const ChunkedWork work = {.chunks = 0,
                            .propose = [](auto, auto, auto) { FAIL("nothing to propose"); },
                            .commit = [](auto, auto) { FAIL("nothing to commit"); }};
  REQUIRE(run_chunks(work, 3, nullptr));
}

TEST_CASE("a stop ends the run soon, and what was begun is committed in order") {
  std::atomic<bool> stop = false;
  std::atomic<std::uint64_t> begun = 0;
  std::vector<std::uint64_t> committed;
  const ChunkedWork work = {
      .chunks = std::uint64_t{1} << 60,
      .propose =
          [&](std::uint64_t, std::size_t, std::size_t) {
            ++begun;
            std::this_thread::sleep_for(std::chrono::microseconds(100));
          },
      .commit = [&](std::uint64_t chunk, std::size_t) { committed.push_back(chunk); },
  };
  std::chrono::steady_clock::time_point asked;
  std::thread user([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
    asked = std::chrono::steady_clock::now();
    stop = true;
  });
  REQUIRE_FALSE(run_chunks(work, 3, &stop));
  const auto ended = std::chrono::steady_clock::now();
  user.join();
  CHECK(ended - asked <
        std::chrono::milliseconds(500));  // milliseconds, on a machine not overloaded
  CHECK(committed.size() == begun);
  for (std::size_t i = 0; i < committed.size(); ++i) {
    REQUIRE(committed[i] == i);
  }
}

TEST_CASE("an exception of a chunk reaches the caller on any number of threads") {
  for (const int threads : {1, 2, 7}) {
    const ChunkedWork work = {
        .chunks = 1000,
        .propose =
            [](std::uint64_t chunk, std::size_t, std::size_t) {
              if (chunk == 37) {
                throw std::runtime_error("chunk 37");
              }
            },
        .commit = [](std::uint64_t, std::size_t) {},
    };
    CHECK_THROWS_AS(run_chunks(work, threads, nullptr), std::runtime_error);
  }
}

TEST_CASE("an exception of a commit reaches the caller") {
  for (const int threads : {1, 3}) {
    const ChunkedWork work = {
        .chunks = 1000,
        .propose = [](std::uint64_t, std::size_t, std::size_t) {},
        .commit =
            [](std::uint64_t chunk, std::size_t) {
              if (chunk == 12) {
                throw std::runtime_error("commit 12");
              }
            },
    };
    CHECK_THROWS_AS(run_chunks(work, threads, nullptr), std::runtime_error);
  }
}

TEST_CASE("proposing runs ahead of committing by no more than the slots, also inside other work") {
  for (const int threads : {1, 2, 5}) {
    std::atomic<std::uint64_t> committed = 0;
    std::vector<std::uint64_t> sums(3);
    std::atomic<bool> early = false;
    const ChunkedWork work = {
        .chunks = 40,
        .propose =
            [&](std::uint64_t chunk, std::size_t slot, std::size_t) {
              early = early || committed + 3 <= chunk || slot != chunk % 3;
              std::uint64_t sum = 0;
              std::vector<std::uint64_t> values(slots_for(2));
              const ChunkedWork inner = {
                  .chunks = 20,
                  .propose = [&](std::uint64_t i, std::size_t at,
                                 std::size_t) { values[at] = i * chunk; },
                  .commit = [&](std::uint64_t, std::size_t at) { sum += values[at]; },
              };
              run_chunks(inner, 1 + static_cast<int>(chunk % 2), nullptr);
              sums[slot] = sum;
            },
        .commit =
            [&](std::uint64_t chunk, std::size_t slot) {
              early = early || sums[slot] != 190 * chunk;
              ++committed;
            },
        .slots = 3,
    };
    CHECK(run_chunks(work, threads, nullptr));
    CHECK(committed == 40);
    CHECK_FALSE(early);
  }
}
