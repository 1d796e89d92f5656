#include "model/explain_cost.hpp"

#include <array>
#include <utility>

namespace tessera {
namespace {

/// What one memory moves of one tensor, or of all.
struct Moved {
  std::int64_t words = 0;
  std::int64_t bits = 0;
  std::int64_t accesses = 0;

  Moved& operator+=(const Moved& other) {
    words += other.words;
    bits += other.bits;
    accesses += other.accesses;
    return *this;
  }
};

Moved moved(const TensorWord& word, std::int64_t words, std::int64_t final_words) {
  return {.words = words,
          .bits = words * word.bits - final_words * (word.bits - word.final_bits),
          .accesses = 0};
}

/// `word` is as the memory stores it.
Moved read_of(const Architecture& architecture, const TensorWord& word,
              const TensorTraffic& traffic) {
  Moved read = moved(word, traffic.reads + traffic.passed, 0);
  if (!architecture.drains_free) {
    read += moved(word, traffic.drains, traffic.final_drains);
  }
  read.accesses = traffic.read_accesses;
  return read;
}

Moved written_of(const TensorWord& word, const TensorTraffic& traffic) {
  Moved written = moved(word, traffic.fills, 0);
  written += moved(word, traffic.updates, traffic.final_updates);
  written.accesses = traffic.write_accesses;
  return written;
}

class EnergyTerms {
 public:
  explicit EnergyTerms(LevelId level) : level_(level) {}

  void add(std::optional<TensorId> tensor, EnergyTerm::Action action, EnergyTerm::Unit unit,
           std::int64_t amount, double each_pj) {
    if (amount != 0 && each_pj != 0) {
      terms_.push_back({.level = level_,
                        .tensor = tensor,
                        .action = action,
                        .unit = unit,
                        .amount = amount,
                        .each_pj = each_pj,
                        .energy_pj = static_cast<double>(amount) * each_pj});
    }
  }

  void add_memory(const Problem& problem, const Architecture& architecture, const Memory& memory,
                  const LevelResult& result) {
    if (!memory.energy) {
      return;
    }
    const auto amount = [&](const Moved& part) {
      switch (memory.energy->basis) {
        case EnergyBasis::word:
          return std::pair(EnergyTerm::Unit::words, part.words);
        case EnergyBasis::bit:
          return std::pair(EnergyTerm::Unit::bits, part.bits);
        case EnergyBasis::access:
          break;
      }
      return std::pair(EnergyTerm::Unit::accesses, part.accesses);
    };
    for (std::size_t t = 0; t < result.tensors.size(); ++t) {
      const TensorWord word = memory.stored(problem.tensors[t].word());
      const auto read = amount(read_of(architecture, word, result.tensors[t]));
      const auto written = amount(written_of(word, result.tensors[t]));
      add(TensorId(t), EnergyTerm::Action::read, read.first, read.second, memory.energy->read_pj);
      add(TensorId(t), EnergyTerm::Action::write, written.first, written.second,
          memory.energy->write_pj);
    }
  }

  void add_fanout(const Fanout& fanout, const LevelResult& result) {
    for (std::size_t t = 0; t < result.words.size(); ++t) {
      const TensorId tensor(t);
      add(tensor, EnergyTerm::Action::deliver, EnergyTerm::Unit::words, result.words[t],
          fanout.energy_pj.value_or(0));
      if (!result.network.empty()) {
        const NetworkTraffic& traffic = result.network[t];
        const double router_pj = fanout.router_pj.value_or(0);
        add(tensor, EnergyTerm::Action::hop, EnergyTerm::Unit::half_hops, traffic.half_hops,
            fanout.hop_pj.value_or(0) / 2);
        add(tensor, EnergyTerm::Action::route, EnergyTerm::Unit::words,
            traffic.sent + traffic.passed, router_pj);
        add(tensor, EnergyTerm::Action::route, EnergyTerm::Unit::half_hops, traffic.half_hops,
            router_pj / 2);
      }
    }
  }

  void add_leakage(double energy_pj) {
    if (energy_pj != 0) {
      terms_.push_back({.level = level_,
                        .tensor = std::nullopt,
                        .action = EnergyTerm::Action::leak,
                        .unit = EnergyTerm::Unit::operations,
                        .amount = 0,
                        .each_pj = 0,
                        .energy_pj = energy_pj});
    }
  }

  const std::vector<EnergyTerm>& terms() const { return terms_; }

