// A user's own inputs, from files, as a network takes them.
//
// An array of NumPy's (.npy of float32, float64 or uint8) holds real numbers, which a quantised input gets in its own
// steps; but uint8 numbers for a uint8 input are its bytes, as images come. An archive of arrays (.npz of numpy.savez)
// names its inputs, compressed or not. A PNG, JPEG or BMP is a picture (image_inputs.h); of several for a network's
// only input each is a row. Any other file is the input's raw bytes. Each holds one row or several.
#pragma once

#include <string>
#include <vector>

#include "analysis/image_inputs.h"
#include "analysis/respondent.h"

namespace edgescope::analysis {

struct InputFile {
  std::string name;  // of the input; empty: the first that nothing is for yet
  std::string path;
};

base::Result<Inputs> given_inputs(const std::vector<runtime::Port>& ports, const std::vector<InputFile>& files,
                                  const ImageOptions& images = {});

}  // namespace edgescope::analysis
