// ecmpd FILE: the router. ecmpd --check FILE: only reads the configuration.
#include <fmt/core.h>

#include <CLI/CLI.hpp>

#include "control/config/config.h"
#include "control/daemon/daemon.h"
#include "control/log.h"
#include "dataplane/bpf_log.h"
#include "dataplane/eal_log.h"
#include "hash/simd.h"

namespace {
constexpr int kFailed = 1;
constexpr int kBadConfiguration = 2;

void log_dpdk(ecmpd::dataplane::EalLevel level, std::string_view text) {
  using ecmpd::dataplane::EalLevel;
  namespace log = ecmpd::control::log;
  const auto as = level == EalLevel::kError  ? log::Level::kError
                  : level == EalLevel::kWarn ? log::Level::kWarn
                                             : log::Level::kInfo;
  log::write(as, "dpdk", text);
}
}  // namespace

int main(int argc, char** argv) {
  CLI::App app("ecmpd: a router that spreads connections over every equal path.", "ecmpd");
  app.footer(
      "ecmpd --check router.toml    is the configuration right?\n"
      "ecmpd router.toml            run, until SIGTERM\n"
      "ecmpctl show routes          ask it");
  std::string file;
  std::string simd;
  bool check = false;
  app.add_option("FILE", file, "Configuration, TOML")->required();
  app.add_flag("--check", check, "Read the configuration, say whether it is right, and start nothing");
  app.add_option("--simd", simd,
                 "Check, hash and look up packets with these instructions instead of the best that the CPU has")
      ->option_text(fmt::format("({})", ecmpd::hash::kSimdLevelNames));
  app.set_version_flag("--version", ECMPD_VERSION);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kBadConfiguration;
  }

  auto config = ecmpd::control::load_config(file);
  if (!config) {
    fmt::print(stderr, "{}\n", config.error().to_string());
    return kBadConfiguration;
  }
  if (!simd.empty()) {
    if (const auto forced = ecmpd::hash::force_simd_level(simd); !forced) {
      fmt::print(stderr, "ecmpd: --simd: {}\n", forced.error());
      return kBadConfiguration;
    }
  }
  if (check) {
    fmt::print("{}: ok\n", file);
    return 0;
  }
  ecmpd::dataplane::send_eal_log_to(log_dpdk);
  ecmpd::dataplane::send_bpf_log_to(log_dpdk);
  auto daemon = ecmpd::control::Daemon::create(std::move(*config), file);
  if (!daemon) {
    ecmpd::control::log::error("daemon", "{}", daemon.error().text);
    return daemon.error().misconfigured ? kBadConfiguration : kFailed;
  }
  (*daemon)->run();
  return 0;
}
