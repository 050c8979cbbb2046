// [router], [dataplane] and [api] (declared in sections.h).
#include "control/config/sections.h"
#include "control/config/values.h"

namespace ecmpd::control {

void read_router(const Item& root, RouterConfig& out) {
  const auto table = single_table(root, schema::kRouter);
  if (!table) {
    // When it is there and no table, that has been reported already.
    root.problems().report(0, "router", "", "is missing; allowed: one [router] with asn and router_id");
    return;
  }
  if (const auto item = table->require("asn", "1 to 4294967295")) out.asn = read_asn(*item).value_or(0);
  if (const auto item = table->require("router_id", R"(four numbers such as "10.0.0.1")")) {
    out.router_id = read_router_id(*item).value_or(0);
  }
}

void read_dataplane(const Item& root, const std::vector<unsigned>& cpus, DataplaneConfig& out) {
  // The last one: CPU 0 has the kernel's own work more often than others.
  if (!cpus.empty()) out.workers = {cpus.back()};
  const auto table = single_table(root, schema::kDataplane);
  if (!table) return;
  if (const auto item = table->find("workers")) out.workers = read_cpus(*item, cpus).value_or(out.workers);
  table->integer("fib_tbl8", out.fib_tbl8, 1, 1 << 24);
  table->integer("fib6_prefixes", out.fib6_prefixes, 1, 1 << 22);
  const auto idle = table->find("idle");
  if (!idle) return;
  constexpr std::string_view kAllowed = R"("auto", "poll" or "sleep")";
  const auto name = idle->string(kAllowed);
  if (!name) return;
  if (*name == "auto") {
    out.idle = Idle::kAuto;
  } else if (*name == "poll") {
    out.idle = Idle::kPoll;
  } else if (*name == "sleep") {
    out.idle = Idle::kSleep;
  } else {
    idle->fail("is not a way to idle", kAllowed);
  }
}

void read_api(const Item& root, std::string& socket) {
  const auto table = single_table(root, schema::kApi);
  // sun_path of a UNIX socket is 108 bytes with the terminating zero.
  if (table) table->path("socket", socket, 107);
}

}  // namespace ecmpd::control
