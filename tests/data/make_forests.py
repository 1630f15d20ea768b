"""Trains small tree ensembles with the libraries whose files are read, and writes beside each its rows and what its
library predicts for them. The files are committed; this is how they came about.

    scripts/setup.sh venv train && .venv-train/bin/python tests/data/make_forests.py
    scripts/setup.sh venv train3 && .venv-train3/bin/python tests/data/make_forests.py xgboost3

NAME.json, NAME.txt, ... is the model, NAME.rows.npy float32 or float64 [rows, features], NAME.expected.npy float64
[rows, columns]. Files named refused_* hold what is not supported.
"""
import json
import pathlib
import sys
import warnings

import numpy as np

warnings.filterwarnings("ignore")
FOLDER = pathlib.Path(__file__).parent
RANDOM = np.random.RandomState(7)
FEATURES = 4
X = RANDOM.randn(240, FEATURES).astype(np.float32)
Y = X[:, 0] + X[:, 1] ** 2 + 0.3 * X[:, 2] * X[:, 3]
BINARY = (Y > 1).astype(int)
CLASSES = np.digitize(Y, [0.3, 1.5])
POSITIVE = np.abs(Y) + 0.01
HOLES = X.copy()
HOLES[RANDOM.rand(*X.shape) < 0.15] = np.nan
ZEROS = X.copy()
ZEROS[RANDOM.rand(*X.shape) < 0.3] = 0
CATEGORIES = X.copy()
CATEGORIES[:, 1] = RANDOM.randint(0, 7, len(X))
CATEGORIES[:, 2] = RANDOM.randint(0, 70, len(X))
CATEGORIES[::9, 1] = np.nan
CATEGORY_Y = X[:, 0] + (CATEGORIES[:, 1] % 3 == 0) + (CATEGORIES[:, 2] % 5 < 2)


def rows(thresholds, dtype, infinite=True, categories=False):
    """Random rows; rows on thresholds and a unit in the last place beside them; numbers that are none."""
    thresholds = np.unique(np.asarray(thresholds, dtype=dtype))
    thresholds = thresholds[np.isfinite(thresholds)]
    values = np.concatenate([thresholds, np.nextafter(thresholds, dtype(-np.inf)), np.nextafter(thresholds, dtype(np.inf)),
                             np.array([np.nan, 0, -0.0, 1e-36, -1e-36, 1e-34, 1e30, -1e30], dtype=dtype)])
    if infinite:
        values = np.append(values, np.array([np.inf, -np.inf], dtype=dtype))
    random = np.random.RandomState(3)
    out = random.choice(values, (48, FEATURES)).astype(dtype)
    out[:16] = random.randn(16, FEATURES)
    if categories:
        for column, most in ((1, 9), (2, 75)):
            out[:, column] = random.randint(0, most, len(out))
        odd = [np.nan, -1, -0.5, 0.5, 3.99, 1e9, 16777216, 4294967296]
        out[20:28, 1] = odd
        out[28:36, 2] = odd
    return out


def save(folder, name, write, x, expected):
    target = FOLDER / folder
    target.mkdir(exist_ok=True)
    write(target / name)
    if x is None:
        return
    stem = pathlib.Path(name).stem
    expected = np.asarray(expected, dtype=np.float64)
    np.save(target / f"{stem}.rows.npy", np.ascontiguousarray(x))
    np.save(target / f"{stem}.expected.npy", np.ascontiguousarray(expected.reshape(len(x), -1)))


def two_columns(p):
    """As the libraries' classifiers answer."""
    return np.stack([np.ones(1, p.dtype) - p, p], 1)


# --- XGBoost -------------------------------------------------------------------------------------------------------


def xgboost_thresholds(booster):
    model = json.loads(bytes(booster.save_raw("json")).decode().replace("NaN", "0"))
    gradient = model["learner"]["gradient_booster"]
    trees = gradient.get("gbtree", gradient)["model"]["trees"]
    return [c for t in trees for c, left in zip(t["split_conditions"], t["left_children"]) if left != -1]


def xgboost_one(name, objective, y, x=HOLES, rounds=3, types=None, binary=False, **parameters):
    import xgboost as xgb

    data = xgb.DMatrix(x, y, feature_types=types, enable_categorical=types is not None)
    parameters = {"max_depth": 3, "learning_rate": 0.5, "objective": objective, **parameters}
    if objective == "survival:aft":
        data = xgb.DMatrix(x)
        data.set_float_info("label_lower_bound", y)
        data.set_float_info("label_upper_bound", y + 0.5)
    booster = xgb.train(parameters, data, rounds)
    test = rows(xgboost_thresholds(booster), np.float32, infinite=False, categories=types is not None)
    p = booster.predict(xgb.DMatrix(test, feature_types=types, enable_categorical=types is not None))
    save("xgboost", name, lambda path: booster.save_model(path), test, two_columns(p) if binary else p)


