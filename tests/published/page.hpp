#pragma once

// docs/validation.md: prose by hand, tables by this program between two marks each.

#include <string>
#include <vector>

namespace tessera::published {

/// A claim that the test holds us to.
struct Claim {
  std::string text;
  bool holds = false;
};

/// A table of the page: the first row is the heading; all columns but the first align right.
struct Table {
  std::string name;
  std::vector<std::vector<std::string>> rows;
  std::vector<Claim> claims;
};

/// The path of docs/validation.md.
std::string page_path();
std::string read_page();

/// `page` with every table between `<!-- table NAME -->` and `<!-- end -->` made anew. Throws
/// std::runtime_error where marks and tables are not the same, one each.
std::string with_tables(const std::string& page, const std::vector<Table>& tables);

}  // namespace tessera::published
