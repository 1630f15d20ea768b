#include "analysis/finding.h"

#include <algorithm>
#include <cassert>

namespace edgescope::analysis {
namespace {

constexpr FindingKind kCatalogue[] = {
    {"unused-constant", "No operator reads this constant and it is no output, so its bytes are carried for nothing.",
     "Leave it out when the model is exported; a converter that prunes unused weights does so by itself."},
    {"unread-result",
     "Nobody reads what this operator computes: no other operator, and it is no output of the graph. Runtimes that do "
     "not prune execute it at every inference.",
     "Export the model with the outputs that are wanted only."},
    {"identity-operator",
     "The operator's output has the type, shape, quantisation and order of its input, so it only moves bytes.",
     "Connect its input to the readers of its output, or drop the layer in the training code and export again."},
    {"transpose-pair", "Two transposes in a row put the dimensions back where they were; both only move bytes.",
     "Remove both. They usually come from a converter that changes the layout around one operator: export in the "
     "layout of the runtime."},
    {"quantize-dequantize-pair",
     "A tensor is dequantised and at once quantised again with the same scale and zero point: the result is the same "
     "bytes.",
     "Connect the quantised tensor to the readers of the second operator, or quantise the operators between which the "
     "pair stands."},
    {"dynamic-shape",
     "A dimension is left open, and the file states no shape to take instead. The Edge TPU's compiler and the NCS2's "
     "plugin need every dimension fixed, runtimes "
     "plan memory anew when it changes, and no figure can be stated for the operators behind it.",
     "Fix the dimension when the model is exported, usually a batch of 1."},
    {"custom-operator",
     "The operator is outside its format's own set: a runtime runs the model only with the matching implementation "
     "registered, and accelerators do not take it.",
     "Cut the model before the operator and compute the rest in the application, or express it by standard operators."},
    {"padding-bytes", "More than a twentieth of the file is alignment and unused bytes.",
     "Write the file again with its format's own library; nothing refers to these bytes."},
    {"predictions-differ",
     "On the same inputs this runtime's outputs lie far from the reference runtime's, so at least one of the two does "
     "not compute what the model was made for. Older runtimes are known to pass over what they do not know, such as "
     "scales by channel in fully connected operators.",
     "Hold both against inputs whose answers are known before trusting either, and deploy on one that is right."},
    {"edgetpu-refused",
     "Its transfers are not fully determined by the file, and Coral's runtime refuses such a model when it is loaded "
     "(\"must have fully deterministic DMA hints\").",
     "Compile a model without the operator that has control flow, mostly a recurrent layer: unroll it, or run it on "
     "the CPU."},
    {"edgetpu-streamed-with-room",
     "Parameters are sent again at every inference although the chip has room for as many bytes. The compiler caches "
     "whole "
     "layers or nothing; each block of 64 outputs must fit into one of 16 tiles, whatever is free in the others; and a "
     "constant "
     "in the place of an activation is never cached.",
     "Fold constants that are added, multiplied or packed into weights or biases; write a fully connected layer of "
     "many inputs as "
     "several smaller ones or as a 1x1 convolution; then compile again."},
    {"edgetpu-streamed-no-room",
     "The parameters exceed what the chip keeps, so the rest is sent again at every inference.",
     "Use fewer or narrower layers, or let the compiler split the model over several sticks (its option "
     "--num_segments), so that "
     "each keeps its part."},
    {"edgetpu-lost-share",
     "The model was compiled together with others, which share the chip's memory, and others got the part that it "
     "would have "
     "needed. The order on the compiler's command line decides who is served first.",
     "Name the model that runs most often first when compiling them together, or compile it alone where the others "
     "seldom run."},
    {"edgetpu-instructions",
     "The program itself is sent again at every inference, and here it is larger than all data that it works on.",
     "Make fewer operators do more: join layers, put several inputs into one inference. Another version of the "
     "compiler may also "
     "write a shorter program for the same network."},
    {"edgetpu-output-dominates",
     "Bytes that come back from the device cost about ten times what bytes to it cost, and here they take longer than "
     "all that "
     "is sent.",
     "Return less: do the reduction (arg max, pooling, fewer classes, a smaller map) on the device, or leave out "
     "outputs that "
     "nobody reads."},
    {"edgetpu-output-padding",
     "Outputs come back in the chip's own layout, the innermost dimension padded to a multiple of four or more, and "
     "the host "
     "throws the padding away.",
     "Give outputs a longer innermost dimension: put values of one place together, or the batch last."},
    {"edgetpu-scratch",
     "Activations do not fit into the chip's memory, so they are written to the host and read back at every inference.",
     "Make the widest activations smaller: a lower input resolution, fewer channels before the first strides, or a cut "
     "of the "
     "network at that place."},
    {"edgetpu-input-again",
     "Parts of the input are sent more than once, because the chip works on overlapping pieces of an input that it "
     "cannot hold.",
     "Use a smaller input, or let the first layer have a larger stride."},
    {"edgetpu-narrow-layers",
     "The chip's memory has rows of 64 outputs by 4 inputs; layers with fewer outputs leave the rest of each row "
     "empty.",
     "Make output channels a multiple of 64 where parameters do not fit; where all are cached it costs nothing at run "
     "time."},
    {"edgetpu-inflated-layers",
     "The compiled file holds these layers at several times their size: blocks are padded to full rows, and a few "
     "outputs on very "
     "many inputs are padded most.",
     "Use more outputs a layer, in multiples of 64, or join several such layers into one."},
    {"does-not-compile", "The vendor's compiler will refuse the model as it is, so nothing of it runs on the device.",
     "Mend what it names; the other findings are of the model as it would be then."},
    {"nothing-mapped", "The model compiles, but no operator of it can run on the device: all of it stays on the CPU.",
     "Quantise the whole model to int8 with inputs and outputs included, and look at the operators' reasons one by "
     "one."},
    {"cpu-head",
     "Operators before the device's part run on the CPU, and what they make is sent to the device at every inference.",
     "Where they only convert the input, have the application hand over bytes in the model's own scale."},
    {"cpu-hole",
     "Operators between two parts of the device run on the CPU: tensors come back, go out again, and the device is "
     "called once more "
     "at every inference.",
     "Replace them by operators that the device has, or move them behind its last part."},
    {"cpu-tail",
     "From here on the model runs on the CPU: the compiler makes one part for the device, and what needs a result of "
     "the CPU cannot "
     "be in it.",
     "Replace the operator that ends it, or leave only cheap operators behind it."},
    {"edgetpu-several-subgraphs",
     "The model is compiled into several Edge TPU operators. Each is a call of its own with its own floor, and the "
     "compiler gives "
     "up on what does not follow in one piece.",
     "Remove the operators between them, so that the compiler maps one piece."},
    {"edgetpu-tokens-alternate",
     "Models with different caching tokens take turns on one stick. The driver keeps parameters for one token only: at "
     "each "
     "switch it drops them and sends all cached parameters of the next model again.",
     "Compile the models together, in one call of the compiler, so that they share the cache; or give each a stick of "
     "its own."},
    {"edgetpu-rows-overlap",
     "Models with one caching token lie in the same rows of the chip's memory. The driver looks at the token only and "
     "takes them "
     "for neighbours: on one stick each overwrites the other's parameters.",
     "Run them on sticks of their own, as pipeline segments are meant to be."},
    {"edgetpu-not-compiled",
     "By its name, or as it was given, it is a model compiled for the Edge TPU, but it holds no Edge TPU operator: all "
     "of it "
     "runs on the CPU.",
     "Compile it with edgetpu_compiler and deploy the file that this writes; look into the compiler's log for what it "
     "refused."},
    {"edgetpu-constant-activation",
     "Constants where the Edge TPU expects an activation are never kept on the chip: they are sent at every inference, "
     "however much "
     "room there is.",
     "Move them to where weights belong."},
    {"edgetpu-block-too-large",
     "One block of up to 64 outputs of a fully connected layer has to lie in one of the 16 tiles, and here it is "
     "higher than a tile: "
     "it streams although the chip is almost empty. The compiler's \"remaining\" is a sum over tiles.",
     "Give the layer fewer inputs, or make it a convolution."},
    {"edgetpu-tile-full",
     "The tile that a block of this layer has to go to is full while others have room, so the whole layer streams. The "
     "compiler's "
     "\"remaining\" is a sum over tiles.",
     "Make the blocks lower or spread them over more tiles."},
    {"edgetpu-tiles-full",
     "These layers take more than what is left of the chip's memory, so they are sent at every inference.",
     "Make the model smaller, or fill the last block of 64 channels of its layers. Where several models share a stick, "
     "`edgescope compile --plan` tries every order and grouping of them."},
    {"edgetpu-hidden-matrix",
     "The compiler adds a matrix that the source model does not have, because sizes are not a multiple of 4: it takes "
     "room among the "
     "parameters.",
     "Use a multiple of 4: channels before a flatten or a concatenation, classes of a softmax."},
    {"ncs2-query-differs",
     "Asked what it supports (QueryNetwork), the plugin says the opposite of what its compiler does: by that answer "
     "HETERO "
     "leaves to the CPU what would compile, or hands over what fails.",
     "Do not rely on HETERO:MYRIAD,CPU here: set the affinities by hand, or rewrite what fails."},
    {"ncs2-hetero-hole",
     "HETERO leaves these operators, between two parts of the device, to the CPU: tensors come back and go out again, "
     "and the device is called once more at every inference.",
     "Replace them by operators that the plugin claims and compiles, or compile the whole network for MYRIAD alone "
     "where only the query is against it."},
    {"ncs2-stage-a-row",
     "A fully connected layer of several rows is compiled into a stage for each row, every one of which reads all "
     "weights again.",
     "`edgescope fix MODEL --target ncs2 -o OUT.xml` writes it as a 1x1 convolution with the rows as an image's width. "
     "Or run the rows as inferences of their own."},
    {"ncs2-pad",
     "Stages that only pad before convolutions or poolings: the accelerator pads all sides alike, and these are padded "
     "on some only, as TensorFlow's SAME does where the stride is 2.",
     "Pad all sides alike in the network's code (PyTorch's padding=1 for a 3x3 kernel) and train it so; other weights' "
     "results shift by a pixel."},
    {"ncs2-half-constants",
     "The device computes in 16-bit floats, which do not hold all values of this constant: thresholds move, large "
     "values "
     "become infinite, small ones zero.",
     "Scale the inputs or the weights so that values lie between 1e-4 and 65,504, and compare the predictions before "
     "and "
     "after."},
    {"ncs2-half-overflow",
     "On the inputs that were given, values between the operators are larger than 65,504, the largest of 16-bit "
     "floats: on the device they become infinite, and what follows is infinite or no number.",
     "Scale the inputs (`mo --scale`) or the weights before it down."},
    {"ncs2-half-rounding",
     "On the inputs that were given, all values at this place are too small for 16-bit floats, or whole numbers of "
     "which those beyond 2,048 are not all held.",
     "Scale what comes before it, and keep counters and indices as integers."},
    {"ncs2-half-decisions",
     "Comparisons come out differently when their operands are rounded to 16-bit floats: a value and the threshold "
     "that it is held against fall together, or change places.",
     "Scale features so that thresholds lie apart, or compare ranks (integers up to 2,048 are exact)."},
    {"ncs2-convert",
     "The device computes in 16-bit floats, and a stage of its own converts what comes or goes in another type.",
     "Give the inputs and take the outputs as FP16: `edgescope compile MODEL --target ncs2 --half-ends` makes a blob "
     "that does, and a program sets the precision of the network's inputs and outputs."},
    {"ncs2-copy",
     "The compiler inserted stages that only copy, because a stage's result does not lie in the memory or in the order "
     "that the next one needs.",
     "Compile for one stream (MYRIAD_THROUGHPUT_STREAMS=1), which leaves more of the fast memory to the network, and "
     "compare the count."},
    {"ncs2-convolution-on-shave",
     "Convolutions run on the SHAVE processors instead of the hardware accelerator, which takes neither dilated ones, "
     "nor large kernels, nor three dimensions.",
     "MYRIAD_HW_DILATION=YES brings dilated ones to the accelerator; replace large kernels by several small ones; look "
     "whether MYRIAD_ENABLE_HW_ACCELERATION is off."},
    {"ncs2-part-of-the-device",
     "The network is compiled to use a part of the device, so that several inferences can run at the same time (two by "
     "default): one at a time leaves the rest idle.",
     "Where one inference at a time is what counts, compile with MYRIAD_THROUGHPUT_STREAMS=1; else keep two requests "
     "in "
     "flight."},
};

std::string joined(std::string_view general, std::string_view here) {
  std::string text(general);
  if (!text.empty() && !here.empty()) text += ' ';
  return text.append(here);
}

void write(base::JsonWriter& json, const Finding& finding) {
  json.begin_object();
  json.member("id", finding.kind->id);
  json.member("where", finding.where);
  json.member("subgraph", finding.subgraph);
  for (const auto& [name, list] :
       {std::pair("operators", &finding.operators), std::pair("tensors", &finding.tensors)}) {
    if (list->empty()) continue;
    json.key(name);
    json.begin_array();
    for (int index : *list) json.value(index);
    json.end_array();
  }
  json.key("cost");
  json.begin_object();
  json.member("bytes", finding.cost.bytes);
  json.key("us");
  if (const auto& interval = finding.cost.microseconds) {
    json.begin_array();
    json.value(interval->first);
    json.value(interval->second);
    json.end_array();
  } else {
    json.value(nullptr);
  }
  json.member("basis", basis_name(finding.cost.basis));
  json.end_object();
  json.member("why", joined(finding.kind->why, finding.why_here));
  json.member("remedy", joined(finding.kind->remedy, finding.remedy_here));
  json.end_object();
}

}  // namespace

std::string_view basis_name(Basis basis) {
  switch (basis) {
    case Basis::Exact:
      return "exact";
    case Basis::Measured:
      return "measured";
    case Basis::Predicted:
      return "predicted";
    case Basis::Published:
      return "published";
  }
  return "exact";
}

std::span<const FindingKind> finding_catalogue() { return kCatalogue; }

const FindingKind& finding_kind(std::string_view id) {
  const auto* kind =
      std::find_if(std::begin(kCatalogue), std::end(kCatalogue), [&](const FindingKind& k) { return k.id == id; });
  assert(kind != std::end(kCatalogue));
  return *kind;
}

void write_findings(base::JsonWriter& json, std::span<const Finding> findings) {
  json.begin_array(base::JsonWriter::Layout::Lines);
  for (const Finding& finding : findings) write(json, finding);
  json.end_array();
}

base::Json findings_json(std::span<const Finding> findings) {
  base::JsonWriter json;
  write_findings(json, findings);
  return base::Json::parse(std::move(json).take());
}

}  // namespace edgescope::analysis
