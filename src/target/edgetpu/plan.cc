#include "target/edgetpu/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>

#include "base/shell.h"
#include "graph/uses.h"

namespace edgescope::target::edgetpu {
namespace {

using Mode = PlanUnit::Mode;

constexpr std::size_t kFew = 6;           // models of which every order is tried
constexpr std::size_t kMostChoices = 12;  // that are worth a reader's time

bool shares_by_layer(Compiler compiler) { return compiler >= Compiler::V16; }

double middle(const Interval& interval) { return (interval.low + interval.high) / 2; }

// All that a choice costs at run time, besides what every choice costs.
struct Cost {
  std::uint64_t in = 0, out = 0;  // bytes
  int calls = 0;                  // additional ones

  Cost& operator+=(const Cost& other) {
    in += other.in;
    out += other.out;
    calls += other.calls;
    return *this;
  }
  Interval microseconds(Link link) const {
    Interval sum = transfer_in(link, in) + transfer_out(link, out);
    if (calls > 0) sum += predict({}, 0, link, 500, calls).terms.front().microseconds;
    return sum;
  }
};

class Planner {
 public:
  Planner(std::span<const PlanModel> models, const PlanRequest& request) : models_(models), request_(request) {}

  Plan run() {
    baseline_ = cost(baseline());
    if (models_.size() <= kFew) {
      std::vector<std::vector<std::size_t>> blocks;
      partition(0, blocks);
    } else {
      plan_.exhaustive = false;
      deal();
    }
    auto& choices = plan_.choices;
    for (auto& [shape, best] : best_) choices.push_back(std::move(best));
    // Of equally good ones that with fewer sticks and fewer runs of the compiler.
    std::stable_sort(choices.begin(), choices.end(), [](const PlanChoice& a, const PlanChoice& b) {
      const auto key = [](const PlanChoice& c) {
        return std::tuple(middle(c.microseconds), c.sticks(), c.units.size());
      };
      return key(a) < key(b);
    });
    if (choices.size() > kMostChoices) choices.resize(kMostChoices);
    for (PlanChoice& choice : choices) {
      add_range(choice);
      for (PlanUnit& unit : choice.units) unit.commands = commands(unit);
    }
    return std::move(plan_);
  }

 private:
  using Order = std::vector<std::size_t>;

  // Every model by itself, in turns on one stick: what is done without a plan.
  std::vector<PlanUnit> baseline() {
    Order all(models_.size());
    std::iota(all.begin(), all.end(), 0u);
    return {all.size() == 1 ? alone(0) : separate(all)};
  }

  PlanUnit alone(std::size_t model) {
    return {.mode = Mode::Alone, .models = {model}, .shares = {share_of(model, pool({model})[0])}};
  }

  PlanUnit separate(const Order& order) {
    PlanUnit unit{.mode = Mode::Separate, .models = order};
    for (std::size_t model : order) {
      unit.shares.push_back(share_of(model, pool({model})[0]));
      unit.shares.back().resent_bytes = unit.shares.back().cached_bytes;
    }
    return unit;
  }

  PlanUnit co_compiled(const Order& order) {
    PlanUnit unit{.mode = Mode::CoCompiled, .models = order};
    const std::vector<Fill>& fills = pool(order);
    for (std::size_t i = 0; i < order.size(); ++i) unit.shares.push_back(share_of(order[i], fills[i]));
    return unit;
  }

  PlanUnit segmented(std::size_t index, int count) {
    PlanUnit unit{.mode = Mode::Segmented, .models = {index}, .sticks = count};
    const PlanModel& model = models_[index];
    for (const Segment& segment : segments(model, count)) {
      std::vector<StoredLayer> layers(model.layers.begin() + static_cast<std::ptrdiff_t>(segment.begin),
                                      model.layers.begin() + static_cast<std::ptrdiff_t>(segment.end));
      PlanShare share = share_of(index, fill_tiles(layers, request_.compiler, model.cap.*cap_));
      share.segment = static_cast<int>(unit.shares.size());
      if (segment.end < model.layers.size() && segment.end > 0) share.boundary_bytes = model.crossing[segment.end - 1];
      unit.shares.push_back(share);
    }
    return unit;
  }

  static PlanShare share_of(std::size_t model, const Fill& fill) {
    return {.model = model, .cached_bytes = fill.cached_bytes, .streamed_bytes = fill.streamed_bytes};
  }

