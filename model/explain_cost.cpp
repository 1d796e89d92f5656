#include "model/explain_cost.hpp"

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

Moved moved(const Tensor& tensor, std::int64_t words, std::int64_t final_words) {
  return {.words = words,
          .bits = words * tensor.bits - final_words * (tensor.bits - tensor.final_bits),
          .accesses = 0};
}

Moved read_of(const Architecture& architecture, const Tensor& tensor,
              const TensorTraffic& traffic) {
  Moved read = moved(tensor, traffic.reads, 0);
  if (!architecture.drains_free) {
    read += moved(tensor, traffic.drains, traffic.final_drains);
  }
  read.accesses = traffic.read_accesses;
  return read;
}

Moved written_of(const Tensor& tensor, const TensorTraffic& traffic) {
  Moved written = moved(tensor, traffic.fills, 0);
  written += moved(tensor, traffic.updates, traffic.final_updates);
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
      const Tensor& tensor = problem.tensors[t];
      const auto read = amount(read_of(architecture, tensor, result.tensors[t]));
      const auto written = amount(written_of(tensor, result.tensors[t]));
      add(TensorId(t), EnergyTerm::Action::read, read.first, read.second, memory.energy->read_pj);
      add(TensorId(t), EnergyTerm::Action::write, written.first, written.second,
          memory.energy->write_pj);
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
      for (std::size_t t = 0; t < result.words.size(); ++t) {
        terms.add(TensorId(t), EnergyTerm::Action::deliver, EnergyTerm::Unit::words,
                  result.words[t], fanout->energy_pj.value_or(0));
      }
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
  std::vector<PortTerm> ports;
  for (std::size_t l = 0; l < architecture.hierarchy.size(); ++l) {
    const Memory* memory = architecture.memory(LevelId(l));
    if (memory == nullptr) {
      continue;
    }
    Moved read;
    Moved written;
    for (std::size_t t = 0; t < problem.tensors.size(); ++t) {
      const TensorTraffic& traffic = evaluation.levels[l].tensors[t];
      read += read_of(architecture, problem.tensors[t], traffic);
      written += written_of(problem.tensors[t], traffic);
    }
    Moved both = read;
    both += written;
    const auto add = [&](PortTerm::Port port, const std::optional<Bandwidth>& bandwidth,
                         const Moved& amount) {
      if (!bandwidth) {
        return;
      }
      const auto unit = bandwidth->in_words()      ? EnergyTerm::Unit::words
                        : bandwidth->in_accesses() ? EnergyTerm::Unit::accesses
                                                   : EnergyTerm::Unit::bits;
      ports.push_back({.level = LevelId(l),
                       .port = port,
                       .unit = unit,
                       .amount = unit == EnergyTerm::Unit::words      ? amount.words
                                 : unit == EnergyTerm::Unit::accesses ? amount.accesses
                                                                      : amount.bits,
                       .instances = evaluation.levels[l].instances_used,
                       .rate = bandwidth->amount / (bandwidth->per_cycle() ? 1 : architecture.clock_hz)});
    };
    add(PortTerm::Port::shared, memory->ports.shared, both);
    add(PortTerm::Port::read, memory->ports.read, read);
    add(PortTerm::Port::write, memory->ports.write, written);
  }
  return ports;
}

}  // namespace tessera
