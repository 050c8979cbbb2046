#include "tests/dataplane/packet_case.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace ecmpd::dataplane::test {

void run_cases(const std::vector<Case>& cases) {
  StageHarness router;
  for (const Case& test : cases) {
    SCOPED_TRACE(test.why);
    const Result result = router.run(test.in);
    EXPECT_EQ(result.dropped, test.out.dropped)
        << (result.dropped ? std::string(describe(*result.dropped).name) : "not dropped");
    EXPECT_EQ(result.punted, test.out.punted);
    EXPECT_EQ(result.port.has_value(), test.out.sent);
    if (result.punted) {
      EXPECT_EQ(result.frame, test.in) << "a punted frame is as it came";
    }
  }
  const auto sent = std::count_if(cases.begin(), cases.end(), [](const Case& test) { return test.out.sent; });
  EXPECT_EQ(router.drops() + router.punts() + static_cast<uint64_t>(sent), cases.size());
}

}  // namespace ecmpd::dataplane::test
