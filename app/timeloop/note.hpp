#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "spec/node.hpp"

namespace tessera {

/// Something in Timeloop's files that is understood and changes no number here, or whose number
/// here is another than Timeloop's for a reason that the user should know. Commands print it to
/// standard error.
struct TimeloopNote {
  std::string place;  ///< file:line:column: key path
  std::string message;

  bool operator==(const TimeloopNote&) const = default;
};

using TimeloopNotes = std::vector<TimeloopNote>;

void add_note(TimeloopNotes& notes, const SpecNode& at, std::string_view message);

}  // namespace tessera
