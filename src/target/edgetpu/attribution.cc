#include "target/edgetpu/attribution.h"

#include <algorithm>
#include <array>
#include <numeric>

namespace edgescope::target::edgetpu {
namespace {

using format::edgetpu::ExecutableType;
using format::edgetpu::Package;
using Bytes = std::span<const std::byte>;
using Histogram = std::array<std::int64_t, 256>;

// How far the compiler's order was seen to leave ours: branches of a block change places.
constexpr std::size_t kWindow = 16;
constexpr std::uint64_t kAlignment = 64;  // pieces begin at its multiples
// Few weights, or weights in a piece with much else in it, could be anywhere by chance.
constexpr std::uint64_t kTellingWeights = 256;
constexpr std::uint64_t kTellingShare = 8;  // a piece may hold an eighth more than the weights
// How many of the layers that wait are looked for further on, so that the search ends soon in any file.
constexpr std::size_t kSought = 4;
// Rows of multipliers and biases before a block's weights, at most.
constexpr int kMostHeaderRows = 3;

// The weights that a layer was made of; nothing for matrices that the compiler makes by itself.
Bytes weights_of(const graph::Subgraph& source, const StoredLayer& layer, bool& flipped) {
  if (layer.form != Form::Convolution && layer.form != Form::FullyConnected && layer.form != Form::Depthwise) return {};
  const auto& inputs = source.operators[static_cast<std::size_t>(layer.op)].inputs;
  if (inputs.size() < 2 || inputs[1] < 0) return {};
  const graph::Tensor& weights = source.tensors[static_cast<std::size_t>(inputs[1])];
  flipped = weights.type == graph::ElementType::Int8;
  return weights.encoding == graph::Encoding::Raw ? weights.data : Bytes{};
}

Histogram histogram(Bytes bytes, std::uint8_t flip) {
  Histogram counts = {};
  for (std::byte byte : bytes) ++counts[std::to_integer<std::uint8_t>(byte) ^ flip];
  return counts;
}

// Parameters of one kind over all packages; a layer's piece lies in one of them.
class Parameters {
 public:
  void add(Bytes part) {
    if (!part.empty()) parts_.push_back(part);
  }
  std::optional<Bytes> next(std::uint64_t size) {
    skip();
    if (size == 0 || part_ >= parts_.size() || parts_[part_].size() - at_ < size) return std::nullopt;
    return parts_[part_].subspan(at_, size);
  }
  std::uint64_t take(std::uint64_t size) {
    const std::uint64_t offset = taken_;
    at_ += size;
    taken_ += size;
    return offset;
  }
  Bytes rest_of_part() {
    skip();
    return part_ < parts_.size() ? parts_[part_].subspan(at_) : Bytes{};
  }
  bool last_part() const { return part_ + 1 >= parts_.size(); }
  // Leaves the rest of this part; false where there is no other.
  bool next_part() {
    skip();
    if (last_part()) return false;
    taken_ += parts_[part_].size() - at_;
    ++part_;
    at_ = 0;
    return true;
  }
  // What nobody has taken of the last part; nothing while there are more.
  std::optional<std::uint64_t> rest() {
    skip();
    if (part_ >= parts_.size()) return 0;
    return part_ + 1 == parts_.size() ? std::optional<std::uint64_t>(parts_[part_].size() - at_) : std::nullopt;
  }

 private:
  void skip() {
    if (part_ < parts_.size() && at_ == parts_[part_].size()) {
      ++part_;
      at_ = 0;
    }
  }
  std::vector<Bytes> parts_;
  std::size_t part_ = 0, at_ = 0;
  std::uint64_t taken_ = 0;
};

// The transfers into tiles, dealt out to layers in their order. One that does not fit ends the dealing.
class Records {
 public:
  void add(const std::vector<PlacedBlock>& blocks) { blocks_.insert(blocks_.end(), blocks.begin(), blocks.end()); }

  std::vector<PlacedBlock> rest() const {
    if (lost_) return {};
    return {blocks_.begin() + static_cast<std::ptrdiff_t>(at_), blocks_.end()};
  }

  std::vector<PlacedBlock> deal(const StoredLayer& layer) {
    const std::size_t end = lost_ ? at_ : layer.form == Form::FullyConnected ? end_of_blocks(layer) : end_of_run(layer);
    if (end == at_) {
      lost_ = true;
      return {};
    }
    const auto from = blocks_.begin() + static_cast<std::ptrdiff_t>(at_);
    at_ = end;
    return {from, blocks_.begin() + static_cast<std::ptrdiff_t>(end)};
  }

