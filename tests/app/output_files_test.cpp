#include "app/output_files.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "app/errors.hpp"
#include "tests/catch_compat.hpp"

using namespace tessera;
namespace fs = std::filesystem;

namespace {

class Scratch {
 public:
  Scratch() {
    path_ = (fs::temp_directory_path() / "tessera-files-XXXXXX").string();
    REQUIRE(mkdtemp(path_.data()) != nullptr);
  }
  ~Scratch() { fs::remove_all(path_); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

std::string text_of(const std::string& path) {
  std::ifstream in(path);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::size_t files_in(const std::string& path) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(path), fs::directory_iterator()));
}

}  // namespace

TEST_CASE("a result file is replaced as a whole and leaves nothing beside it") {
  const Scratch scratch;
  const OutputDirectory directory(scratch / "a/b");
  directory.write("front.csv", "first, and long");
  directory.write("front.csv", "second");
  CHECK(text_of(scratch / "a/b/front.csv") == "second");
  CHECK(files_in(scratch / "a/b") == 1);
  directory.remove("front.csv");
  directory.remove("front.csv");
  CHECK(files_in(scratch / "a/b") == 0);
}

TEST_CASE("a target that is a directory is a failure that leaves no temporary file") {
  const Scratch scratch;
  fs::create_directories(scratch / "out/front.csv/x");
  const OutputDirectory directory(scratch / "out");
  CHECK_THROWS_AS(directory.write("front.csv", "text"), FailureError);
  CHECK(files_in(scratch / "out") == 1);
}

TEST_CASE("a file in the place of the directory is a failure") {
  const Scratch scratch;
  std::ofstream(scratch / "taken") << "x";
  CHECK_THROWS_AS(OutputDirectory(scratch / "taken"), FailureError);
  CHECK_THROWS_AS(OutputDirectory(scratch / "taken/inside"), FailureError);
}
