#include "app/timeloop/energy_table.hpp"

namespace tessera {

double table_access_pj(bool dram, std::optional<std::int64_t> entries, std::int64_t word_bits,
                       std::int64_t block, std::int64_t cluster) {
  const double width =
      static_cast<double>(word_bits) * static_cast<double>(block) * static_cast<double>(cluster);
  const double instances = static_cast<double>(cluster);
  if (dram) {
    return 200 * width / 16 / instances;
  }
  if (!entries) {
    return 0;
  }
  const double rows = static_cast<double>((*entries + block - 1) / block);
  const double kib = width * rows / 8192;
  return (1 + 5 / 99.5 * (kib - 0.5)) * width / 16 / instances;
}

double table_operation_pj(std::int64_t bits) {
  const double ratio = static_cast<double>(bits) / 16;
  return ratio * ratio;
}

}  // namespace tessera
