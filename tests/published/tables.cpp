#include "tests/published/tables.hpp"

namespace tessera::published {

std::vector<Table> all_tables() {
  return {eyeriss_time(),    eyeriss_power(), eyeriss_search(),  eyeriss_vgg(),  two_tools(),
          two_tools_words(), isca16_words(),  isca16_energies(), tpu_roofline(), machine_shares(),
          mobile_gpu(),      nvdla_sizes(),   component_errors()};
}

}  // namespace tessera::published