 private:
  // One transfer a block, without the rows before the weights.
  std::size_t end_of_blocks(const StoredLayer& layer) const {
    const std::size_t end = at_ + static_cast<std::size_t>(layer.blocks);
    if (end > blocks_.size()) return at_;
    for (std::size_t i = at_; i < end; ++i)
      if (blocks_[i].rows > layer.rows_per_block || blocks_[i].rows < layer.rows_per_block - kMostHeaderRows)
        return at_;
    return end;
  }
  // As many transfers as make up its rows; a matrix of the compiler's own may leave out rows before it.
  std::size_t end_of_run(const StoredLayer& layer) const {
    std::size_t found = at_;
    int rows = 0;
    for (std::size_t i = at_; i < blocks_.size() && rows < layer.rows(); ++i) {
      rows += blocks_[i].rows;
      const bool whole = rows == layer.rows();
      const bool without_header = layer.form == Form::Hidden && rows == layer.rows() - layer.blocks;
      if (whole || without_header) found = i + 1;
    }
    return found;
  }

  std::vector<PlacedBlock> blocks_;
  std::size_t at_ = 0;
  bool lost_ = false;
};

class Finder {
 public:
  Finder(const graph::Subgraph& source, const std::vector<StoredLayer>& layers,
         std::span<const Package* const> packages)
      : layers_(layers) {
    for (const Package* package : packages)
      for (const auto& executable : package->executables) {
        const bool cached = executable.type == ExecutableType::ParameterCaching;
        (cached ? cached_ : streamed_).add(executable.parameters);
        if (cached) records_.add(placement(executable));
      }
    for (std::size_t i = 0; i < layers.size(); ++i) {
      bool flipped = false;
      const Bytes weights = weights_of(source, layers[i], flipped);
      weights_.push_back(weights.empty() ? std::nullopt : std::optional(histogram(weights, flipped ? 0x80 : 0)));
      waiting_.push_back(i);
    }
    result_.layers.resize(layers.size());
  }

  Attribution find() && {
    while (!waiting_.empty() && (by_content() || by_elimination())) {
    }
    if (waiting_.size() == 1) cut();
    result_.complete = waiting_.empty() && cached_.rest() == 0 && streamed_.rest() == 0;
    return std::move(result_);
  }

  // By weights alone, wherever they are; their rows of tiles are then not known. What follows a layer that
  // was found so is looked at as before.
  Attribution find_weights() && {
    records_ = Records();
    std::erase_if(waiting_, [&](std::size_t layer) { return !weights_[layer]; });
    bool anchored = false;
    while (!waiting_.empty() && ((anchored && by_content()) || further_on(anchored))) {
    }
    return std::move(result_);
  }

 private:
  struct Place {
    std::uint64_t skipped = 0;  // bytes from here on
    std::size_t waiting = 0;
    bool cached = false;
  };

  bool by_content() {
    for (std::size_t i = 0; i < std::min(kWindow, waiting_.size()); ++i) {
      const std::size_t layer = waiting_[i];
      if (!weights_[layer]) continue;
      // What the law expects is looked at first: a small layer may seem to be in both places.
      for (const bool cached : {layers_[layer].cached, !layers_[layer].cached}) {
        const auto piece = (cached ? cached_ : streamed_).next(layers_[layer].stored_bytes);
        if (!piece || !holds(*piece, *weights_[layer])) continue;
        assign(i, cached, true);
        return true;
      }
    }
    return false;
  }

  // The nearest place behind here that holds the weights of one of the next layers. A layer that is nowhere
  // behind here is given up, so that each is sought to the end once.
  bool further_on(bool& anchored) {
    std::size_t sought = 0;
    std::optional<Place> nearest;
    for (std::size_t i = 0; i < waiting_.size() && sought < kSought; ++sought) {
      const std::size_t layer = waiting_[i];
      const auto place = telling(layer) ? place_of(layer, nearest) : std::nullopt;
      if (place) {
        nearest = place;
        nearest->waiting = i++;
      } else if (nearest || !cached_.last_part() || !streamed_.last_part()) {
        ++i;
      } else {
        waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(i));
        sought = 0;
      }
    }
    anchored = nearest.has_value();
    if (!nearest) {  // both go on
      const bool cached = cached_.next_part(), streamed = streamed_.next_part();
      return cached || streamed;
    }
    (nearest->cached ? cached_ : streamed_).take(nearest->skipped);
    assign(nearest->waiting, nearest->cached, true);
    return true;
  }