  // The pool's law for an order, worked out once.
  const std::vector<Fill>& pool(const Order& order) {
    auto [entry, fresh] = pools_.try_emplace(order);
    if (fresh) {
      std::vector<const PlanModel*> group;
      int cap = kRowsPerTile;  // the pool leaves room for the activations of the most demanding model
      for (std::size_t model : order) {
        group.push_back(&models_[model]);
        cap = std::min(cap, models_[model].cap.*cap_);
      }
      entry->second = share_pool(group, request_.compiler, cap);
    }
    return entry->second;
  }

  Cost cost(const PlanUnit& unit) const {
    Cost sum;
    const auto turn = static_cast<std::uint64_t>(request_.turn);
    for (const PlanShare& share : unit.shares) {
      sum.in += share.streamed_bytes * turn + share.resent_bytes + share.boundary_bytes * turn;
      sum.out += share.boundary_bytes * turn;
    }
    sum.calls = (unit.mode == Mode::Segmented ? unit.sticks - 1 : 0) * request_.turn;
    return sum;
  }
  Cost cost(const std::vector<PlanUnit>& units) const {
    Cost sum;
    for (const PlanUnit& unit : units) sum += cost(unit);
    return sum;
  }

  // Models [next, end) into blocks, a stick each.
  void partition(std::size_t next, std::vector<Order>& blocks) {
    if (next == models_.size()) {
      std::vector<PlanUnit> units;
      choose(blocks, 0, request_.sticks, units);
      return;
    }
    for (std::size_t block = 0; block < blocks.size(); ++block) {
      blocks[block].push_back(next);
      partition(next + 1, blocks);
      blocks[block].pop_back();
    }
    if (blocks.size() >= static_cast<std::size_t>(request_.sticks)) return;
    blocks.push_back({next});
    partition(next + 1, blocks);
    blocks.pop_back();
  }

  // What each block can be, with the sticks that are left.
  void choose(const std::vector<Order>& blocks, std::size_t at, int sticks, std::vector<PlanUnit>& units) {
    if (at == blocks.size()) {
      consider(units);
      return;
    }
    const int for_this = sticks - static_cast<int>(blocks.size() - at - 1);
    const auto with = [&](PlanUnit unit) {
      const int taken = unit.sticks;
      units.push_back(std::move(unit));
      choose(blocks, at + 1, sticks - taken, units);
      units.pop_back();
    };
    const Order& block = blocks[at];
    if (block.size() > 1) {
      with(separate(block));
      with(best_order(block));
      return;
    }
    with(alone(block[0]));
    for (int count = 2; count <= for_this && static_cast<std::size_t>(count) <= models_[block[0]].layers.size();
         ++count)
      with(segmented(block[0], count));
  }

  PlanUnit best_order(const Order& block) {
    auto [entry, fresh] = best_orders_.try_emplace(block);
    if (!fresh) return entry->second;
    Order order = block;
    PlanUnit best = co_compiled(order);
    while (std::next_permutation(order.begin(), order.end())) {
      ++plan_.considered;
      PlanUnit unit = co_compiled(order);
      if (cost(unit).in < cost(best).in) best = std::move(unit);
    }
    return entry->second = std::move(best);
  }

  std::uint64_t parameter_bytes(const std::vector<PlanUnit>& units) const {
    std::uint64_t sum = 0;
    for (const PlanUnit& unit : units)
      for (const PlanShare& share : unit.shares)
        sum += share.streamed_bytes * static_cast<std::uint64_t>(request_.turn) + share.resent_bytes;
    return sum;
  }

  PlanUnit made_again(const PlanUnit& unit) {
    switch (unit.mode) {
      case Mode::Alone:
        return alone(unit.models[0]);
      case Mode::Separate:
        return separate(unit.models);
      case Mode::CoCompiled:
        return co_compiled(unit.models);
      case Mode::Segmented:
        return segmented(unit.models[0], unit.sticks);
    }
    return unit;
  }

  // What a choice sends at the ends of the range of caps.
  void add_range(PlanChoice& choice) {
    choice.parameter_low = choice.parameter_high = choice.parameter_bytes;
    for (int Cap::*end : {&Cap::low, &Cap::high}) {
      cap_ = end;
      pools_.clear();
      std::vector<PlanUnit> units;
      for (const PlanUnit& unit : choice.units) units.push_back(made_again(unit));
      choice.parameter_low = std::min(choice.parameter_low, parameter_bytes(units));
      choice.parameter_high = std::max(choice.parameter_high, parameter_bytes(units));
      const Interval there = cost(units).microseconds(request_.link);
      choice.microseconds = {std::min(choice.microseconds.low, there.low),
                             std::max(choice.microseconds.high, there.high)};
    }
    cap_ = &Cap::central;
  }

