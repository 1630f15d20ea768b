#!/usr/bin/env python3
"""Trains the example forests on real data and writes each with rows that it was not trained on and what its library
predicts for them.

    scripts/setup.sh venv train && .venv-train/bin/python examples/forests/train.py

scikit-learn's forests go through Treelite's checkpoint, which keeps float64 thresholds and leaves. They are built
node by node: Treelite's own import divides each leaf by its sum, which is not quite 1, so that predictions would
differ from scikit-learn's in the last bit.
"""

import pathlib

import lightgbm
import numpy as np
import treelite
import xgboost
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_wine
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import train_test_split
from treelite.model_builder import Metadata, ModelBuilder, PostProcessorFunc, TreeAnnotation

HERE = pathlib.Path(__file__).parent
SEED = 20260726


def checkpoint(forest):
    """A RandomForestClassifier as Treelite's bytes: `x <= threshold` goes left, leaves are the trees' own numbers."""
    classes, trees = forest.n_classes_, len(forest.estimators_)
    builder = ModelBuilder(
        threshold_type="float64", leaf_output_type="float64",
        metadata=Metadata(num_feature=forest.n_features_in_, task_type="kMultiClf", average_tree_output=True,
                          num_target=1, num_class=[int(classes)], leaf_vector_shape=(1, int(classes))),
        tree_annotation=TreeAnnotation(num_tree=trees, target_id=[0] * trees, class_id=[-1] * trees),
        postprocessor=PostProcessorFunc(name="identity_multiclass"), base_scores=[0.0] * int(classes))
    for estimator in forest.estimators_:
        tree = estimator.tree_
        builder.start_tree()
        for node in range(tree.node_count):
            builder.start_node(node)
            if tree.children_left[node] < 0:
                builder.leaf(tree.value[node, 0].tolist())
            else:
                builder.numerical_test(feature_id=int(tree.feature[node]), threshold=float(tree.threshold[node]),
                                       default_left=bool(tree.missing_go_to_left[node]), opname="<=",
                                       left_child_key=int(tree.children_left[node]),
                                       right_child_key=int(tree.children_right[node]))
            builder.end_node()
        builder.end_tree()
    return builder.commit().serialize_bytes()


def save(name, rows, predictions, score):
    np.save(HERE / f"{name}.rows.npy", np.ascontiguousarray(rows))
    np.save(HERE / f"{name}.predictions.npy", np.asarray(predictions, dtype=np.float64))
    print(f"{name}: {score}")


def split(data, **rest):
    return train_test_split(data.data, data.target, test_size=0.25, random_state=SEED, **rest)


def random_forest(name, data, trees, depth):
    x, test, y, labels = split(data, stratify=data.target)
    forest = RandomForestClassifier(trees, max_depth=depth, random_state=SEED).fit(x, y)
    rows = test.astype(np.float32)  # to which scikit-learn rounds them anyhow
    (HERE / f"{name}.treelite").write_bytes(checkpoint(forest))
    save(name, rows, forest.predict_proba(rows), f"accuracy {forest.score(rows, labels):.4f}")


def light_gbm():
    x, test, y, values = split(load_diabetes(scaled=False))
    booster = lightgbm.train({"objective": "regression", "num_leaves": 15, "learning_rate": 0.08, "min_data_in_leaf": 12,
                              "verbose": -1, "seed": SEED, "deterministic": True, "num_threads": 1},
                             lightgbm.Dataset(x, y, feature_name=load_diabetes().feature_names), 60)
    booster.save_model(HERE / "diabetes.txt")
    predictions = lightgbm.Booster(model_file=HERE / "diabetes.txt").predict(test, num_threads=1)
    error = np.abs(predictions - values).mean()
    save("diabetes", test, predictions, f"mean absolute error {error:.1f}, of a constant {np.abs(y.mean() - values).mean():.1f}")


def xg_boost():
    data = load_wine()
    x, test, y, labels = split(data, stratify=data.target)
    x, rows = x.astype(np.float32), test.astype(np.float32)
    model = xgboost.XGBClassifier(n_estimators=20, max_depth=4, learning_rate=0.3, random_state=SEED, n_jobs=1).fit(x, y)
    model.get_booster().feature_names = [name.replace("/", "_") for name in data.feature_names]
    model.save_model(HERE / "wine.ubj")
    model.get_booster().feature_names = None
    save("wine", rows, model.predict_proba(rows), f"accuracy {model.score(rows, labels):.4f}")


if __name__ == "__main__":
    random_forest("breast_cancer", load_breast_cancer(), 20, 6)
    random_forest("digits", load_digits(), 50, 7)
    light_gbm()
    xg_boost()
