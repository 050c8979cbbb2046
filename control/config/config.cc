#include "control/config/config.h"

#include <fmt/format.h>
#include <sched.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "control/config/document.h"
#include "control/config/reader.h"
#include "control/config/sections.h"

namespace ecmpd::control {
namespace {

constexpr size_t kLargestFile = size_t{64} << 20;  // a million static routes fit

ConfigError file_error(const std::string& file, const std::string& problem) {
  return {file, 0, "", "", problem + "; allowed: a readable TOML file"};
}

/// toml++ escapes what it quotes, mostly.
std::string one_line(std::string_view text) {
  std::string out(text.substr(0, 200));
  for (char& c : out) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  }
  return out;
}

/// What toml++ says, without what would break the one line, and with the text of the line itself.
ConfigError syntax_error(const std::string& file, std::string_view text, const SyntaxError& error) {
  size_t begin = 0;
  for (unsigned line = 1; line < error.line; ++line) {
    const size_t newline = text.find('\n', begin);
    if (newline == std::string_view::npos) break;
    begin = newline + 1;
  }
  std::string_view line = text.substr(begin, text.find('\n', begin) - begin);
  while (!line.empty() && (line.front() == ' ' || line.front() == '\t')) line.remove_prefix(1);
  while (!line.empty() && (line.back() == ' ' || line.back() == '\r')) line.remove_suffix(1);
  // A line of the file may hold a password.
  if (line.find("password") != std::string_view::npos) {
    return {file, error.line, "", "(not shown)", "(not shown) is not TOML; allowed: TOML 1.0"};
  }
  constexpr std::string_view kNoise = "Error while parsing ";
  std::string_view why = error.problem;
  if (why.starts_with(kNoise)) why.remove_prefix(kNoise.size());
  return {file, error.line, "", quoted(line),
          fmt::format("{} is not TOML ({}); allowed: TOML 1.0", quoted(line), one_line(why))};
}

}  // namespace

std::string ConfigError::to_string() const {
  std::string out = escaped(file, 4096);
  if (line != 0) out += fmt::format(":{}", line);
  if (!key.empty()) out += fmt::format(": {}", key);
  return fmt::format("{}: {}", out, problem);
}

std::vector<unsigned> available_cpus() {
  std::vector<unsigned> cpus;
  cpu_set_t set;
  CPU_ZERO(&set);
  // More CPUs than the set holds (1024): DPDK's lcores end long before.
  if (sched_getaffinity(0, sizeof set, &set) != 0) return {0};
  for (unsigned cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(cpu, &set)) cpus.push_back(cpu);
  }
  return cpus;
}

tl::expected<Config, ConfigError> parse_config(std::string_view text, const std::string& file,
                                               const std::vector<unsigned>& cpus) {
  const auto document = parse_document(text);
  if (!document) return tl::unexpected(syntax_error(file, text, document.error()));

  Problems problems(file);
  const Item root(*document, "", problems);
  Config config;
  check_top_level(root);
  read_router(root, config.router);
  read_dataplane(root, cpus, config.dataplane);
  read_ports(root, config.ports);
  read_ecmp(root, config.router.router_id, config.ecmp);
  read_api(root, config.api_socket);
  // What follows is checked against the ports; against wrong ports it would only mislead.
  if (!problems.any()) {
    read_routes(root, config.ports, config.routes);
    read_neighbor_entries(root, config.ports, config.neighbor_entries);
    read_neighbors(root, config.ports, config.neighbors);
    read_listens(root, config.listens);
  }
  if (problems.any()) return tl::unexpected(*problems.first());
  return config;
}

tl::expected<Config, ConfigError> load_config(const std::string& file, const std::vector<unsigned>& cpus) {
  const std::unique_ptr<FILE, int (*)(FILE*)> in(std::fopen(file.c_str(), "re"), &std::fclose);
  if (!in) return tl::unexpected(file_error(file, std::string("cannot be opened: ") + std::strerror(errno)));
  std::string text;
  char block[65536];
  while (const size_t got = std::fread(block, 1, sizeof block, in.get())) {
    text.append(block, got);
    if (text.size() > kLargestFile) return tl::unexpected(file_error(file, "is larger than 64 MiB"));
  }
  if (std::ferror(in.get()) != 0) {
    return tl::unexpected(file_error(file, std::string("cannot be read: ") + std::strerror(errno)));
  }
  return parse_config(text, file, cpus);
}

}  // namespace ecmpd::control
