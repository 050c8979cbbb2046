// [[neighbor]] and [[listen]]: who may open a BGP session, and what it may say (declared in sections.h).
#include <algorithm>
#include <unordered_set>

#include "control/config/read_policy.h"
#include "control/config/read_session.h"
#include "control/config/sections.h"
#include "control/config/topology.h"
#include "control/config/values.h"

namespace ecmpd::control {
namespace {

constexpr std::string_view kAllowedRemoteAs = "1 to 4294967295, or a list of such numbers";

std::vector<uint32_t> read_asns(const Item& item) {
  std::vector<uint32_t> out;
  const std::vector<Item> list = item.list_or_one();
  if (list.empty()) item.fail("is empty", kAllowedRemoteAs);
  for (const Item& element : list) {
    const auto asn = read_asn(element);
    if (!asn) break;
    if (std::find(out.begin(), out.end(), *asn) != out.end()) {
      element.fail("is there twice", "a number only once");
      break;
    }
    out.push_back(*asn);
  }
  return out;
}

}  // namespace

void read_neighbors(const Item& root, const std::vector<PortConfig>& ports, std::vector<NeighborConfig>& out) {
  std::unordered_set<IpAddress> seen;
  for (const Table& table : repeated_tables(root, schema::kNeighbor)) {
    NeighborConfig neighbor;
    if (const auto address = read_neighbor_address(table, ports)) {
      if (!seen.insert(*address).second) {
        table.find("address")->fail("is an earlier neighbor too", "an address only once");
      }
      neighbor.address = *address;
    }
    if (const auto item = table.require("remote_as", "1 to 4294967295"))
      neighbor.remote_as = read_asn(*item).value_or(0);
    table.boolean("passive", neighbor.passive);
    table.integer("connect_retry", neighbor.connect_retry, 1, 65535);
    read_session_options(table, neighbor.session);
    read_policy(table, neighbor.policy);
    out.push_back(std::move(neighbor));
  }
}

void read_listens(const Item& root, std::vector<ListenConfig>& out) {
  std::unordered_set<Prefix> seen;
  for (const Table& table : repeated_tables(root, schema::kListen)) {
    ListenConfig listen;
    constexpr std::string_view kAllowedRange = R"(a prefix such as "10.0.1.0/24")";
    if (const auto item = table.require("range", kAllowedRange)) {
      const auto text = item->string(kAllowedRange);
      const auto range = text ? read_prefix(*item, *text, kAllowedRange) : std::nullopt;
      if (range && !seen.insert(*range).second) item->fail("is an earlier range too", "a range only once");
      listen.range = range.value_or(Prefix());
    }
    if (const auto item = table.require("remote_as", kAllowedRemoteAs)) listen.remote_as = read_asns(*item);
    read_session_options(table, listen.session);
    read_policy(table, listen.policy);
    out.push_back(std::move(listen));
  }
}

}  // namespace ecmpd::control
