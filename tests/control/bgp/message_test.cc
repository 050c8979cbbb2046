#include "control/bgp/message.h"

#include <gtest/gtest.h>

#include "tests/control/bgp/bytes.h"

namespace ecmpd::control::bgp {
namespace {

using namespace testing;

constexpr std::string_view kMarker = "ffffffffffffffff ffffffffffffffff";

std::vector<uint8_t> header(std::string_view rest) { return hex(std::string(kMarker) + std::string(rest)); }

TEST(Message, KeepaliveIsTheBareHeader) {
  const auto bytes = encode_keepalive();
  EXPECT_EQ(to_hex(bytes), "ffffffffffffffffffffffffffffffff001304");
  const auto frame = next_frame(bytes);
  ASSERT_TRUE(frame && *frame);
  EXPECT_EQ((*frame)->type, MessageType::kKeepalive);
  EXPECT_EQ((*frame)->size, 19u);
  EXPECT_TRUE((*frame)->body.empty());
}

TEST(Message, EveryShorterPrefixIsIncomplete) {
  const auto bytes = raw_message(2, hex("00 00 00 00"));
  for (size_t size = 0; size < bytes.size(); ++size) {
    const auto frame = next_frame(Bytes(bytes).first(size));
    ASSERT_TRUE(frame) << size;
    EXPECT_FALSE(*frame) << size;
  }
  EXPECT_TRUE(*next_frame(bytes));
}

TEST(Message, FindsTheFirstOfSeveral) {
  const auto bytes = raw_message(2, hex("00 00 00 00")) + encode_keepalive();
  const auto frame = next_frame(bytes);
  ASSERT_TRUE(frame && *frame);
  EXPECT_EQ((*frame)->size, 23u);
  EXPECT_EQ(to_hex((*frame)->body), "00000000");
}

struct BadHeader {
  std::string_view name;
  std::vector<uint8_t> bytes;
  uint8_t subcode;
  std::string data;
};

TEST(Message, BadHeadersGetTheirNotification) {
  auto unsynchronized = encode_keepalive();
  unsynchronized[15] = 0xfe;
  const BadHeader cases[] = {
      {"marker", unsynchronized, header_error::kNotSynchronized, ""},
      {"text", std::vector<uint8_t>(19, 'G'), header_error::kNotSynchronized, ""},
      {"length 18", header("0012 04"), header_error::kBadLength, "0012"},
      {"length 0", header("0000 04"), header_error::kBadLength, "0000"},
      {"long keepalive", header("0014 04"), header_error::kBadLength, "0014"},
      {"short open", header("001c 01"), header_error::kBadLength, "001c"},
      {"open above 4096", header("1001 01"), header_error::kBadLength, "1001"},
      {"short update", header("0016 02"), header_error::kBadLength, "0016"},
      {"short notification", header("0014 03"), header_error::kBadLength, "0014"},
      {"type 0", header("0013 00"), header_error::kBadType, "00"},
      {"type 6", header("0013 06"), header_error::kBadType, "06"},
  };
  for (const auto& c : cases) {
    const auto frame = next_frame(c.bytes);
    ASSERT_FALSE(frame) << c.name;
    EXPECT_EQ(frame.error().code, ErrorCode::kMessageHeader) << c.name;
    EXPECT_EQ(frame.error().subcode, c.subcode) << c.name;
    EXPECT_EQ(to_hex(frame.error().data), c.data) << c.name;
  }
}

TEST(Message, UpdatesMayBeExtendedWithoutNegotiation) {
  const auto bytes = raw_message(2, std::vector<uint8_t>(65535 - 19));
  const auto frame = next_frame(bytes);
  ASSERT_TRUE(frame && *frame);
  EXPECT_EQ((*frame)->size, 65535u);
}

TEST(Notification, RoundTripAndText) {
  const Notification n{ErrorCode::kCease, cease::kAdministrativeShutdown, {}};
  const auto bytes = encode(n);
  EXPECT_EQ(to_hex(bytes), "ffffffffffffffffffffffffffffffff0015030602");
  EXPECT_EQ(decode_notification((*next_frame(bytes))->body), n);
  EXPECT_EQ(n.to_string(), "Cease/Administrative Shutdown (6/2)");
}

TEST(Notification, TextShowsCommunicationDataAndUnknownNumbers) {
  EXPECT_EQ(decode_notification(hex("06 02 05 68656c6c6f")).to_string(),
            "Cease/Administrative Shutdown (6/2) \"hello\"");
  // A communication that is longer than its data is not one.
  EXPECT_EQ(decode_notification(hex("06 02 09 68656c6c6f")).to_string(),
            "Cease/Administrative Shutdown (6/2) data 09 68 65 6c 6c 6f");
  EXPECT_EQ(decode_notification(hex("02 02")).to_string(), "OPEN Message Error/Bad Peer AS (2/2)");
  EXPECT_EQ(decode_notification(hex("04 00")).to_string(), "Hold Timer Expired (4/0)");
  EXPECT_EQ(decode_notification(hex("63 07 01")).to_string(), "Unknown (99/7) data 01");
  EXPECT_EQ(decode_notification(hex("06 63")).to_string(), "Cease (6/99)");
  EXPECT_EQ(decode_notification({}).to_string(), "Unknown (0/0)");
}

TEST(Notification, DataThatDoesNotFitIsCut) {
  const Notification n{ErrorCode::kUpdateMessage, 5, std::vector<uint8_t>(60000, 1)};
  const auto bytes = encode(n);
  EXPECT_EQ(bytes.size(), kMaximumMessage);
  EXPECT_TRUE(*next_frame(bytes));
}

}  // namespace
}  // namespace ecmpd::control::bgp
