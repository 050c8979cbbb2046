#include "control/api/watch_replies.h"

#include <fmt/core.h>

#include <chrono>
#include <memory>
#include <thread>

#include "control/api/filter.h"
#include "control/api/pcapng.h"
#include "control/api/present.h"
#include "control/api/words.h"

namespace ecmpd::control::api {
namespace {

using Clock = std::chrono::steady_clock;

constexpr unsigned kPage = 256;                  // packets that the control thread copies at once
constexpr std::chrono::milliseconds kPause{20};  // while nothing comes
constexpr uint32_t kMostSeconds = 30 * 24 * 3600;
constexpr uint32_t kMostPackets = 1'000'000'000;
constexpr unsigned kHeaders = 128;       // of a packet to be traced
constexpr uint32_t kWholeFrame = 16384;  // longer than any frame of any port

/// A trace or capture that goes on.
class Session {
 public:
  Session(ControlDoor& door, std::string name, std::optional<Clock::time_point> deadline)
      : door_(door), name_(std::move(name)), deadline_(deadline) {}
  ~Session() {
    (void)ask(door_, [name = name_](StateSource& source) { return source.stop_watch(name), true; });
  }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// What has come; waits a moment when nothing has. From the deadline on only what was recorded until then.
  Result<WatchPage> next() {
    const bool late = deadline_ && Clock::now() >= *deadline_;
    auto page = ask(door_, [name = name_, late](StateSource& source) {
      if (late) source.end_watch(name);
      return source.read_watch(name, kPage);
    });
    if (!page) return tl::unexpected(page.error());
    if (!*page) return tl::unexpected(Failure{503, "the watch has been stopped"});
    WatchPage& out = **page;
    if (out.packets.empty() && !out.ended) std::this_thread::sleep_for(kPause);
    seen_ += out.packets.size();
    return std::move(out);
  }
  uint64_t seen() const { return seen_; }