def xgboost_files():
    for suffix in ("json", "ubj"):
        xgboost_one(f"squared_error_{suffix}.{suffix}", "reg:squarederror", Y)
    xgboost_one("logistic.ubj", "binary:logistic", BINARY, binary=True, base_score=0.3)
    xgboost_one("hinge.json", "binary:hinge", BINARY, binary=True)
    xgboost_one("logit_raw.json", "binary:logitraw", BINARY)
    xgboost_one("softprob.json", "multi:softprob", CLASSES, num_class=3, num_parallel_tree=2, subsample=0.7)
    xgboost_one("softmax.ubj", "multi:softmax", CLASSES, num_class=3)
    xgboost_one("dart.json", "reg:squarederror", Y, booster="dart", rate_drop=0.5, rounds=6, seed=3)
    for objective in ("reg:logistic", "reg:squaredlogerror", "reg:pseudohubererror", "reg:absoluteerror"):
        xgboost_one(objective.replace(":", "_") + ".json", objective, np.clip(POSITIVE, 0, 1), max_depth=2)
    xgboost_one("reg_quantileerror.json", "reg:quantileerror", Y, max_depth=2, quantile_alpha=0.7)
    for objective in ("reg:gamma", "reg:tweedie", "count:poisson", "survival:cox", "survival:aft"):
        xgboost_one(objective.replace(":", "_") + ".json", objective, POSITIVE, max_depth=2)
    types = ["float", "c", "c", "float"]
    for suffix in ("json", "ubj"):
        xgboost_one(f"categories_{suffix}.{suffix}", "reg:squarederror", CATEGORY_Y, CATEGORIES, types=types,
                    max_cat_to_onehot=4)
    targets = np.stack([Y, X[:, 0] * X[:, 1]], 1)
    xgboost_one("two_targets.json", "reg:squarederror", targets)
    xgboost_one("vector_leaves.ubj", "reg:squarederror", targets, multi_strategy="multi_output_tree")

    import xgboost as xgb

    linear = xgb.train({"booster": "gblinear", "updater": "coord_descent"}, xgb.DMatrix(X, Y), 2)
    save("xgboost", "refused_gblinear.json", lambda path: linear.save_model(path), None, None)


def xgboost3_files():
    """Files of version 3, which writes base scores as lists."""
    xgboost_one("version3_logistic.json", "binary:logistic", BINARY, binary=True)
    xgboost_one("version3_softprob.ubj", "multi:softprob", CLASSES, num_class=3)
    xgboost_one("version3_poisson.json", "count:poisson", POSITIVE, max_depth=2)
    xgboost_one("version3_two_targets.json", "reg:squarederror", np.stack([Y, X[:, 0] * X[:, 1]], 1))
    xgboost_one("version3_categories.ubj", "reg:squarederror", CATEGORY_Y, CATEGORIES, types=["float", "c", "c", "float"],
                max_cat_to_onehot=4)


# --- LightGBM ------------------------------------------------------------------------------------------------------


def lightgbm_thresholds(booster):
    def walk(node):
        if "threshold" in node:
            if not isinstance(node["threshold"], str):
                yield node["threshold"]
            yield from walk(node["left_child"])
            yield from walk(node["right_child"])

    return [t for tree in booster.dump_model()["tree_info"] for t in walk(tree["tree_structure"])]


def lightgbm_one(name, objective, y, x=X, rounds=3, binary=False, categories="auto", group=None, **parameters):
    import lightgbm as lgb

    data = lgb.Dataset(x.astype(np.float64), y, categorical_feature=categories, group=group)
    booster = lgb.train({"objective": objective, "num_leaves": 6, "min_data_in_leaf": 8, "verbose": -1, "learning_rate": 0.4,
                         "deterministic": True, "num_threads": 1, **parameters}, data, rounds)
    test = rows(lightgbm_thresholds(booster), np.float64, categories=categories != "auto")
    # What the file says: in memory a binary random forest answers otherwise than after it was saved.
    p = lgb.Booster(model_str=booster.model_to_string()).predict(test, num_threads=1)
    save("lightgbm", name, lambda path: booster.save_model(path), test, two_columns(p) if binary else p)