 private:
  LevelId level_;
  std::vector<EnergyTerm> terms_;
};

class PortTerms {
 public:
  PortTerms(const Problem& problem, const Architecture& architecture, const Evaluation& evaluation)
      : problem_(problem), architecture_(architecture), evaluation_(evaluation) {}

  void add_memory(LevelId level, const Memory& memory) {
    Moved read;
    Moved written;
    for (std::size_t t = 0; t < problem_.tensors.size(); ++t) {
      const TensorTraffic& traffic = evaluation_.levels[level.index()].tensors[t];
      const TensorWord word = memory.stored(problem_.tensors[t].word());
      read += read_of(architecture_, word, traffic);
      written += written_of(word, traffic);
    }
    Moved both = read;
    both += written;
    add(level, PortTerm::Port::shared, memory.ports.shared, both);
    add(level, PortTerm::Port::read, memory.ports.read, read);
    add(level, PortTerm::Port::write, memory.ports.write, written);
  }

  void add_fanout(LevelId level, const Fanout& fanout) {
    const auto& network = evaluation_.levels[level.index()].network;
    Moved all;
    std::array<Moved, 3> by_kind;
    for (std::size_t t = 0; t < network.size(); ++t) {
      const Tensor& tensor = problem_.tensors[t];
      const Moved taken = moved(tensor.word(), network[t].sent, 0);
      all += taken;
      by_kind[static_cast<std::size_t>(tensor.kind)] += taken;
    }
    add(level, PortTerm::Port::shared, fanout.bandwidth.shared, all);
    constexpr std::array kPorts = {PortTerm::Port::inputs, PortTerm::Port::weights,
                                   PortTerm::Port::outputs};
    for (const TensorKind kind : kTensorKinds) {
      const auto i = static_cast<std::size_t>(kind);
      add(level, kPorts[i], fanout.bandwidth.by_kind[i], by_kind[i]);
    }
  }

  std::vector<PortTerm> take() { return std::move(ports_); }

 private:
  void add(LevelId level, PortTerm::Port port, const std::optional<Bandwidth>& bandwidth,
           const Moved& amount) {
    if (!bandwidth) {
      return;
    }
    const auto unit = bandwidth->in_words()      ? EnergyTerm::Unit::words
                      : bandwidth->in_accesses() ? EnergyTerm::Unit::accesses
                                                 : EnergyTerm::Unit::bits;
    ports_.push_back(
        {.level = level,
         .port = port,
         .unit = unit,
         .amount = unit == EnergyTerm::Unit::words      ? amount.words
                   : unit == EnergyTerm::Unit::accesses ? amount.accesses
                                                        : amount.bits,
         .instances = evaluation_.levels[level.index()].instances_used,
         .rate = bandwidth->amount / (bandwidth->per_cycle() ? 1 : architecture_.clock_hz)});
  }

  const Problem& problem_;
  const Architecture& architecture_;
  const Evaluation& evaluation_;
  std::vector<PortTerm> ports_;
};

}  // namespace

std::vector<EnergyTerm> explain_energy(const Problem& problem, const Architecture& architecture,
                                       const Evaluation& evaluation) {
  std::vector<EnergyTerm> all;
  for (std::size_t l = 0; l < architecture.hierarchy.size(); ++l) {
    const LevelResult& result = evaluation.levels[l];
    EnergyTerms terms{LevelId(l)};
    if (const Memory* memory = architecture.memory(LevelId(l))) {
      terms.add_memory(problem, architecture, *memory, result);
    } else if (const Fanout* fanout = architecture.fanout(LevelId(l))) {
      terms.add_fanout(*fanout, result);
    } else {
      terms.add(std::nullopt, EnergyTerm::Action::operate, EnergyTerm::Unit::operations,
                evaluation.operations, architecture.compute().energy_pj.value_or(0));
    }
    terms.add_leakage(result.leakage_pj);
    all.insert(all.end(), terms.terms().begin(), terms.terms().end());
  }
  return all;
}

std::vector<PortTerm> explain_ports(const Problem& problem, const Architecture& architecture,
                                    const Evaluation& evaluation) {
  PortTerms ports(problem, architecture, evaluation);
  for (std::size_t l = 0; l < architecture.hierarchy.size(); ++l) {
    if (const Memory* memory = architecture.memory(LevelId(l))) {
      ports.add_memory(LevelId(l), *memory);
    } else if (const Fanout* fanout = architecture.fanout(LevelId(l))) {
      ports.add_fanout(LevelId(l), *fanout);
    }
  }
  return ports.take();
}

}  // namespace tessera