  void consider(const std::vector<PlanUnit>& units) {
    ++plan_.considered;
    PlanChoice choice{.units = units, .parameter_bytes = parameter_bytes(units)};
    const Cost here = cost(units);
    choice.microseconds = here.microseconds(request_.link);
    choice.saved = difference(baseline_, here);
    // One for each way of grouping, whichever sticks and orders.
    std::vector<std::pair<Order, std::pair<Mode, int>>> shape;
    for (const PlanUnit& unit : units) {
      Order members = unit.models;
      std::sort(members.begin(), members.end());
      shape.push_back({members, {unit.mode, unit.sticks}});
    }
    std::sort(shape.begin(), shape.end());
    auto [entry, fresh] = best_.try_emplace(std::move(shape), choice);
    if (!fresh && middle(choice.microseconds) < middle(entry->second.microseconds)) entry->second = std::move(choice);
  }

  // Both sides have the same link: rates are the same for what is saved and for what is added.
  Interval difference(const Cost& before, const Cost& after) const {
    const auto less = [](std::uint64_t a, std::uint64_t b) { return a > b ? a - b : 0; };
    const Cost gone{less(before.in, after.in), less(before.out, after.out), 0};
    const Cost added{less(after.in, before.in), less(after.out, before.out), after.calls - before.calls};
    const Interval plus = gone.microseconds(request_.link), minus = added.microseconds(request_.link);
    return {plus.low - minus.high, plus.high - minus.low};
  }

  // Too many models for every order: largest first, to the stick that holds least; then neighbours change
  // places as long as it helps.
  void deal() {
    Order by_size(models_.size());
    std::iota(by_size.begin(), by_size.end(), 0u);
    std::stable_sort(by_size.begin(), by_size.end(), [&](std::size_t a, std::size_t b) {
      return models_[a].stored_bytes() > models_[b].stored_bytes();
    });
    for (int sticks = 1; sticks <= std::min<int>(request_.sticks, static_cast<int>(models_.size())); ++sticks) {
      std::vector<Order> blocks(static_cast<std::size_t>(sticks));
      std::vector<std::uint64_t> held(blocks.size(), 0);
      for (std::size_t model : by_size) {
        const auto emptiest = static_cast<std::size_t>(std::min_element(held.begin(), held.end()) - held.begin());
        blocks[emptiest].push_back(model);
        held[emptiest] += models_[model].stored_bytes();
      }
      std::vector<PlanUnit> apart, together;
      for (const Order& block : blocks) {
        apart.push_back(block.size() == 1 ? alone(block[0]) : separate(block));
        together.push_back(block.size() == 1 ? alone(block[0]) : exchanged(block));
      }
      consider(apart);
      consider(together);
    }
  }

  PlanUnit exchanged(Order order) {
    PlanUnit best = co_compiled(order);
    for (bool better = true; better;) {
      better = false;
      for (std::size_t i = 0; i + 1 < order.size(); ++i) {
        std::swap(order[i], order[i + 1]);
        ++plan_.considered;
        PlanUnit unit = co_compiled(order);
        if (cost(unit).in < cost(best).in) {
          best = std::move(unit);
          better = true;
        } else {
          std::swap(order[i], order[i + 1]);
        }
      }
    }
    return best;
  }

  std::vector<std::string> commands(const PlanUnit& unit) const {
    const auto file = [&](std::size_t model) { return base::shell_word(models_[model].file); };
    std::vector<std::string> result;
    if (unit.mode == Mode::Separate) {
      for (std::size_t model : unit.models) result.push_back("edgetpu_compiler -s " + file(model));
      return result;
    }
    std::string command = "edgetpu_compiler -s";
    if (unit.mode == Mode::Segmented) command += fmt::format(" --num_segments={}", unit.sticks);
    for (std::size_t model : unit.models) command += " " + file(model);
    return {command};
  }