def lightgbm_files():
    lightgbm_one("regression.txt", "regression", Y)
    lightgbm_one("nan.txt", "regression", Y, HOLES)
    lightgbm_one("zero_as_missing.txt", "regression", Y, ZEROS, zero_as_missing=True)
    lightgbm_one("no_missing.txt", "regression", Y, X, use_missing=False)
    lightgbm_one("sqrt.txt", "regression", Y * 3, reg_sqrt=True)
    lightgbm_one("binary.txt", "binary", BINARY, binary=True, sigmoid=0.7)
    lightgbm_one("multiclass.txt", "multiclass", CLASSES, num_class=3)
    lightgbm_one("one_versus_all.txt", "multiclassova", CLASSES, num_class=3)
    for objective in ("regression_l1", "huber", "fair", "quantile", "mape", "poisson", "gamma", "tweedie"):
        lightgbm_one(f"{objective}.txt", objective, POSITIVE, rounds=2, num_leaves=4)
    for objective in ("cross_entropy", "cross_entropy_lambda"):
        lightgbm_one(f"{objective}.txt", objective, np.clip(POSITIVE, 0, 1), rounds=2, num_leaves=4)
    for objective in ("lambdarank", "rank_xendcg"):
        lightgbm_one(f"{objective}.txt", objective, CLASSES, rounds=2, num_leaves=4, group=[40] * 6)
    forest = {"boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.6, "rounds": 5}
    lightgbm_one("rf_binary.txt", "binary", BINARY, binary=True, **forest)
    lightgbm_one("rf_regression.txt", "regression", Y, **forest)
    lightgbm_one("rf_multiclass.txt", "multiclass", CLASSES, num_class=3, **forest)
    lightgbm_one("dart.txt", "regression", Y, boosting="dart", drop_rate=0.6, rounds=6)
    lightgbm_one("categories.txt", "regression", CATEGORY_Y, CATEGORIES, categories=[1, 2], min_data_per_group=5,
                 cat_smooth=1, max_cat_to_onehot=2)
    lightgbm_one("single_leaf.txt", "regression", Y, min_data_in_leaf=500)
    lightgbm_one("refused_linear.txt", "regression", Y, linear_tree=True)
    for part in ("rows", "expected"):
        (FOLDER / "lightgbm" / f"refused_linear.{part}.npy").unlink()


# --- Treelite ------------------------------------------------------------------------------------------------------


def treelite_thresholds(model):
    return [n["threshold"] for t in json.loads(model.dump_as_json())["trees"] for n in t["nodes"] if "threshold" in n]


def treelite_save(name, model, expected=None, categories=False, binary=False, dtype=np.float64):
    import treelite

    test = rows(treelite_thresholds(model), dtype, categories=categories)
    if expected is None:
        p = treelite.gtil.predict(model, test, nthread=1).reshape(len(test), -1)
        if binary:
            p = two_columns(p[:, 0])
    else:
        # scikit-learn rounds its rows to float32 and takes no infinities.
        test = np.nan_to_num(test.astype(np.float32), posinf=1e30, neginf=-1e30)
        p = expected(test)
    save("treelite", name, lambda path: path.write_bytes(model.serialize_bytes()), test, p)


def built(op, postprocessor="identity", threshold_type="float64", num_class=1, task="kRegressor", average=False,
          set_right=False, **rest):
    """One or more trees of a categorical and two numerical tests."""
    from treelite.model_builder import (Metadata, ModelBuilder, PostProcessorFunc, TreeAnnotation)

    outputs = max(num_class, 1)
    builder = ModelBuilder(
        threshold_type=threshold_type, leaf_output_type=threshold_type,
        metadata=Metadata(num_feature=FEATURES, task_type=task, average_tree_output=average, num_target=1,
                          num_class=[num_class], leaf_vector_shape=(1, 1)),
        tree_annotation=TreeAnnotation(num_tree=2 * outputs, target_id=[0] * (2 * outputs),
                                       class_id=[i % outputs for i in range(2 * outputs)]),
        postprocessor=PostProcessorFunc(name=postprocessor, **rest),
        base_scores=[0.25 * k for k in range(outputs)])
    for i in range(2 * outputs):
        builder.start_tree()
        builder.start_node(0)
        builder.numerical_test(feature_id=0, threshold=0.1 + i, default_left=i % 2 == 0, opname=op, left_child_key=1,
                               right_child_key=2)
        builder.end_node()
        builder.start_node(1)
        builder.categorical_test(feature_id=1, default_left=i % 2 == 1, category_list=[0, 1, 3, 6],
                                 category_list_right_child=set_right, left_child_key=3, right_child_key=4)
        builder.end_node()
        builder.start_node(2)
        builder.numerical_test(feature_id=3, threshold=-0.3, default_left=False, opname=op, left_child_key=5,
                               right_child_key=6)
        builder.end_node()
        for key in range(3, 7):
            builder.start_node(key)
            builder.leaf((key - 4.3) * 0.37 + i / 7)
            builder.end_node()
        builder.end_tree()
    return builder.commit()


def treelite_files():
    import lightgbm as lgb
    import treelite
    import xgboost as xgb
    from sklearn import ensemble

    small = {"n_estimators": 4, "max_depth": 3, "random_state": 0}
    for name, kind, y in (("rf_binary", "RandomForestClassifier", BINARY), ("rf_classes", "RandomForestClassifier", CLASSES),
                          ("extra_trees", "ExtraTreesClassifier", CLASSES),
                          ("gradient_boosting", "GradientBoostingClassifier", BINARY),
                          ("gradient_boosting_classes", "GradientBoostingClassifier", CLASSES)):
        trained = getattr(ensemble, kind)(**small).fit(X, y)
        model = treelite.sklearn.import_model(trained)
        if kind.startswith("Gradient"):
            treelite_save(f"{name}.treelite", model, binary=y is BINARY)
        else:
            treelite_save(f"{name}.treelite", model, trained.predict_proba)
    two = np.stack([Y, X[:, 0] * X[:, 1]], 1)
    regressor = ensemble.RandomForestRegressor(**small).fit(X, Y)
    treelite_save("rf_regressor.treelite", treelite.sklearn.import_model(regressor), regressor.predict)
    treelite_save("rf_two_targets.treelite", treelite.sklearn.import_model(ensemble.RandomForestRegressor(**small).fit(X, two)))
    classes = np.stack([BINARY, CLASSES], 1)
    treelite_save("rf_two_classifications.treelite",
                  treelite.sklearn.import_model(ensemble.RandomForestClassifier(**small).fit(X, classes)))
    isolation = ensemble.IsolationForest(n_estimators=4, random_state=0, max_samples=16).fit(X)
    treelite_save("isolation_forest.treelite", treelite.sklearn.import_model(isolation))
    histogram = ensemble.HistGradientBoostingClassifier(max_iter=3, max_depth=3, random_state=0).fit(HOLES, BINARY)
    treelite_save("histogram_boosting.treelite", treelite.sklearn.import_model(histogram), binary=True)
    boosted = xgb.train({"objective": "binary:logistic", "max_depth": 3}, xgb.DMatrix(HOLES, BINARY), 3)
    treelite_save("xgboost.treelite", treelite.frontend.from_xgboost(boosted), binary=True, dtype=np.float32)
    light = lgb.train({"objective": "regression", "verbose": -1, "num_leaves": 5, "min_data_per_group": 5},
                      lgb.Dataset(CATEGORIES.astype(np.float64), CATEGORY_Y, categorical_feature=[1, 2]), 3)
    treelite_save("lightgbm.treelite", treelite.frontend.from_lightgbm(light), categories=True)

    for op, word in (("<", "less"), ("<=", "less_equal"), ("==", "equal"), (">", "greater"), (">=", "greater_equal")):
        treelite_save(f"op_{word}.treelite", built(op, set_right=op[0] == ">"), categories=True)
    treelite_save("float32.treelite", built("<=", threshold_type="float32"), categories=True, dtype=np.float32)
    treelite_save("average.treelite", built("<", average=True), categories=True)
    for name, arguments in (("signed_square", {}), ("hinge", {}), ("sigmoid", {"sigmoid_alpha": 2.5}), ("exponential", {}),
                            ("exponential_standard_ratio", {"ratio_c": 1.7}), ("logarithm_one_plus_exp", {})):
        treelite_save(f"post_{name}.treelite", built("<", name, **arguments), categories=True)
    for name, arguments in (("identity_multiclass", {}), ("softmax", {}), ("multiclass_ova", {"sigmoid_alpha": 1.5})):
        treelite_save(f"post_{name}.treelite", built("<", name, num_class=3, task="kMultiClf", **arguments), categories=True)


# --- ONNX ----------------------------------------------------------------------------------------------------------


def onnx_thresholds(model):
    import onnx

    values = []
    for node in model.graph.node:
        for attribute in node.attribute:
            if attribute.name in ("nodes_values", "nodes_values_as_tensor", "nodes_splits"):
                found = onnx.helper.get_attribute_value(attribute)
                values += list(onnx.numpy_helper.to_array(found) if hasattr(found, "data_type") else found)
    return values


def onnx_save(name, model, dtype=np.float32, categories=False, boundaries=(), columns=None):
    """`boundaries`: of the input, where the trees test something else. `columns`: outputs that are the result's columns."""
    import onnxruntime

    model.graph.name = pathlib.Path(name).stem  # onnxmltools gives another one each time
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    test = rows([*onnx_thresholds(model), *boundaries], dtype, categories=categories)
    answers = session.run(None, {session.get_inputs()[0].name: test})
    answer = np.stack(answers[columns], 1) if columns else answers[-1]
    if isinstance(answer, list):  # of ZipMap
        answer = [[row[key] for key in sorted(row)] for row in answer]
    save("onnx_trees", name, lambda path: path.write_bytes(model.SerializeToString()), test, answer)


def onnx_model(nodes, outputs, dtype, initializers=(), ml=3):
    from onnx import TensorProto, helper

    types = {"f": TensorProto.FLOAT, "d": TensorProto.DOUBLE, "i": TensorProto.INT64}
    graph = helper.make_graph(
        nodes, "trees", [helper.make_tensor_value_info("x", types[dtype], [None, FEATURES])],
        [helper.make_tensor_value_info(n, types[t], [None] * rank) for n, t, rank in outputs], list(initializers))
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18), helper.make_opsetid("ai.onnx.ml", ml)],
                             ir_version=9, producer_name="make_forests.py")


