#pragma once

#include <string>
#include <vector>

namespace tessera {

/// Runs the command that `arguments` (without the program's name) ask for and returns the exit
/// code. Results go to standard output, errors to standard error.
int run_program(const std::vector<std::string>& arguments);

}  // namespace tessera
