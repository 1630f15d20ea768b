#include "analysis/edgetpu_cache.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bitset>
#include <map>

#include "analysis/edgetpu_findings.h"
#include "base/units.h"
#include "target/edgetpu/cost.h"
#include "target/edgetpu/driver_cache.h"

namespace edgescope::analysis {
namespace {

using base::bytes_text;
using base::Json;
using target::Interval;
using target::edgetpu::DriverCache;
using target::edgetpu::Ledger;

constexpr auto kLink = target::edgetpu::Link::Usb3;

Ledger ledger(const CacheMember& member) {
  Ledger sum;
  for (const EdgeTpuOperator& op : member.operators) sum += target::edgetpu::ledger(op.package);
  return sum;
}

// One inference of a model: each of its Edge TPU operators once.
std::uint64_t run(DriverCache& cache, const CacheMember& member) {
  std::uint64_t bytes = 0;
  for (const EdgeTpuOperator& op : member.operators) bytes += cache.run(op.package).total();
  return bytes;
}

// What `next` sends when it takes the stick over from `before`, beyond what it sends when it runs on.
std::uint64_t resent(const CacheMember& before, const CacheMember& next) {
  DriverCache cache;
  for (int warm_up = 0; warm_up < 2; ++warm_up) {
    run(cache, next);
    run(cache, before);
  }
  const std::uint64_t first = run(cache, next), later = run(cache, next);
  return first - std::min(first, later);
}

// A round of all models in their order, once each has run: what it sends, and what it would send if each
// found its parameters in place.
struct Round {
  std::uint64_t bytes = 0, in_place = 0;
  std::uint64_t resent() const { return bytes - std::min(bytes, in_place); }
};
Round round(const std::vector<CacheMember>& members) {
  DriverCache cache;
  Round result;
  for (const CacheMember& member : members) run(cache, member);
  for (const CacheMember& member : members) {
    result.bytes += run(cache, member);
    result.in_place += ledger(member).per_inference.total();
  }
  return result;
}

using Rows = std::array<std::bitset<target::edgetpu::kRowsPerTile>, target::edgetpu::kTiles>;

Rows rows_of(const CacheMember& member) {
  Rows rows;
  for (const EdgeTpuOperator& op : member.operators)
    if (const auto* caching = target::edgetpu::caching_executable(op.package))
      for (const auto& block : target::edgetpu::placement(*caching))
        for (int tile = 0; tile < target::edgetpu::kTiles; ++tile)
          for (int row = block.row;
               (block.tiles >> tile & 1) && row < std::min(block.row + block.rows, target::edgetpu::kRowsPerTile);
               ++row)
            rows[static_cast<std::size_t>(tile)].set(static_cast<std::size_t>(row));
  return rows;
}

std::uint64_t common_rows(const Rows& a, const Rows& b) {
  std::uint64_t count = 0;
  for (std::size_t tile = 0; tile < a.size(); ++tile) count += (a[tile] & b[tile]).count();
  return count;
}

std::uint64_t count_rows(const Rows& rows) { return common_rows(rows, rows); }

// Models by caching token, each with the members that carry it.
std::map<std::uint64_t, std::vector<std::size_t>> groups(const std::vector<CacheMember>& members) {
  std::map<std::uint64_t, std::vector<std::size_t>> result;
  for (std::size_t i = 0; i < members.size(); ++i)
    for (const EdgeTpuOperator& op : members[i].operators)
      if (const auto* running = target::edgetpu::running_executable(op.package)) {
        auto& group = result[running->caching_token];
        if (group.empty() || group.back() != i) group.push_back(i);
      }
  return result;
}

std::string token_text(std::uint64_t token) { return fmt::format("{:016x}", token); }

// Members of one token that lie in the same rows: they were made for sticks of their own.
std::uint64_t overlap(const std::vector<CacheMember>& members, const std::vector<std::size_t>& group) {
  std::uint64_t rows = 0;
  for (std::size_t i = 0; i < group.size(); ++i)
    for (std::size_t j = 0; j < i; ++j) rows += common_rows(rows_of(members[group[i]]), rows_of(members[group[j]]));
  return rows;
}

std::string names(const std::vector<CacheMember>& members, const std::vector<std::size_t>& group) {
  std::string text;
  for (std::size_t i : group) text += (text.empty() ? "" : ", ") + members[i].file;
  return text;
}

Json interval(const Interval& us) { return {us.low, us.high}; }

std::string_view why(std::uint64_t again, const CacheMember& from, const CacheMember& to) {
  if (to.operators.empty()) return "it holds no Edge TPU operator";
  if (again == 0 && common_rows(rows_of(from), rows_of(to)) > 0)
    return "equal tokens, but the same rows: the driver does not notice that they were overwritten";
  if (again == 0 && ledger(to).cached_parameter_bytes == 0) return "it caches no parameters";
  if (again == 0)
    return from.operators.empty() ? "the other does not use the stick"
                                  : "equal tokens: it finds its parameters in place";
  return "different tokens: the driver dropped its parameters";
}

}  // namespace

Json edgetpu_cache_json(const std::vector<CacheMember>& members) {
  Json models = Json::array(), tokens = Json::array(), switches = Json::array();
  for (const CacheMember& member : members) {
    const Ledger sum = ledger(member);
    Json its_tokens = Json::array();
    for (const EdgeTpuOperator& op : member.operators)
      if (const auto* running = target::edgetpu::running_executable(op.package))
        its_tokens.push_back(token_text(running->caching_token));
    models.push_back({{"input", member.file},
                      {"caching_tokens", std::move(its_tokens)},
                      {"cached_parameter_bytes", sum.cached_parameter_bytes},
                      {"streamed_parameter_bytes", sum.streamed_parameter_bytes},
                      {"rows_used", count_rows(rows_of(member))},
                      {"first_inference_bytes", sum.first_inference.total()},
                      {"per_inference_bytes", sum.per_inference.total()}});
  }
  for (const auto& [token, group] : groups(members)) {
    std::uint64_t cached = 0, streamed = 0, rows = 0;
    for (std::size_t i : group) {
      cached += ledger(members[i]).cached_parameter_bytes;
      streamed += ledger(members[i]).streamed_parameter_bytes;
      rows += count_rows(rows_of(members[i]));
    }
    Json files = Json::array();
    for (std::size_t i : group) files.push_back(members[i].file);
    tokens.push_back({{"caching_token", token_text(token)},
                      {"models", std::move(files)},
                      {"cached_parameter_bytes", cached},
                      {"streamed_parameter_bytes", streamed},
                      {"rows_used", rows},
                      {"overlapping_rows", overlap(members, group)}});
  }
  for (std::size_t from = 0; from < members.size(); ++from)
    for (std::size_t to = 0; to < members.size(); ++to) {
      if (from == to) continue;
      const std::uint64_t again = resent(members[from], members[to]);
      switches.push_back({{"from", members[from].file},
                          {"to", members[to].file},
                          {"resent_bytes", again},
                          {"us", interval(target::edgetpu::transfer_in(kLink, again))},
                          {"why", why(again, members[from], members[to])}});
    }
  const Round all = round(members);
  return {{"basis", "exact"},
          {"us_basis", "predicted(link law)"},
          {"link", target::edgetpu::link_name(kLink)},
          {"models", std::move(models)},
          {"tokens", std::move(tokens)},
          {"switches", std::move(switches)},
          {"round",
           {{"bytes", all.bytes},
            {"bytes_in_place", all.in_place},
            {"resent_bytes", all.resent()},
            {"us", interval(target::edgetpu::transfer_in(kLink, all.resent()))}}}};
}

std::vector<Finding> edgetpu_cache_findings(const std::vector<CacheMember>& members) {
  std::vector<Finding> findings;
  const Round all = round(members);
  const auto by_token = groups(members);
  if (all.resent() > 0) {
    const Interval us = target::edgetpu::transfer_in(kLink, all.resent());
    findings.push_back(
        {.kind = &finding_kind("edgetpu-tokens-alternate"),
         .where = fmt::format("{} models under {} tokens", members.size(), by_token.size()),
         .cost = link_cost(all.resent(), us),
         .why_here = fmt::format("One round of all sends {}; {} of it are parameters that were there before, with the "
                                 "program that places them: {} to {} over {} (predicted from published rates).",
                                 bytes_text(all.bytes), bytes_text(all.resent()), base::microseconds_text(us.low),
                                 base::microseconds_text(us.high), kFindingLink)});
  }
  for (const auto& [token, group] : by_token) {
    if (group.size() < 2) continue;
    if (const std::uint64_t rows = overlap(members, group); rows > 0) {
      findings.push_back({.kind = &finding_kind("edgetpu-rows-overlap"),
                          .where = names(members, group),
                          .why_here = fmt::format("{} rows of 256 B are claimed twice.", rows)});
      continue;
    }
    for (std::size_t i : group) {
      const Ledger sum = ledger(members[i]);
      if (sum.per_inference.parameters == 0) continue;
      const Interval us = target::edgetpu::transfer_in(kLink, sum.per_inference.parameters);
      findings.push_back({.kind = &finding_kind("edgetpu-lost-share"),
                          .where = members[i].file,
                          .cost = link_cost(sum.per_inference.parameters, us),
                          .why_here = fmt::format(
                              "It keeps {} of {} beside {} models of the same token, and sends the rest at every "
                              "inference: {} to {} over {} (predicted from published rates).",
                              bytes_text(sum.cached_parameter_bytes),
                              bytes_text(sum.cached_parameter_bytes + sum.streamed_parameter_bytes), group.size() - 1,
                              base::microseconds_text(us.low), base::microseconds_text(us.high), kFindingLink)});
    }
  }
  for (const CacheMember& member : members)
    if (member.operators.empty()) findings.push_back(not_compiled(member.file));
  return findings;
}

}  // namespace edgescope::analysis