def nodes_of(count, modes, outputs, random):
    """Attributes of `count` trees with two levels, every mode in turn, and a tree of one leaf."""
    a = {k: [] for k in ("treeids", "nodeids", "featureids", "values", "modes", "truenodeids", "falsenodeids",
                         "missing_value_tracks_true")}
    w = {k: [] for k in ("treeids", "nodeids", "ids", "weights")}

    def node(tree, number, mode, on_true=0, on_false=0):
        for key, value in zip(a, (tree, number, random.randint(FEATURES) if mode != "LEAF" else 0,
                                  float(np.float32(random.randint(-4, 5) / 3)), mode, on_true, on_false, random.randint(2))):
            a[key].append(value)
        if mode == "LEAF":
            for output in outputs:
                for key, value in zip(w, (tree, number, output, float(np.float32(random.randn())))):
                    w[key].append(value)

    for tree in range(count):
        if tree == 1:
            node(tree, 5, "LEAF")
            continue
        # Numbers in no order, children before parents among them.
        node(tree, 10, modes[tree % len(modes)], 3, 4)
        node(tree, 7, "LEAF")
        node(tree, 3, modes[(tree + 1) % len(modes)], 7, 2)
        node(tree, 4, "LEAF")
        node(tree, 2, "LEAF")
    return a, w


