#pragma once

// Each function reads published figures, scores the mappings and sets both side by side.

#include <vector>

#include "tests/published/page.hpp"

namespace tessera::published {

/// The Eyeriss chip on AlexNet: PEs, tiles in the buffer, processing time (JSSC 2017).
Table eyeriss_time();
/// The same runs: power, buffer and DRAM traffic.
Table eyeriss_power();
/// The published mappings against the best ones that a search proves.
Table eyeriss_search();
/// The Eyeriss chip on the later layers of VGG-16.
Table eyeriss_vgg();
/// Two other tools on the same mappings: cycles and DRAM words.
Table two_tools();
/// The two tools' DRAM words by tensor.
Table two_tools_words();
/// Counts of the ISCA 2016 analysis, exactly where they are defined alike.
Table isca16_words();
/// Its energies, in units of one operation.
Table isca16_energies();
/// TPU v1 against its roofline and its measured performance.
Table tpu_roofline();

/// Of the least energy of a layer on each machine of the library: arithmetic, movement, leakage.
Table machine_shares();
/// The Eyeriss chip against a mobile GPU, in frames per joule.
Table mobile_gpu();
/// Two sizes of NVDLA: area and ResNet-50.
Table nvdla_sizes();
/// How far component models are from their tables and from other published numbers.
Table component_errors();

std::vector<Table> all_tables();

}  // namespace tessera::published
