// What a proof costs: the exact fronts of bench/exact_cases, each in a process of its own, so that
// CPU time and peak memory are the case's and a case that fails takes none of the others with it. A
// case that reaches its time limit is stopped and reports the gap that it was left with.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <exception>
#include <fstream>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/exact_cases.hpp"
#include "spec/error.hpp"

namespace tessera::bench {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kHelp =
    "Usage: exact_bench [NAME...] [options]\n"
    "Times proofs. NAME picks the cases and groups whose name contains it; without one all run.\n"
    "  --list         the cases, by group\n"
    "  --limit S      seconds of wall time after which a case is stopped [60]\n"
    "  --threads N    threads of each search [1]\n"
    "  --repeat N     runs of each case, of which the fastest counts [1]\n"
    "  --speedup      runs each case on 1 and on 2 threads, and gives the ratio of wall times\n"
    "  --json FILE    writes all figures there too\n";

struct Arguments {
  std::vector<std::string> names;
  bool list = false;
  double limit_s = 60;
  int threads = 1;
  int repeat = 1;
  bool speedup = false;
  std::string json;
};

double seconds_of(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

/// Sets a flag when its time is over; ends early when it goes out of scope.
class Timer {
 public:
  Timer(double seconds, std::atomic<bool>& flag)
      : thread_([this, seconds, &flag] {
          std::unique_lock lock(mutex_);
          if (!ended_.wait_for(lock, std::chrono::duration<double>(seconds),
                               [&] { return over_; })) {
            flag = true;
          }
        }) {}
  ~Timer() {
    {
      const std::lock_guard lock(mutex_);
      over_ = true;
    }
    ended_.notify_one();
    thread_.join();
  }
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

 private:
  std::mutex mutex_;
  std::condition_variable ended_;
  bool over_ = false;
  std::thread thread_;
};

const char* certificate_text(Certificate::Kind kind) {
  switch (kind) {
    case Certificate::Kind::none:
      return "none";
    case Certificate::Kind::bound:
      return "bound";
    case Certificate::Kind::exact:
      return "exact";
  }
  return "";
}

Json figures_of(const SearchResult& result, const ExactCase& one) {
  Json row;
  row["certificate"] = certificate_text(result.certificate.kind);
  row["gap"] = result.certificate.gap;
  row["stopped"] = result.stopped;
  row["mappings"] = result.space_size;
  row["scored"] = result.evaluated;
  row["feasible"] = result.feasible;
  row["points"] = result.front.size();
  if (result.tree) {
    for (const auto& [name, count] : TreeStatistics::counts()) {
      row[std::string(name)] = (*result.tree).*count;
    }
  }
  Json least = Json::object();
  for (const ParetoPoint& point : result.front.points()) {
    for (std::size_t i = 0; i < point.values.size(); ++i) {
      const std::string name(to_string(one.options.objectives[i]));
      const double so_far = least.contains(name) ? least[name].get<double>() : point.values[i];
      least[name] = std::min(so_far, point.values[i]);
    }
    // The front of energy and latency holds the least product of the two.
    const double product = point.values[0] * 1e-12 * point.values[1];
    const double so_far =
        least.contains("J x cycles") ? least["J x cycles"].get<double>() : product;
    least["J x cycles"] = std::min(so_far, product);
  }
  row["least"] = least;
  return row;
}

/// In the child: the search, timed.
Json measure(const ExactCase& one, int threads, double limit_s) {
  std::atomic<bool> stop{false};
  SearchControl control;
  control.threads = threads;
  control.stop = &stop;
  Json row;
  const Timer timer(limit_s, stop);
  const double cpu = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
  const double wall = seconds_of(CLOCK_MONOTONIC);
  try {
    const SearchResult result = search(one.problem, one.architecture, {}, one.options, control);
    row["cpu_s"] = seconds_of(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    row["wall_s"] = seconds_of(CLOCK_MONOTONIC) - wall;
    row.update(figures_of(result, one));
  } catch (const SearchError& error) {
    row["refused"] = error.what();
  } catch (const std::exception& error) {
    row["failed"] = error.what();
  }
  return row;
}

/// Runs one case in a child process.
Json run_once(const ExactCase& one, int threads, double limit_s) {
  int ends[2];
  if (pipe(ends) != 0) {
    throw std::runtime_error("no pipe to a case's process");
  }
  std::fflush(nullptr);
  const pid_t child = fork();
  if (child < 0) {
    throw std::runtime_error("no process for a case");
  }
  if (child == 0) {
    close(ends[0]);
    // One that does not stop when asked to is killed by the alarm.
    alarm(static_cast<unsigned>(3 * limit_s) + 30);
    const std::string text = measure(one, threads, limit_s).dump();
    std::size_t sent = 0;
    while (sent < text.size()) {
      const ssize_t count = write(ends[1], text.data() + sent, text.size() - sent);
      if (count <= 0) {
        _exit(1);
      }
      sent += static_cast<std::size_t>(count);
    }
    _exit(0);
  }
  close(ends[1]);
  std::string text;
  char buffer[4096];
  for (ssize_t count = 0; (count = read(ends[0], buffer, sizeof buffer)) > 0;) {
    text.append(buffer, static_cast<std::size_t>(count));
  }
  close(ends[0]);
  int status = 0;
  rusage usage{};
  wait4(child, &status, 0, &usage);
  Json row = {{"group", one.group}, {"case", one.name}, {"threads", threads}};
  if (WIFSIGNALED(status)) {
    row["failed"] = WTERMSIG(status) == SIGALRM
                        ? std::string("did not stop at its time limit")
                        : fmt::format("ended by signal {}", WTERMSIG(status));
  } else if (text.empty()) {
    row["failed"] = "the case's process said nothing";
  } else {
    row.update(Json::parse(text));
  }
  row["peak_MiB"] = static_cast<double>(usage.ru_maxrss) / 1024;
  return row;
}

Json run_case(const ExactCase& one, const Arguments& arguments, int threads) {
  Json best = run_once(one, threads, arguments.limit_s);
  for (int i = 1; i < arguments.repeat; ++i) {
    Json again = run_once(one, threads, arguments.limit_s);
    const char* clock = arguments.speedup ? "wall_s" : "cpu_s";
    if (again.contains(clock) && best.contains(clock) && again[clock] < best[clock]) {
      best = std::move(again);
    }
  }
  return best;
}

void print_heading() {
  fmt::print(
      "{:26} {:>3} {:>9} {:>9} {:>9} {:>10} {:>10} {:>10} {:>7} {:>4} {:>8} {:>14} {:>11} {}\n",
      "case", "thr", "CPU s", "wall s", "mappings", "nodes", "by bound", "by size", "scored", "pts",
      "peak MiB", "least pJ", "cycles", "certificate");
}

std::string count_text(const Json& row, const char* key) {
  return row.contains(key) ? fmt::format("{}", row[key].get<std::uint64_t>()) : "-";
}

/// `1.2e+09` of a decimal of any length, perhaps with `>` before it.
std::string size_text(const std::string& size) {
  const bool more = !size.empty() && size.front() == '>';
  const double value = std::strtod(size.c_str() + (more ? 1 : 0), nullptr);
  return fmt::format("{}{:.1e}", more ? ">" : "", value);
}

void print_row(const Json& row) {
  for (const char* trouble : {"refused", "failed"}) {
    if (row.contains(trouble)) {
      fmt::print("{:26} {:>3} {}: {}\n", row["case"].get<std::string>(), row["threads"].get<int>(),
                 trouble, row[trouble].get<std::string>());
      return;
    }
  }
  const Json& least = row["least"];
  const std::string certificate = row["certificate"];
  fmt::print(
      "{:26} {:>3} {:>9.4f} {:>9.4f} {:>9} {:>10} {:>10} {:>10} {:>7} {:>4} {:>8.0f} {:>14} {:>11} "
      "{}\n",
      row["case"].get<std::string>(), row["threads"].get<int>(), row["cpu_s"].get<double>(),
      row["wall_s"].get<double>(), size_text(row["mappings"]), count_text(row, "nodes"),
      count_text(row, "cut_by_bound"), count_text(row, "cut_by_size"),
      row["scored"].get<std::uint64_t>(), row["points"].get<std::size_t>(),
      row["peak_MiB"].get<double>(),
      least.contains("energy") ? fmt::format("{:.8g}", least["energy"].get<double>()) : "-",
      least.contains("latency") ? fmt::format("{:.8g}", least["latency"].get<double>()) : "-",
      certificate == "bound" ? fmt::format("gap {:.2f} %", 100 * row["gap"].get<double>())
                             : certificate);
}

bool picked(const ExactCase& one, const std::vector<std::string>& names) {
  return names.empty() || std::any_of(names.begin(), names.end(), [&](const std::string& name) {
           return one.name.find(name) != std::string::npos || one.group == name;
         });
}

bool read_arguments(int argc, char** argv, Arguments& arguments) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    const bool more = i + 1 < argc;
    if (word == "--list") {
      arguments.list = true;
    } else if (word == "--speedup") {
      arguments.speedup = true;
    } else if (word == "--limit" && more) {
      arguments.limit_s = std::strtod(argv[++i], nullptr);
    } else if (word == "--threads" && more) {
      arguments.threads = std::max(1, std::atoi(argv[++i]));
    } else if (word == "--repeat" && more) {
      arguments.repeat = std::max(1, std::atoi(argv[++i]));
    } else if (word == "--json" && more) {
      arguments.json = argv[++i];
    } else if (word.empty() || word.front() == '-') {
      return false;
    } else {
      arguments.names.emplace_back(word);
    }
  }
  return arguments.limit_s > 0;
}

/// Sums over what ran, by group.
void print_totals(const Json& rows) {
  std::vector<std::string> groups;
  for (const Json& row : rows) {
    if (std::find(groups.begin(), groups.end(), row["group"]) == groups.end()) {
      groups.push_back(row["group"]);
    }
  }
  for (const std::string& group : groups) {
    double cpu = 0;
    double wall = 0;
    std::size_t cases = 0;
    std::size_t exact = 0;
    for (const Json& row : rows) {
      if (row["group"] == group) {
        ++cases;
        cpu += row.value("cpu_s", 0.0);
        wall += row.value("wall_s", 0.0);
        exact += row.value("certificate", "") == "exact" ? 1 : 0;
      }
    }
    fmt::print("{:26} {} cases, {} proven: {:.3f} CPU s, {:.3f} s wall\n", group, cases, exact, cpu,
               wall);
  }
}

int run(int argc, char** argv) {
  Arguments arguments;
  if (!read_arguments(argc, argv, arguments)) {
    fmt::print(stderr, "{}", kHelp);
    return 2;
  }
  Json rows = Json::array();
  if (!arguments.list) {
    print_heading();
  }
  for (const ExactCase& one : exact_cases(TESSERA_SOURCE)) {
    if (!picked(one, arguments.names)) {
      continue;
    }
    if (arguments.list) {
      fmt::print("{:12} {}\n", one.group, one.name);
      continue;
    }
    rows.push_back(run_case(one, arguments, arguments.speedup ? 1 : arguments.threads));
    print_row(rows.back());
    std::fflush(stdout);
    if (arguments.speedup) {
      Json two = run_case(one, arguments, 2);
      if (two.contains("wall_s") && rows.back().contains("wall_s")) {
        two["speedup"] = rows.back()["wall_s"].get<double>() / two["wall_s"].get<double>();
      }
      print_row(two);
      if (two.contains("speedup")) {
        fmt::print("{:26} speed-up {:.2f}\n", one.name, two["speedup"].get<double>());
      }
      rows.push_back(std::move(two));
    }
  }
  if (!arguments.list && !arguments.speedup) {
    print_totals(rows);
  }
  if (!arguments.json.empty()) {
    std::ofstream file(arguments.json);
    file << rows.dump(2) << "\n";
    file.close();
    if (!file) {
      fmt::print(stderr, "exact_bench: cannot write {}\n", arguments.json);
      return 1;
    }
  }
  return 0;
}

}  // namespace
}  // namespace tessera::bench

int main(int argc, char** argv) {
  try {
    return tessera::bench::run(argc, argv);
  } catch (const std::exception& error) {
    fmt::print(stderr, "exact_bench: {}\n", error.what());
    return 1;
  }
}
