// ecmplab polarize: routers in a row, or a NIC's queues before a router: does the second choose for itself?
#include <fmt/core.h>

#include <charconv>
#include <optional>

#include "hash/count_text.h"
#include "hash/lab/commands.h"
#include "hash/lab/measure.h"
#include "hash/lab/output.h"
#include "hash/lab/polarization.h"
#include "hash/lab/progress.h"
#include "hash/lab/workload_option.h"

namespace ecmpd::hash::lab {
namespace {

constexpr size_t kMostTiers = 8;
constexpr uint32_t kRssEntries = 128;  // of the indirection table of most NICs

std::vector<std::string> split(const std::string& text, char at) {
  std::vector<std::string> parts;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find(at, begin), text.size());
    parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

template <typename T>
std::string joined(const std::vector<T>& parts, const char* between = ",") {
  std::string out;
  for (const T& part : parts) out += fmt::format("{}{}", out.empty() ? "" : between, part);
  return out;
}

/// "7,8": what is wrong with it, if anything.
std::optional<std::string> parse_seeds(const std::string& text, std::vector<uint64_t>& out) {
  out.clear();
  for (const std::string& word : split(text, ',')) {
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), out.emplace_back());
    if (error != std::errc() || end != word.data() + word.size() || word.empty()) {
      return fmt::format("{} is not a list of seeds, 0 to {}, with commas between them", text, UINT64_MAX);
    }
  }
  return std::nullopt;
}

/// What a row compares: one function for all tiers, or one for each.
using Functions = std::vector<HashFunction>;

std::optional<std::string> parse_functions(const std::string& text, std::vector<Functions>& out) {
  out.clear();
  for (const std::string& row : split(text, ',')) {
    Functions& functions = out.emplace_back();
    for (const std::string& name : split(row, '+')) {
      const auto function = parse_hash_function(name);
      if (!function) return fmt::format("{} is not one of {}", name, joined(hash_names(), ", "));
      functions.push_back(*function);
    }
  }
  return std::nullopt;
}

std::string name_of(const Functions& functions) {
  std::string out;
  for (const HashFunction function : functions) out += fmt::format("{}{}", out.empty() ? "" : "+", to_string(function));
  return out;
}

/// The queue that a NIC gives each unit: Toeplitz of addresses and ports, an indirection table filled in turn.
Tier rss_tier(const Units& units, const ToeplitzKey& key, uint32_t queues) {
  const ToeplitzTable toeplitz(key);
  Tier tier{queues, {}};
  const auto add = [&](const auto& keys) {
    for (const auto& one : keys) {
      tier.choices.push_back(static_cast<uint16_t>(toeplitz.hash(one) % kRssEntries % queues));
    }
  };
  add(units.keys4);
  add(units.keys6);
  return tier;
}

class Polarize : public Command {
 public:
  Polarize() { settings_.selector = "modulo"; }

