// ONNX models that are a tree ensemble: TreeEnsembleClassifier and TreeEnsembleRegressor of ai.onnx.ml 1 to 3,
// TreeEnsemble of 5, and the nodes that exporters write around it. Where the specification leaves open what a
// binary classifier with weights for one class answers, ONNX Runtime's reading (1.32) is taken.
//
// Around the ensemble are understood: in front of it what chooses columns and what scales them (onnx_rows.h); behind
// its scores Cast, Identity, the changes of shape that keep the order, arithmetic with constants, Normalizer, Exp,
// Sigmoid, Softmax, ZipMap, ArgMax and what chooses columns; behind labels those that map them
// (ArrayFeatureExtractor, LabelEncoder). Several ensembles that are added, averaged or put side by side are one
// (combine.h). Any other operator is an error that names it.
#pragma once

#include "format/forest/ensemble.h"
#include "graph/model.h"

namespace edgescope::forest {

// Whether the main graph has an operator that is a tree ensemble.
bool has_trees(const graph::Model& model);

base::Result<Ensemble> read_onnx(const graph::Model& model);

// The operator alone: what it says of itself. `input` is the type of its rows.
base::Result<Ensemble> read_onnx_trees(const graph::Model& model, const graph::Operator& op, graph::ElementType input);

}  // namespace edgescope::forest
