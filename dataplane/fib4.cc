#include "dataplane/fib4.h"

#include "dataplane/fib4_writer.h"

namespace ecmpd::dataplane {

Fib4::Fib4(GracePeriod& grace, uint32_t tbl8_limit)
    : writer_(std::make_unique<Writer>(grace, tbl8_limit)),
      tbl24_(writer_->tbl24()),
      tbl8_(writer_->tbl8()),
      leaves_(writer_->leaves()) {}

Fib4::~Fib4() = default;

void Fib4::reserve(uint32_t tbl8s) { writer_->reserve(tbl8s); }

FibResult Fib4::set(const hash::Prefix& prefix, GroupId group) {
  return writer_->set(prefix.address().v4_value(), prefix.length(), group);
}

bool Fib4::remove(const hash::Prefix& prefix) { return writer_->remove(prefix.address().v4_value(), prefix.length()); }

std::optional<GroupId> Fib4::find(const hash::Prefix& prefix) const {
  return writer_->find(prefix.address().v4_value(), prefix.length());
}

size_t Fib4::reclaim() { return writer_->reclaim(); }

size_t Fib4::size() const { return writer_->size(); }

uint32_t Fib4::leaves_in_use() const { return writer_->leaves_in_use(); }

uint32_t Fib4::tbl8_in_use() const { return writer_->tbl8_in_use(); }

}  // namespace ecmpd::dataplane