  std::string name() const override { return "polarize"; }
  std::string summary() const override { return "Whether routers in a row choose independently, or paths stay empty"; }
  std::string teaching() const override {
    return WorkloadOption::teaching() + R"help(
Examples:
  ecmplab polarize --hash xxh32,crc32c --members 4,4
                                    two tiers of four: the default function uses all 16 paths, CRC32c 4 of them, with
                                    different seeds
  ecmplab polarize --seeds 7,7      the same seed twice polarizes every function
  ecmplab polarize --hash crc32c+xxh32 --members 4,4
                                    a first tier with CRC32c, a second with XXH32
  ecmplab polarize --hash toeplitz,xxh32 --members 4 --rss-queues 8
                                    a NIC's receive queue against our member
  ecmplab polarize --hash crc32c --selector resilient
                                    a bucket table that each tier draws for itself breaks the tie

How to read it: a flow that the first tier sends to member m is hashed again by the router there, with the same key. If
the second choice follows from the first, that router spreads its flows over few members. "Mutual information" is how much
of the second choice is known from the first: 0 bits if nothing, log2(members) if all. Independent choices show about
the value under "By chance". With more tiers the figures are those of the tier that depends most on the path before it.
Verdicts: "independent"; "polarized": more dependence, or more empty paths, than one run in 1,000 shows by chance; "too
few flows": paths are empty, as chance leaves them with less than five flows a path.
The selector is modulo unless another is named: it shows the hash function as it is, and so does hash-threshold. Linear
functions polarize behind them whatever their seeds.)help";
  }

  void declare(Options& options) override {
    options.value(
        "--hash", "H,H,..", "xxh32", [this](const std::string& text) { return parse_functions(text, rows_); },
        "Functions to compare, a row each; H+H: one for each tier");
    options.numbers("-n,--members", members_, {1, 1024}, "Members of each tier's group");
    settings_.declare_toeplitz_key(options);
    settings_.declare_selector(options);
    settings_.declare_key(options);
    workload_.declare(options);
    options.value(
        "--seeds", "N,N,..", "drawn from --seed", [this](const std::string& text) { return parse_seeds(text, seeds_); },
        "The seed of each tier's router");
    const Declared queues =
        options.number("--rss-queues", queues_, {1, kRssEntries}, "Put a NIC with so many receive queues in front");
    options
        .value(
            "--rss-key", "KEY", "microsoft",
            [this](const std::string& text) -> std::optional<std::string> {
              const auto key = ToeplitzKey::parse(text);
              if (!key) return text + " is not microsoft, symmetric or 80 hexadecimal digits";
              rss_key_ = *key;
              return std::nullopt;
            },
            "The NIC's Toeplitz key")
        .needs(queues);
  }

  tl::expected<Table, Failure> run(const Common& common) override {
    Functions used;
    for (const Functions& functions : rows_) used.insert(used.end(), functions.begin(), functions.end());
    for (const std::string& ignored : settings_.ignored(used)) warn(ignored);
    if (const auto wrong = check()) return usage_error(*wrong);
    const auto units = workload_.units(hashed_fields(), common.seed);
    if (!units) return tl::make_unexpected(units.error());
    if (!units->warning.empty()) warn(units->warning);
    const std::vector<uint64_t> seeds = seeds_of(common.seed);
    const Units of_router = masked_units(*units, settings_.fields());
    std::vector<Row> rows;
    Progress progress("polarize");
    for (const Functions& functions : rows_) {
      progress.at(static_cast<double>(rows.size()) / static_cast<double>(rows_.size()));
      std::vector<Tier> tiers;
      if (queues_) tiers.push_back(rss_tier(*units, rss_key_, *queues_));
      for (size_t i = 0; i < members_.size(); ++i) {
        const HashFunction function = functions[functions.size() == 1 ? 0 : i];
        auto tier = router_tier(of_router, function, members_[i], seeds[i]);
        if (!tier) return tl::make_unexpected(tier.error());
        tiers.push_back(std::move(*tier));
      }
      rows.push_back(row(functions, polarization(tiers), *units, seeds));
    }
    return present(std::move(rows));
  }

 private:
  std::optional<std::string> check() const {
    const size_t tiers = members_.size() + (queues_ ? 1 : 0);
    if (tiers < 2 || tiers > kMostTiers) {
      return fmt::format("--members: {} makes {}{}; allowed: 2 to {} tiers, as in 4,4 for two routers in a row{}",
                         joined(members_), count_text(tiers, "tier"), queues_ ? " with --rss-queues" : "", kMostTiers,
                         queues_ ? "" : "; --rss-queues counts as one");
    }
    if (queues_ && members_.size() > 1 && names_of(hashed_fields()) != names_of(settings_.fields())) {
      return fmt::format(
          "--key: {}: behind --rss-queues one tier of routers, or the 5-tuple: flows of one key that the NIC parts are "
          "no independent choices of several routers",
          settings_.key);
    }
    uint64_t paths = queues_.value_or(1);
    for (const uint32_t members : members_) {
      if ((paths *= members) > kMostPaths) return fmt::format("--members: more than {} paths", kMostPaths);
    }
    if (!seeds_.empty() && seeds_.size() != members_.size()) {
      return fmt::format("--seeds: {} for {}", count_text(seeds_.size(), "seed"), count_text(members_.size(), "tier"));
    }
    for (const Functions& functions : rows_) {
      if (functions.size() == 1 || functions.size() == members_.size()) continue;
      return fmt::format("--hash: {} names {} for {}: one for all, or one each", name_of(functions),
                         count_text(functions.size(), "function"), count_text(members_.size(), "tier"));
    }
    return std::nullopt;
  }

  /// What parts flows into units: the router's key, and with a NIC before it also what the NIC hashes.
  KeyFields hashed_fields() const {
    KeyFields fields = settings_.fields();
    if (!queues_) return fields;
    fields.protocol = fields.src = fields.dst = fields.sport = fields.dport = true;
    fields.symmetric = false;
    return fields;
  }

  std::vector<uint64_t> seeds_of(uint64_t seed) const {
    if (!seeds_.empty()) return seeds_;
    Random random(seed);
    std::vector<uint64_t> out;
    for (size_t i = 0; i < members_.size(); ++i) out.push_back(random.next() >> 32);
    return out;
  }

  tl::expected<Tier, Failure> router_tier(const Units& units, HashFunction function, uint32_t members,
                                          uint64_t seed) const {
    const auto group = make_members(members, {});
    if (!group) return tl::make_unexpected(group.error());
    const auto table = make_table(settings_, *group, seed);
    if (!table) return tl::make_unexpected(table.error());
    Tier tier{members, {}};
    for (const uint32_t hash : hash_units(units, settings_.hasher(function, seed)))
      tier.choices.push_back(table->owner(hash));
    return tier;
  }

  Row row(const Functions& functions, const Polarization& one, const Units& units,
          const std::vector<uint64_t>& seeds) const {
    std::vector<std::string> warnings;
    if (std::any_of(functions.begin(), functions.end(), is_linear)) {
      warnings.emplace_back("linear: seeds alone do not make tiers independent");
    }
    if (!units.warning.empty()) warnings.push_back(units.warning);
    return {name_of(functions),
            settings_.selector,
            workload_.name(),
            joined(members_),
            queues_,
            joined(seeds),
            uint64_t{units.size()},
            rounded(one.mutual_information_bits, 6),
            rounded(one.chance_bits, 6),
            rounded(one.conditional_entropy_bits, 4),
            rounded(one.most_bits, 4),
            static_cast<uint64_t>(one.tier + (queues_ ? 0 : 1)),
            rounded(one.p),
            one.paths_used,
            one.paths,
            std::string(to_string(one.verdict)),
            warnings.empty() ? Cell() : Cell(joined(warnings, "; "))};
  }

  Table present(std::vector<Row> rows) const {
    Table answer;
    answer.columns = {{"Hash", "hash"},
                      {"Selector", "selector"},
                      {"", "workload"},
                      {"Members", "members"},
                      {queues_ ? "RSS queues" : "", "rss_queues", Align::kRight},
                      {"", "seeds"},
                      {"Flows", "flows", Align::kRight},
                      {"Mutual information (bits)", "mutual_information_bits", Align::kRight},
                      {"By chance", "chance_bits", Align::kRight},
                      {"Conditional entropy", "conditional_entropy_bits", Align::kRight},
                      {"of", "most_bits", Align::kRight},
                      {"", "tier"},
                      {"", "p"},
                      {"Paths used", "paths_used", Align::kRight},
                      {"of", "paths", Align::kRight},
                      {"Verdict", "verdict"},
                      {"Warning", "warning"}};
    answer.shape = rows.size() == 1 ? Table::Shape::kRecord : Table::Shape::kList;
    if (rows.size() != 1) answer.name = "polarize";
    answer.rows = std::move(rows);
    return answer;
  }

  RouterSettings settings_;  // Toeplitz key, selector, buckets and key
  WorkloadOption workload_;
  std::vector<Functions> rows_ = {{HashFunction::kXxh32}};
  std::vector<uint32_t> members_ = {4, 4};
  std::vector<uint64_t> seeds_;
  std::optional<uint32_t> queues_;
  ToeplitzKey rss_key_ = ToeplitzKey::microsoft();
};

}  // namespace

std::unique_ptr<Command> make_polarize() { return std::make_unique<Polarize>(); }

}  // namespace ecmpd::hash::lab