def classic(kind, count, outputs, dtype="f", modes=None, tensors=False, classes=None, positive=False, **rest):
    """A TreeEnsembleClassifier or TreeEnsembleRegressor by hand."""
    from onnx import TensorProto, helper

    modes = modes or ["BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ"]
    nodes, weights = nodes_of(count, modes, outputs, np.random.RandomState(11))
    if positive:
        weights["weights"] = [abs(v) / 4 for v in weights["weights"]]
    prefix = "class" if kind == "Classifier" else "target"
    attributes = {f"nodes_{k}": v for k, v in nodes.items()}
    attributes.update({f"{prefix}_{k}": v for k, v in weights.items()})
    attributes.update(rest)
    if classes:
        attributes["classlabels_strings" if isinstance(classes[0], str) else "classlabels_int64s"] = classes
    else:
        attributes["n_targets"] = len(outputs)
    if tensors:
        random = np.random.RandomState(5)
        for name in ("nodes_values", f"{prefix}_weights", "base_values"):
            if name in attributes:
                exact = [v + random.randn() * 1e-9 for v in attributes.pop(name)]
                attributes[name + "_as_tensor"] = helper.make_tensor(name, TensorProto.DOUBLE, [len(exact)], exact)
    names = ["label", "y"] if classes else ["y"]
    return helper.make_node(f"TreeEnsemble{kind}", ["x"], names, domain="ai.onnx.ml", **attributes)


def onnx_version5(dtype, target_count=2):
    from onnx import TensorProto, helper

    kind, number = (TensorProto.DOUBLE, np.float64) if dtype == "d" else (TensorProto.FLOAT, np.float32)
    tensor = lambda name, values, t=kind: helper.make_tensor(name, t, [len(values)], values)
    # Three trees: comparisons 0 to 5, members (6), and a tree of one leaf.
    splits = [number(v) for v in (0.1, -0.3, 0.7, 0, 1 / 3, 0, -1, 0.2, 0)]
    return helper.make_node(
        "TreeEnsemble", ["x"], ["y"], domain="ai.onnx.ml", n_targets=target_count, aggregate_function=1, post_transform=0,
        tree_roots=[0, 3, 8],
        nodes_modes=tensor("modes", [0, 1, 2, 6, 3, 6, 4, 5, 0], TensorProto.UINT8),
        nodes_featureids=[0, 3, 0, 1, 3, 2, 0, 3, 0], nodes_splits=tensor("splits", splits),
        nodes_truenodeids=[1, 0, 2, 4, 4, 6, 7, 8, 10], nodes_falsenodeids=[2, 1, 3, 5, 5, 7, 6, 9, 10],
        nodes_trueleafs=[0, 1, 1, 0, 1, 0, 1, 1, 1], nodes_falseleafs=[0, 1, 1, 0, 1, 0, 1, 1, 1],
        nodes_missing_value_tracks_true=[1, 0, 1, 0, 1, 1, 0, 0, 0],
        membership_values=tensor("members", [0, 1, 3, 6, np.nan, 12, 4, 3, 7, np.nan]),
        leaf_targetids=[0, 1, 0, 0, 1, 0, 1, 0, 0, 1, 1],
        leaf_weights=tensor("weights", [number((k - 4) / 7) for k in range(11)]))


