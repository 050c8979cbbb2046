#include "dataplane/fib6.h"

#include "dataplane/fib6_writer.h"

namespace ecmpd::dataplane {

namespace {
Address6 address(const hash::Prefix& prefix) { return Address6::from(prefix.address().bytes()); }
}  // namespace

Fib6::Fib6(GracePeriod& grace, uint32_t capacity, Kernel kernel)
    : writer_(std::make_unique<Writer>(grace, capacity)),
      root_(writer_->root()),
      entries_(writer_->entries()),
      nodes_(writer_->nodes()),
      kernel_(__builtin_cpu_supports("avx512f") ? kernel : Kernel::kScalar) {}

Fib6::~Fib6() = default;

void Fib6::reserve(uint32_t nodes) { writer_->reserve(nodes); }

FibResult Fib6::set(const hash::Prefix& prefix, GroupId group) {
  return writer_->set(address(prefix), prefix.length(), group);
}

bool Fib6::remove(const hash::Prefix& prefix) { return writer_->remove(address(prefix), prefix.length()); }

std::optional<GroupId> Fib6::find(const hash::Prefix& prefix) const {
  return writer_->record().find(address(prefix), prefix.length());
}

size_t Fib6::reclaim() { return writer_->reclaim(); }

size_t Fib6::size() const { return writer_->record().size(); }

uint32_t Fib6::nodes_in_use() const { return writer_->nodes_in_use(); }

uint32_t Fib6::leaves_in_use() const { return writer_->leaves_in_use(); }

}  // namespace ecmpd::dataplane
