#include "dataplane/fib6.h"

#include "dataplane/fib6_writer.h"
#include "dataplane/tsan.h"
#include "hash/simd.h"

namespace ecmpd::dataplane {

namespace {
// ThreadSanitizer does not see the loads of a gather, nor therefore what is ordered by them.
Fib6::Kernel possible(Fib6::Kernel wanted) {
  const bool gathers = hash::simd_level() == hash::SimdLevel::kAvx512 && !tsan::kOn;
  return gathers ? wanted : Fib6::Kernel::kScalar;
}

Address6 address(const hash::Prefix& prefix) { return Address6::from(prefix.address().bytes()); }
}  // namespace

Fib6::Fib6(GracePeriod& grace, uint32_t capacity, Kernel kernel)
    : writer_(std::make_unique<Writer>(grace, capacity)),
      root_(writer_->root()),
      entries_(writer_->entries()),
      nodes_(writer_->nodes()),
      kernel_(possible(kernel)) {}

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