 private:
  ControlDoor& door_;
  const std::string name_;
  const std::optional<Clock::time_point> deadline_;
  uint64_t seen_ = 0;
};

Result<uint32_t> number_parameter(const HttpRequest& request, const std::string& name, uint32_t least, uint32_t most,
                                  uint32_t otherwise) {
  const std::string text = parameter(request, name);
  if (text.empty()) return otherwise;
  const auto number = parse_number(text, most);
  if (number && *number >= least) return *number;
  return wrong(fmt::format("{}: \"{}\"; allowed: {} to {}", name, text, least, most));
}

/// `watch` has what a trace and a capture differ in. `count` 0: no end.
Result<std::shared_ptr<Session>> begin(const HttpRequest& request, ControlDoor& door, WatchRequest watch,
                                       uint32_t count) {
  const auto seconds = number_parameter(request, "timeout", 1, kMostSeconds, 0);
  if (!seconds) return tl::unexpected(seconds.error());
  auto filter = compile_filter(parameter(request, "filter"));
  if (!filter) return wrong(fmt::format("filter: \"{}\": {}", parameter(request, "filter"), filter.error()));
  watch.filter = std::move(*filter);
  watch.name = parameter(request, "name");
  watch.port = parameter(request, "port");
  if (count != 0) watch.count = count;
  const auto started = ask(door, [watch](StateSource& source) { return source.start_watch(watch); });
  if (!started) return tl::unexpected(started.error());
  if (!*started) return tl::unexpected(Failure{started->error().busy ? 409 : 400, started->error().why});
  const auto deadline = *seconds == 0 ? std::nullopt : std::optional(Clock::now() + std::chrono::seconds(*seconds));
  return std::make_shared<Session>(door, watch.name, deadline);
}

/// `render` turns a page into what is sent of it.
template <typename Render>
HttpReply streamed(std::string type, std::string first, std::shared_ptr<Session> session, Render render) {
  HttpReply reply{200, std::move(type), std::move(first)};
  reply.more = [session, render, ended = false](std::string& piece) mutable {
    if (ended) return More::kEnd;
    const auto page = session->next();
    if (!page) return More::kBroken;
    ended = page->ended;
    piece = render(*page, session->seen());
    return More::kPiece;
  };
  return reply;
}

std::string fate_comment(const WatchedView& packet) {
  switch (packet.fate) {
    case WatchedFate::kDrop:
      return "dropped: " + packet.reason;
    case WatchedFate::kPunt:
      return "punted: " + packet.reason;
    case WatchedFate::kFragment:
      return fmt::format("sent by {} in {} fragments", packet.out, packet.fragments);
    case WatchedFate::kForward:
      return packet.nexthop ? fmt::format("sent by {} to {}", packet.out, packet.nexthop->to_string())
                            : "sent by " + packet.out;
  }
  return "";
}

std::string capture_page(const WatchPage& page, uint64_t seen) {
  std::string out;
  for (const WatchedView& packet : page.packets) {
    const bool in = packet.way == WatchedWay::kReceived;
    out += pcapng::packet({.interface = packet.port_number,
                           .time = packet.time,
                           .direction = in ? pcapng::Direction::kIn : pcapng::Direction::kOut,
                           .length = packet.length,
                           .bytes = packet.bytes,
                           .comment = in ? fate_comment(packet) : ""});
  }
  if (!page.ended) return out;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto time = static_cast<uint64_t>(std::chrono::nanoseconds(now).count());
  return out + pcapng::statistics(time, seen, page.lost);
}

}  // namespace

HttpReply trace(const HttpRequest& request, ControlDoor& door, bool text) {
  const auto count = number_parameter(request, "count", 1, kMostPackets, 1);
  if (!count) return failed(count.error());
  WatchRequest watch;
  watch.snap_length = kHeaders;
  const auto session = begin(request, door, std::move(watch), *count);
  if (!session) return failed(session.error());
  if (text) {
    return streamed(
        kText, "", *session, [wanted = *count, shown = uint64_t{0}](const WatchPage& page, uint64_t) mutable {
          std::string out;
          for (const WatchedView& packet : page.packets) {
            out += fmt::format("{}Packet {}\n{}", shown == 0 ? "" : "\n", shown + 1, to_text(present_watched(packet)));
            ++shown;
          }
          if (page.ended && shown < wanted)
            out += fmt::format("{}{} of {} packets came\n", shown == 0 ? "" : "\n", shown, wanted);
          if (page.ended && page.lost != 0)
            out += fmt::format("{} more came faster than they could be recorded\n", page.lost);
          return out;
        });
  }
  return streamed("application/json", "{\"trace\":[", *session,
                  [shown = uint64_t{0}](const WatchPage& page, uint64_t) mutable {
                    std::string out;
                    for (const WatchedView& packet : page.packets) {
                      std::string object = to_json(present_watched(packet));
                      object.pop_back();  // the end of the line
                      out += (shown++ == 0 ? "" : ",") + object;
                    }
                    return page.ended ? out + fmt::format("],\"lost\":{}}}\n", page.lost) : out;
                  });
}

HttpReply capture(const HttpRequest& request, ControlDoor& door) {
  const auto count = number_parameter(request, "count", 1, kMostPackets, 0);
  if (!count) return failed(count.error());
  const auto snap_length = number_parameter(request, "snaplen", 16, kWholeFrame, 0);
  if (!snap_length) return failed(snap_length.error());
  WatchRequest watch;
  watch.capture = true;
  watch.snap_length = *snap_length;
  const auto session = begin(request, door, std::move(watch), *count);
  if (!session) return failed(session.error());
  const auto ports = ask(door, [](StateSource& source) { return source.port_names(); });
  if (!ports) return failed(ports.error());
  return streamed("application/x-pcapng", pcapng::header("ecmpd", *ports, *snap_length), *session, capture_page);
}

HttpReply end_watch(const HttpRequest& request, ControlDoor& door) {
  const std::string name = parameter(request, "name");
  const auto ended = ask(door, [name](StateSource& source) { return source.end_watch(name); });
  if (!ended) return failed(ended.error());
  if (!*ended) return failed({404, fmt::format("no trace or capture \"{}\" goes on", name)});
  return {200, "application/json", "{\"ended\":true}\n"};
}

}  // namespace ecmpd::control::api