def onnx_files():
    import lightgbm as lgb
    import onnxmltools
    import xgboost as xgb
    from onnx import TensorProto, helper
    from onnxmltools.convert.common.data_types import FloatTensorType
    from skl2onnx import to_onnx
    from sklearn import ensemble, tree

    small = {"n_estimators": 4, "max_depth": 3, "random_state": 0}
    words = np.array(["low", "middle", "high"])[CLASSES]
    onnx_save("sklearn_rf_binary.onnx", to_onnx(ensemble.RandomForestClassifier(**small).fit(X, BINARY), X[:1]))
    onnx_save("sklearn_rf_words.onnx", to_onnx(ensemble.RandomForestClassifier(**small).fit(X, words), X[:1]))
    onnx_save("sklearn_rf_double.onnx", to_onnx(ensemble.RandomForestClassifier(**small).fit(X, CLASSES), X[:1].astype(float)),
              np.float64)
    onnx_save("sklearn_boosting.onnx", to_onnx(ensemble.GradientBoostingClassifier(**small).fit(X, BINARY), X[:1]))
    onnx_save("sklearn_boosting_classes.onnx", to_onnx(ensemble.GradientBoostingClassifier(**small).fit(X, CLASSES), X[:1]))
    onnx_save("sklearn_regressor.onnx", to_onnx(ensemble.RandomForestRegressor(**small).fit(X, Y), X[:1]))
    onnx_save("sklearn_tree.onnx", to_onnx(tree.DecisionTreeClassifier(max_depth=4, random_state=0).fit(X, CLASSES), X[:1], options={"zipmap": False}))
    kinds = [("X", FloatTensorType([None, FEATURES]))]
    light = {"n_estimators": 3, "num_leaves": 5, "verbose": -1}
    for name, objective, y in (("binary", "binary", BINARY), ("classes", "multiclass", CLASSES)):
        onnx_save(f"lightgbm_{name}.onnx", onnxmltools.convert_lightgbm(
            lgb.LGBMClassifier(objective=objective, **light).fit(X, y), initial_types=kinds))
    onnx_save("lightgbm_plain.onnx", onnxmltools.convert_lightgbm(lgb.LGBMClassifier(**light).fit(X, BINARY),
                                                                  initial_types=kinds, zipmap=False))
    onnx_save("lightgbm_poisson.onnx", onnxmltools.convert_lightgbm(
        lgb.LGBMRegressor(objective="poisson", **light).fit(X, POSITIVE), initial_types=kinds))
    onnx_save("lightgbm_categories.onnx", onnxmltools.convert_lightgbm(
        lgb.LGBMRegressor(min_data_per_group=5, **light).fit(np.nan_to_num(CATEGORIES), CATEGORY_Y, categorical_feature=[1]),
        initial_types=kinds), categories=True)
    boosted = {"n_estimators": 3, "max_depth": 3}
    onnx_save("xgboost_binary.onnx", onnxmltools.convert_xgboost(xgb.XGBClassifier(**boosted).fit(HOLES, BINARY), initial_types=kinds))
    onnx_save("xgboost_classes.onnx", onnxmltools.convert_xgboost(xgb.XGBClassifier(**boosted).fit(HOLES, CLASSES), initial_types=kinds))

    y1, y2, y3 = [("y", "f", 2)], [("label", "i", 1), ("y", "f", 2)], [("y", "d", 2)]
    hand = lambda name, node, outputs, dtype="f", more=(), initializers=(), ml=3: onnx_save(
        name, onnx_model([node, *more], outputs, dtype, initializers, ml), np.float64 if dtype == "d" else np.float32)
    hand("modes.onnx", classic("Regressor", 8, [0]), y1)
    hand("modes_double.onnx", classic("Regressor", 8, [0, 1], tensors=True, base_values=[0.25, -0.5]), y1, "d")
    for aggregate in ("AVERAGE", "MIN", "MAX"):
        hand(f"{aggregate.lower()}.onnx", classic("Regressor", 6, [0, 1], aggregate_function=aggregate, base_values=[0.1, 0.2]), y1)
    for transform in ("SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO"):
        hand(f"{transform.lower()}.onnx",
             classic("Classifier", 6, [0, 2], classes=["a", "b", "c"], post_transform=transform), [("y", "f", 2)])
        hand(f"binary_{transform.lower()}.onnx", classic("Classifier", 6, [0], classes=[3, 5], post_transform=transform), y2)
    hand("probit.onnx", classic("Regressor", 3, [0], post_transform="PROBIT", positive=True), y1)
    hand("binary_positive.onnx", classic("Classifier", 4, [0], classes=[0, 1], positive=True), y2)
    hand("binary_positive_logistic.onnx", classic("Classifier", 4, [0], classes=[0, 1], positive=True, post_transform="LOGISTIC",
                                                  base_values=[0.1]), y2)
    hand("binary_second.onnx", classic("Classifier", 4, [1], classes=[0, 1]), y2)
    hand("double_classifier.onnx", classic("Classifier", 6, [0, 1, 2], classes=[0, 1, 2], tensors=True, post_transform="LOGISTIC"), y2, "d")
    normalizer = lambda norm: [helper.make_node("Normalizer", ["y"], ["z"], domain="ai.onnx.ml", norm=norm)]
    for norm in ("L1", "L2"):
        hand(f"normalizer_{norm.lower()}.onnx", classic("Regressor", 4, [0, 1], positive=True), [("z", "f", 2)], more=normalizer(norm))
    hand("version5.onnx", onnx_version5("f"), y1, ml=5)
    hand("version5_double.onnx", onnx_version5("d"), y3, "d", ml=5)
    # Labels by ArgMax and a list, as converters write them behind operators that have none.
    hand("labels.onnx", classic("Regressor", 5, [0, 1, 2]), [("label", "i", 2), ("s", "f", 2)], more=[
        helper.make_node("Softmax", ["y"], ["s"], axis=1), helper.make_node("ArgMax", ["s"], ["best"], axis=1),
        helper.make_node("ArrayFeatureExtractor", ["numbers", "best"], ["label"], domain="ai.onnx.ml")],
         initializers=[helper.make_tensor("numbers", TensorProto.INT64, [3], [10, 20, 30])])
    narrow = classic("Regressor", 5, [0])
    narrow.input[0] = "narrow"
    onnx_save("cast.onnx", onnx_model([helper.make_node("Cast", ["x"], ["narrow"], to=TensorProto.FLOAT), narrow], y1, "d"),
              np.float64)
    # What is not supported.
    for name, more, outputs in (("normalizer", None, y1), ("log", [helper.make_node("Log", ["y"], ["z"])], [("z", "f", 2)])):
        node = classic("Regressor", 3, [0])
        before = []
        if more is None:
            before = [helper.make_node("Normalizer", ["x"], ["scaled"], domain="ai.onnx.ml", norm="L2")]
            node.input[0] = "scaled"
        refused = onnx_model([*before, node, *(more or [])], outputs, "f")
        save("onnx_trees", f"refused_{name}.onnx", lambda path: path.write_bytes(refused.SerializeToString()), None, None)