  std::span<const PlanModel> models_;
  const PlanRequest& request_;
  int Cap::*cap_ = &Cap::central;
  Cost baseline_;
  Plan plan_;
  std::map<Order, std::vector<Fill>> pools_;
  std::map<Order, PlanUnit> best_orders_;
  std::map<std::vector<std::pair<Order, std::pair<Mode, int>>>, PlanChoice> best_;
};

}  // namespace

std::uint64_t PlanModel::stored_bytes() const {
  std::uint64_t sum = 0;
  for (const StoredLayer& layer : layers) sum += layer.stored_bytes;
  return sum;
}

int PlanChoice::sticks() const {
  int sum = 0;
  for (const PlanUnit& unit : units) sum += unit.sticks;
  return sum;
}

std::string_view mode_name(PlanUnit::Mode mode) {
  constexpr std::string_view names[] = {"alone", "separate", "co-compiled", "segmented"};
  return names[static_cast<std::size_t>(mode)];
}

PlanModel plan_model(std::string file, const graph::Subgraph& subgraph, const std::vector<bool>& mapped,
                     Compiler compiler) {
  MemoryPrediction memory = predict_memory(subgraph, mapped, compiler);
  PlanModel model{.file = std::move(file),
                  .layers = std::move(memory.layers),
                  .cap = memory.cap,
                  .not_predicted = std::move(memory.not_predicted)};

  // Where in the order each tensor is made and last read.
  const std::vector<int> order = graph::execution_order(subgraph);
  std::vector<std::size_t> place(subgraph.operators.size(), 0);
  for (std::size_t i = 0; i < order.size(); ++i) place[static_cast<std::size_t>(order[i])] = i;
  const graph::Uses uses = graph::uses(subgraph);
  std::vector<std::uint64_t> alive(order.size() + 1, 0);  // behind each place
  for (std::size_t tensor = 0; tensor < subgraph.tensors.size(); ++tensor) {
    const graph::Tensor& t = subgraph.tensors[tensor];
    if (t.constant || uses.producer[tensor] < 0 || uses.consumers[tensor].empty()) continue;
    std::size_t last = 0;
    for (int consumer : uses.consumers[tensor]) last = std::max(last, place[static_cast<std::size_t>(consumer)]);
    const std::uint64_t bytes = graph::packed_bytes(t.type, t.shape.elements().value_or(0)).value_or(0);
    for (std::size_t at = place[static_cast<std::size_t>(uses.producer[tensor])]; at < last; ++at) alive[at] += bytes;
  }
  for (const StoredLayer& layer : model.layers)
    model.crossing.push_back(alive[place[static_cast<std::size_t>(layer.op)]]);
  return model;
}

std::vector<Fill> share_pool(std::span<const PlanModel* const> models, Compiler compiler, int cap) {
  std::vector<Fill> fills;
  if (!shares_by_layer(compiler)) {
    std::array<int, kTiles> used = {};
    for (const PlanModel* model : models) {
      std::vector<StoredLayer> layers = model->layers;
      fills.push_back(fill_tiles(layers, compiler, cap, used));
      used = fills.back().rows_used;
    }
    return fills;
  }
  std::vector<StoredLayer> layers;
  for (const PlanModel* model : models) layers.insert(layers.end(), model->layers.begin(), model->layers.end());
  const Fill all = fill_tiles(layers, compiler, cap);
  auto layer = layers.begin();
  for (const PlanModel* model : models) {
    Fill fill{.rows_used = all.rows_used};
    for (const auto end = layer + static_cast<std::ptrdiff_t>(model->layers.size()); layer != end; ++layer)
      (layer->cached ? fill.cached_bytes : fill.streamed_bytes) += layer->stored_bytes;
    fills.push_back(fill);
  }
  return fills;
}

std::vector<Segment> segments(const PlanModel& model, int count) {
  std::vector<Segment> result;
  const double each = static_cast<double>(model.stored_bytes()) / count;
  std::size_t at = 0;
  double sum = 0;
  for (int segment = 0; segment < count; ++segment) {
    const std::size_t begin = at,
                      left = static_cast<std::size_t>(count - segment - 1);  // a layer for each that follows
    const double goal = each * (segment + 1);
    while (at + left < model.layers.size() &&
           (at == begin || left == 0 || sum + static_cast<double>(model.layers[at].stored_bytes) <= goal))
      sum += static_cast<double>(model.layers[at++].stored_bytes);
    result.push_back({begin, at});
  }
  return result;
}

Plan plan(std::span<const PlanModel> models, const PlanRequest& request) {
  if (models.empty()) return {};
  return Planner(models, request).run();
}

}  // namespace edgescope::target::edgetpu
