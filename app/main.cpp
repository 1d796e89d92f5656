#include "app/program.hpp"

int main(int argc, char** argv) {
  // A caller may hand over no argument at all, not even the program's name.
  return tessera::run_program(argc > 0 ? std::vector<std::string>(argv + 1, argv + argc)
                                       : std::vector<std::string>());
}
