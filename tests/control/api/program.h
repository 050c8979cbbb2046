// Runs a program to its end and keeps what it printed.
#pragma once

#include <string>
#include <vector>

namespace ecmpd::control::api {

struct Finished {
  int status = -1;  // exit status; 128 + signal when it was killed
  std::string output;
  std::string error;
};

Finished run_program(const std::string& path, const std::vector<std::string>& arguments);

}  // namespace ecmpd::control::api
