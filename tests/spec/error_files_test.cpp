// Each file tests/errors/yaml/<fault>.yaml has one fault, and <fault>.expected beside it is the
// whole message.

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include "spec/node.hpp"
#include "tests/catch_compat.hpp"
#include "tests/spec/sample_reader.hpp"

namespace tessera {
namespace {

std::string bytes_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  REQUIRE(file.is_open());
  std::ostringstream bytes;
  bytes << file.rdbuf();
  return bytes.str();
}

std::string message_of(const std::filesystem::path& path) {
  try {
    test::read_sample(SpecDocument::parse(path.filename().string(), bytes_of(path)));
  } catch (const SpecError& error) {
    return std::string(error.what()) + "\n";
  }
  return "no error\n";
}

TEST_CASE("each malformed spec file gives exactly the message beside it") {
  const std::filesystem::path folder = std::filesystem::path(TESSERA_TEST_DATA) / "errors" / "yaml";
  std::set<std::string> faults;
  std::set<std::string> expectations;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".yaml") {
      faults.insert(entry.path().stem().string());
    } else if (entry.path().extension() == ".expected") {
      expectations.insert(entry.path().stem().string());
    }
  }
  CHECK(faults == expectations);
  CHECK(faults.size() >= 25);
  for (const std::string& fault : faults) {
    INFO(fault);
    CHECK(message_of(folder / (fault + ".yaml")) == bytes_of(folder / (fault + ".expected")));
  }
}

}  // namespace
}  // namespace tessera
