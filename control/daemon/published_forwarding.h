// Door 1 for the route path: Forwarding over the data plane's publisher. Control thread.
#pragma once

#include "control/nexthop/forwarding.h"
#include "dataplane/publisher.h"

namespace ecmpd::control {

class PublishedForwarding final : public Forwarding {
 public:
  explicit PublishedForwarding(dataplane::Publisher& publisher) : publisher_(publisher) {}

  dataplane::GroupId create_group(const GroupTable& table) override {
    return publisher_.create_group(table.buckets, table.selector == hash::Selector::kModulo);
  }
  void replace_group(dataplane::GroupId group, const GroupTable& table) override {
    publisher_.replace_group(group, table.buckets, table.selector == hash::Selector::kModulo);
  }
  void destroy_group(dataplane::GroupId group) override { publisher_.destroy_group(group); }
  bool set_route(const hash::Prefix& prefix, dataplane::GroupId group) override {
    return publisher_.set_route(prefix, group);
  }
  void remove_route(const hash::Prefix& prefix) override { publisher_.remove_route(prefix); }

 private:
  dataplane::Publisher& publisher_;
};

}  // namespace ecmpd::control
