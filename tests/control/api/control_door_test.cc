#include "control/api/control_door.h"

#include <gtest/gtest.h>

#include <future>

#include "tests/control/api/fake_state.h"

namespace ecmpd::control::api {
namespace {

const auto kCount = [](StateSource& source) { return source.routes({}).size(); };

TEST(ControlDoor, AnswersOnTheControlThread) {
  FakeState state;
  ControlLoop loop;
  ControlDoor door(state, loop.poster(), std::chrono::minutes(1));
  EXPECT_EQ(door.ask(kCount), 3u);
  EXPECT_EQ(state.asked_on, loop.id());
}

TEST(ControlDoor, GivesUpAndAsksNothingLater) {
  FakeState state;
  ControlLoop loop;
  loop.hold();
  ControlDoor door(state, loop.poster(), std::chrono::milliseconds(1));
  EXPECT_EQ(door.ask(kCount).error(), NoAnswer::kTimeout);
  loop.release();
  ControlDoor patient(state, loop.poster(), std::chrono::minutes(1));
  EXPECT_EQ(patient.ask(kCount), 3u) << "queued behind the one that gave up";
  EXPECT_EQ(state.route_questions, 1u) << "an abandoned question is not asked";
}

TEST(ControlDoor, CloseWakesWhoWaitsAndSilencesWhatIsQueued) {
  FakeState state;
  ControlLoop loop;
  loop.hold();
  ControlDoor door(state, loop.poster(), std::chrono::hours(1));
  auto waiting = std::async(std::launch::async, [&] { return door.ask(kCount); });
  loop.wait_for_task();
  door.close();
  EXPECT_EQ(waiting.get().error(), NoAnswer::kClosed);
  EXPECT_EQ(door.ask(kCount).error(), NoAnswer::kClosed);
  loop.release();
  std::promise<void> drained;
  loop.post([&] { drained.set_value(); });
  drained.get_future().wait();
  EXPECT_EQ(state.route_questions, 0u);
}

}  // namespace
}  // namespace ecmpd::control::api
