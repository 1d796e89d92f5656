#include <csignal>

#include "app/program.hpp"

int main(int argc, char** argv) {
  // A limit on the size of files (`ulimit -f`, quotas of clusters) is to be told as an error of the
  // write that meets it, not to end the program without a word.
  std::signal(SIGXFSZ, SIG_IGN);
  // A caller may hand over no argument at all, not even the program's name.
  return tessera::run_program(argc > 0 ? std::vector<std::string>(argv + 1, argv + argc)
                                       : std::vector<std::string>());
}
