#pragma once

// What the attributes of all sorts of components have in common. Private to this folder.

#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

#include "app/timeloop/component.hpp"

namespace tessera {

/// Limits of what attributes may say; larger numbers are slips.
inline constexpr double kMostOfAttribute = std::numeric_limits<double>::max();
inline constexpr std::int64_t kMostWordBits = 1024;
inline constexpr std::int64_t kMostWordsOfAccess = std::int64_t{1} << 20;

/// True if the value stands for no value: `null`, `None`, `~`.
bool is_nothing(const SpecNode& node);

/// Throws at the first attribute of sparse hardware, which is not modelled, unless it says false.
void refuse_sparse(const TimeloopAttributes& attributes);

/// Throws if `key` is there and on; `why` ends the message.
void refuse_unless_off(const TimeloopAttributes& attributes, std::string_view key,
                       std::string_view why);

/// Consumes the attributes that only describe a component to Accelergy.
void consume_descriptions(const TimeloopAttributes& attributes);

/// Leakage of an instance, which tables give in pJ a cycle.
double leakage_mw(const TimeloopComponent& component, const TimeloopReference& reference,
                  double clock_hz);

/// Area of an instance: of its attributes, else of the table.
std::optional<double> area_mm2(const TimeloopComponent& component,
                               const TimeloopReference& reference, std::int64_t cluster);

/// The network that the attributes of a memory describe; words have `word_bits`.
TimeloopNetwork read_network(const TimeloopAttributes& attributes, std::int64_t word_bits);

}  // namespace tessera