def onnx_takes_numpy():
    """skl2onnx 1.20 hands over arrays and booleans where onnx 1.16 takes lists of numbers."""
    from onnx import helper

    make = helper.make_attribute

    def made(key, value, *rest, **more):
        if isinstance(value, np.ndarray):
            value = value.tolist()
        if isinstance(value, list):
            value = [int(v) if isinstance(v, (bool, np.bool_)) else v for v in value]
        return make(key, value, *rest, **more)

    helper.make_attribute = made


def composed_files():
    """ONNX graphs of more than one tree ensemble, or with arithmetic around it, as exporters write them."""
    import lightgbm as lgb
    import onnxmltools
    import xgboost as xgb
    from onnxmltools.convert.common.data_types import FloatTensorType
    from skl2onnx import to_onnx
    from sklearn import compose, ensemble, impute, multiclass, multioutput, pipeline, preprocessing, tree

    onnx_takes_numpy()
    small = {"n_estimators": 3, "max_depth": 3, "random_state": 0}
    kinds = [("X", FloatTensorType([None, FEATURES]))]
    targets = np.stack([Y, X[:, 0] * X[:, 1]], 1)
    forest, extra, stump = ensemble.RandomForestClassifier, ensemble.ExtraTreesClassifier, tree.DecisionTreeClassifier(max_depth=3)
    one_tree = tree.DecisionTreeRegressor(max_depth=3)

    def sklearn(name, model, y, x=X, options=None, **more):
        fitted = model.fit(x, y)
        onnx_save(f"composed_{name}.onnx", to_onnx(fitted, x[:1], options=options), x.dtype.type, **more)
        return fitted

    boosted = {"n_estimators": 3, "max_depth": 3}
    for name in ("count:poisson", "reg:tweedie"):
        onnx_save(f"composed_{name.replace(':', '_')}.onnx", onnxmltools.convert_xgboost(
            xgb.XGBRegressor(objective=name, **boosted).fit(X, POSITIVE), initial_types=kinds))
    light = {"num_leaves": 5, "verbose": -1}
    onnx_save("composed_lightgbm_rf.onnx", onnxmltools.convert_lightgbm(
        lgb.LGBMRegressor(boosting_type="rf", bagging_freq=1, bagging_fraction=0.6, n_estimators=3, **light).fit(X, Y),
        initial_types=kinds))
    onnx_save("composed_lightgbm_split.onnx", onnxmltools.convert_lightgbm(
        lgb.LGBMRegressor(n_estimators=7, **light).fit(X, Y), initial_types=kinds, split=3))
    sklearn("exponential", ensemble.GradientBoostingClassifier(loss="exponential", **small), BINARY)
    sklearn("bagging", ensemble.BaggingClassifier(stump, n_estimators=3, random_state=0), CLASSES)
    sklearn("bagging_features", ensemble.BaggingRegressor(one_tree, n_estimators=3, random_state=0, max_features=2), Y)
    members = lambda: [("a", forest(**small)), ("b", extra(**small))]
    sklearn("voting", ensemble.VotingClassifier(members(), voting="soft", flatten_transform=False, weights=np.array([1, 3])), CLASSES)
    sklearn("voting_regressor", ensemble.VotingRegressor(
        [("a", ensemble.RandomForestRegressor(**small)), ("b", ensemble.GradientBoostingRegressor(**small))]), Y)
    sklearn("two_targets", multioutput.MultiOutputRegressor(ensemble.GradientBoostingRegressor(**small)), targets)
    sklearn("one_to_rest", multiclass.OneVsRestClassifier(ensemble.GradientBoostingClassifier(**small)), CLASSES)
    sklearn("one_to_rest_forests", multiclass.OneVsRestClassifier(forest(**small)), CLASSES)
    sklearn("columns", forest(**small), CLASSES, options={"zipmap": "columns"}, columns=slice(1, None))
    sklearn("hist_categories", ensemble.HistGradientBoostingRegressor(max_iter=3, max_depth=3, categorical_features=[1]), CATEGORY_Y,
            np.nan_to_num(CATEGORIES), categories=True)
    sklearn("hist_classes", ensemble.HistGradientBoostingClassifier(max_iter=3, max_depth=3), CLASSES, HOLES)

    # Steps in front of the trees: rows at what their thresholds come from, and as near as floats are.
    def scaled(name, steps, inverse, x=X, y=CLASSES):
        model = pipeline.make_pipeline(*steps, forest(**small)).fit(x, y)
        thresholds = np.concatenate([t.tree_.threshold[t.tree_.feature >= 0] for t in model[-1].estimators_])
        around = [b for f in range(FEATURES) for b in inverse(model, thresholds, f)]
        near = np.concatenate([np.nextafter(np.array(around, x.dtype), x.dtype.type(side)) for side in (-np.inf, np.inf)])
        onnx_save(f"composed_{name}.onnx", to_onnx(model, x[:1]), x.dtype.type, boundaries=[*around, *near])

    standard = lambda model, t, f: t * model[-2].scale_[f] + model[-2].mean_[f]
    scaled("scaler", [preprocessing.StandardScaler()], standard)
    scaled("scaler_double", [preprocessing.StandardScaler()], standard, X.astype(np.float64))
    scaled("minimum_maximum", [preprocessing.MinMaxScaler()], lambda model, t, f: (t - model[-2].min_[f]) / model[-2].scale_[f])
    scaled("imputer", [impute.SimpleImputer(), preprocessing.StandardScaler()], standard, HOLES)
    sides = compose.ColumnTransformer([("scaled", preprocessing.StandardScaler(), [2, 0])], remainder="passthrough")
    scaled("some_columns", [sides], lambda model, t, f: t if f in (1, 3) else
           t * model[-2].named_transformers_["scaled"].scale_[f // 2] + model[-2].named_transformers_["scaled"].mean_[f // 2])


ALL = {"xgboost": xgboost_files, "lightgbm": lightgbm_files, "treelite": treelite_files, "onnx": onnx_files, "composed": composed_files}
if __name__ == "__main__":
    chosen = sys.argv[1:] or list(ALL)
    for word in chosen:
        {**ALL, "xgboost3": xgboost3_files}[word]()
