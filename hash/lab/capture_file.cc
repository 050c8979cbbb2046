#include "hash/lab/capture_file.h"

#include <fmt/core.h>
#include <pcap/pcap.h>

#include <utility>

namespace ecmpd::hash::lab {

struct CaptureFile::Reader {
  std::string path;
  pcap_t* file = nullptr;
  uint64_t read = 0;

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
    return tl::make_unexpected(fmt::format("{}: link type {} ({}) is not known; known are {}", path, type,
                                           name == nullptr ? "no name" : name, known_link_types()));
  }
  return CaptureFile(std::move(reader));
}

CaptureFile::CaptureFile(std::unique_ptr<Reader> reader) : reader_(std::move(reader)) {}
CaptureFile::~CaptureFile() = default;
CaptureFile::CaptureFile(CaptureFile&&) noexcept = default;
CaptureFile& CaptureFile::operator=(CaptureFile&&) noexcept = default;

LinkType CaptureFile::link_type() const { return pcap_datalink(reader_->file); }

tl::expected<std::optional<CapturedFrame>, std::string> CaptureFile::next() {
  pcap_pkthdr* header = nullptr;
  const u_char* bytes = nullptr;
  const int result = pcap_next_ex(reader_->file, &header, &bytes);
  if (result == PCAP_ERROR_BREAK) return std::nullopt;
  ++reader_->read;
  if (result != 1) {
    return tl::make_unexpected(
        fmt::format("{}: frame {}: {}", reader_->path, reader_->read, pcap_geterr(reader_->file)));
  }
  return CapturedFrame{reader_->read, {bytes, header->caplen}, header->len};
}

}  // namespace ecmpd::hash::lab
