#include "hash/lab/capture_file.h"

#include <fmt/core.h>
#include <pcap/pcap.h>

#include <string_view>
#include <utility>

namespace ecmpd::hash::lab {

struct CaptureFile::Reader {
  std::string path;
  pcap_t* file = nullptr;
  uint64_t read = 0;
  std::string cut;

  Reader(std::string path_read, pcap_t* opened) : path(std::move(path_read)), file(opened) {}
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  ~Reader() { pcap_close(file); }
};

tl::expected<CaptureFile, std::string> CaptureFile::open(const std::string& path) {
  char why[PCAP_ERRBUF_SIZE] = "";
  pcap_t* file = pcap_open_offline(path.c_str(), why);
  if (file == nullptr) {
    const std::string text = why;
    // Some of libpcap's messages begin with the path, some do not.
    return tl::make_unexpected(text.starts_with(path + ":") ? text : path + ": " + text);
  }
  auto reader = std::make_unique<Reader>(path, file);
  const LinkType type = pcap_datalink(file);
  if (!is_known(type)) {
    const char* name = pcap_datalink_val_to_name(type);
    return tl::make_unexpected(
        fmt::format("{}: link type {} ({}) carries no IP packets that ecmplab knows how to find; it knows {}", path,
                    type, name == nullptr ? "no name" : name, known_link_types()));
  }
  return CaptureFile(std::move(reader));
}

CaptureFile::CaptureFile(std::unique_ptr<Reader> reader) : reader_(std::move(reader)) {}
CaptureFile::~CaptureFile() = default;
CaptureFile::CaptureFile(CaptureFile&&) noexcept = default;
CaptureFile& CaptureFile::operator=(CaptureFile&&) noexcept = default;

const std::string& CaptureFile::cut() const { return reader_->cut; }

LinkType CaptureFile::link_type() const { return pcap_datalink(reader_->file); }

tl::expected<std::optional<CapturedFrame>, std::string> CaptureFile::next() {
  pcap_pkthdr* header = nullptr;
  const u_char* bytes = nullptr;
  const int result = pcap_next_ex(reader_->file, &header, &bytes);
  if (result == PCAP_ERROR_BREAK) return std::nullopt;
  if (!reader_->cut.empty()) return std::nullopt;
  ++reader_->read;
  if (result != 1) {
    const std::string_view why = pcap_geterr(reader_->file);
    // libpcap's words for a file that ends too early; those for a frame that cannot be are others.
    if (!why.starts_with("truncated")) {
      return tl::make_unexpected(fmt::format("{}: frame {}: {}", reader_->path, reader_->read, why));
    }
    reader_->cut = fmt::format("{}: cut off in frame {}, the {} before it count ({})", reader_->path, reader_->read,
                               reader_->read - 1, why);
    return std::nullopt;
  }
  return CapturedFrame{reader_->read, {bytes, header->caplen}, header->len};
}

}  // namespace ecmpd::hash::lab
