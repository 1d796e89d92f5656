// Every file of errors/timeloop is in Timeloop's format and named after its one fault; the message
// that it must give stands beside it, whole, under the same name with the suffix `.expected`.

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include "app/workspace.hpp"
#include "spec/error.hpp"
#include "tests/catch_compat.hpp"

namespace tessera {
namespace {

const std::filesystem::path kFolder = std::filesystem::path(TESSERA_TEST_DATA) / "errors/timeloop";

std::string contents(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// The message without the folder of the file.
std::string message_of(const std::filesystem::path& path) {
  try {
    Workspace::load({path.string()}, {});
  } catch (const SpecError& error) {
    std::string text = error.what();
    const std::string folder = path.parent_path().string() + "/";
    for (std::size_t at = text.find(folder); at != std::string::npos; at = text.find(folder)) {
      text.erase(at, folder.size());
    }
    return text.ends_with('\n') ? text : text + "\n";
  }
  return "no error\n";
}

TEST_CASE("each faulty file in Timeloop's format gives exactly the message beside it") {
  std::set<std::string> faults;
  std::set<std::string> expectations;
  for (const auto& entry : std::filesystem::directory_iterator(kFolder)) {
    const bool is_fault = entry.path().extension() == ".yaml";
    (is_fault ? faults : expectations).insert(entry.path().stem().string());
  }
  CHECK(faults == expectations);
  CHECK(faults.size() >= 40);
  for (const std::string& fault : faults) {
    INFO(fault);
    CHECK(message_of(kFolder / (fault + ".yaml")) == contents(kFolder / (fault + ".expected")));
  }
}

}  // namespace
}  // namespace tessera