  // Whether finding this layer's weights somewhere shows that it is there.
  bool telling(std::size_t layer) const {
    const auto weights =
        static_cast<std::uint64_t>(std::accumulate(weights_[layer]->begin(), weights_[layer]->end(), std::int64_t{0}));
    return weights >= kTellingWeights && layers_[layer].stored_bytes <= weights + weights / kTellingShare;
  }

  // Where the layer is, nearer than `limit`.
  std::optional<Place> place_of(std::size_t layer, std::optional<Place> limit) {
    std::optional<Place> found;
    for (const bool cached : {true, false}) {
      Bytes rest = (cached ? cached_ : streamed_).rest_of_part();
      if (limit)
        rest = rest.first(std::min<std::size_t>(rest.size(), limit->skipped + layers_[layer].stored_bytes - 1));
      if (const auto skipped = distance(rest, layers_[layer].stored_bytes, *weights_[layer]))
        limit = found = Place{.skipped = *skipped, .cached = cached};
    }
    return found;
  }

  // Bytes before the first piece of this size that holds the weights. The counts move along with the piece.
  static std::optional<std::uint64_t> distance(Bytes bytes, std::uint64_t size, const Histogram& weights) {
    if (bytes.size() < size) return std::nullopt;
    Histogram counts = histogram(bytes.first(size), 0);
    for (std::uint64_t at = 0;; at += kAlignment) {
      if (contains(counts, weights)) return at;
      if (bytes.size() - at < size + kAlignment) return std::nullopt;
      for (std::uint64_t i = at; i < at + kAlignment; ++i) {
        --counts[std::to_integer<std::uint8_t>(bytes[i])];
        ++counts[std::to_integer<std::uint8_t>(bytes[i + size])];
      }
    }
  }

  // The first layer without weights of its own takes the next bytes where the law puts it.
  bool by_elimination() {
    for (std::size_t i = 0; i < std::min(kWindow, waiting_.size()); ++i) {
      const std::size_t layer = waiting_[i];
      if (weights_[layer]) continue;
      for (const bool cached : {layers_[layer].cached, !layers_[layer].cached})
        if ((cached ? cached_ : streamed_).next(layers_[layer].stored_bytes)) {
          assign(i, cached, false);
          return true;
        }
    }
    return false;
  }

  // The matrices of a softmax are cached one by one: the last layer may be what is left over in both places.
  void cut() {
    const std::size_t index = waiting_.front();
    const auto cached = cached_.rest(), streamed = streamed_.rest();
    if (weights_[index] || !cached || !streamed || *cached + *streamed != layers_[index].stored_bytes) return;
    waiting_.clear();
    streamed_.take(*streamed);
    result_.layers[index] =
        FoundLayer{.cached_bytes = *cached, .offset = cached_.take(*cached), .placed = records_.rest()};
  }

  void assign(std::size_t waiting, bool cached, bool by_content) {
    const std::size_t index = waiting_[waiting];
    const StoredLayer& layer = layers_[index];
    waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(waiting));
    FoundLayer& found = result_.layers[index].emplace();
    found.cached_bytes = cached ? layer.stored_bytes : 0;
    found.by_content = by_content;
    found.offset = (cached ? cached_ : streamed_).take(layer.stored_bytes);
    if (cached) found.placed = records_.deal(layer);
  }

  static bool holds(Bytes piece, const Histogram& weights) { return contains(histogram(piece, 0), weights); }
  static bool contains(const Histogram& counts, const Histogram& weights) {
    for (std::size_t value = 0; value < counts.size(); ++value)
      if (counts[value] < weights[value]) return false;
    return true;
  }

  const std::vector<StoredLayer>& layers_;
  Parameters cached_, streamed_;
  Records records_;
  std::vector<std::optional<Histogram>> weights_;
  std::vector<std::size_t> waiting_;
  Attribution result_;
};

}  // namespace

Attribution find_layers(const graph::Subgraph& source, const std::vector<StoredLayer>& layers,
                        std::span<const Package* const> packages) {
  Finder finder(source, layers, packages), again = finder;
  Attribution found = std::move(finder).find();
  return found.complete ? found : std::move(again).find_weights();
}

}  // namespace edgescope::target::edgetpu
