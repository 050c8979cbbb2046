#include "control/nexthop/atomic_file.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

namespace ecmpd::control {
namespace {

class AtomicFile : public testing::Test {
 protected:
  AtomicFile() {
    std::string pattern = testing::TempDir() + "/atomic_file_XXXXXX";
    folder = mkdtemp(pattern.data());
  }
  ~AtomicFile() override { std::filesystem::remove_all(folder); }
  std::string folder;
};

TEST_F(AtomicFile, WritesReplacesAndReads) {
  const std::string path = folder + "/below/state.json";
  ASSERT_TRUE(read_whole_file(path).has_value());
  EXPECT_EQ(*read_whole_file(path), std::nullopt) << "a missing file is not an error";
  ASSERT_TRUE(write_file_atomically(path, "one").has_value());
  EXPECT_EQ(**read_whole_file(path), "one");
  const std::string large(300'000, 'x');
  ASSERT_TRUE(write_file_atomically(path, large).has_value());
  EXPECT_EQ(**read_whole_file(path), large);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder + "/below"), {}), 1) << "no temporary is left";
}

TEST_F(AtomicFile, ErrorsNameTheFile) {
  std::filesystem::create_directory(folder + "/taken");
  const auto written = write_file_atomically(folder + "/taken", "text");
  ASSERT_FALSE(written.has_value());
  EXPECT_EQ(written.error(), folder + "/taken: cannot replace: Is a directory");
  EXPECT_FALSE(std::filesystem::exists(folder + "/taken.new"));
  const auto read = read_whole_file(folder + "/taken");
  ASSERT_FALSE(read.has_value());
  EXPECT_EQ(read.error(), folder + "/taken: cannot read: Is a directory");
}

}  // namespace
}  // namespace ecmpd::control
