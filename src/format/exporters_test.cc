#include "format/exporters.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace edgescope::format {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

std::string message(Content content, const std::string& bytes = "") {
  const base::Error error = no_reader(content, std::as_bytes(std::span(bytes)), "a/model.x");
  EXPECT_EQ(error.fault, base::Fault::input);
  EXPECT_EQ(error.file, "a/model.x");
  EXPECT_FALSE(error.remedy.empty());
  return error.message();
}

TEST(Exporters, AreNamed) {
  EXPECT_THAT(message(Content::TorchArchive),
              AllOf(HasSubstr("is a PyTorch checkpoint, which no reader reads"), HasSubstr("torch.onnx.export")));
  EXPECT_THAT(message(Content::TorchProgram), HasSubstr("torch.onnx.export"));
  EXPECT_THAT(message(Content::TorchScript), HasSubstr("openvino.convert_model(torch.jit.load(\"a/model.x\")"));
  EXPECT_THAT(message(Content::SavedModel), HasSubstr("tf.lite.TFLiteConverter.from_saved_model"));
  EXPECT_THAT(message(Content::GraphDef), HasSubstr("from_frozen_graph(\"a/model.x\""));
  EXPECT_THAT(message(Content::KerasHdf5), HasSubstr("from_keras_model(tf.keras.models.load_model(\"a/model.x\"))"));
  EXPECT_THAT(message(Content::KerasArchive), HasSubstr("from_keras_model"));
  EXPECT_THAT(message(Content::Compressed), HasSubstr("joblib.load"));
  EXPECT_THAT(message(Content::CompilerLog), HasSubstr("`edgescope inspect` reads it"));
  EXPECT_THAT(message(Content::MyriadBlob), HasSubstr("not read yet"));
}

TEST(Exporters, OfForestsNameWhatIsReadAsForests) {
  for (const Content content : {Content::Xgboost, Content::LightGbm, Content::Treelite})
    EXPECT_THAT(message(content), AllOf(HasSubstr("tree ensemble and no graph"), HasSubstr("`edgescope forest`")));
  EXPECT_THAT(message(Content::CatBoost), HasSubstr("format=\"onnx\""));
  EXPECT_THAT(message(Content::Pickle, "\x80\x04 sklearn.ensemble._forest"),
              AllOf(HasSubstr("treelite.sklearn.import_model"), HasSubstr("skl2onnx.to_onnx")));
}

TEST(Exporters, OfPicklesDependOnWhatWasPickled) {
  EXPECT_THAT(message(Content::Pickle, "\x80\x04 sklearn.linear_model"),
              AllOf(HasSubstr("skl2onnx.to_onnx"), Not(HasSubstr("treelite"))));
  EXPECT_THAT(message(Content::Pickle, "\x80\x04 xgboost.sklearn"), HasSubstr("save_model(\"model.ubj\")"));
  EXPECT_THAT(message(Content::Pickle, "\x80\x04 lightgbm.basic"), HasSubstr("save_model(\"model.txt\")"));
  EXPECT_THAT(message(Content::Pickle, "\x80\x02 torch._utils"), HasSubstr("torch.onnx.export"));
  EXPECT_THAT(message(Content::Pickle, "\x80\x04 mymodule"), HasSubstr("would run code"));
}

TEST(Exporters, AreNotGuessedForUnknownContent) {
  EXPECT_THAT(message(Content::Unknown), AllOf(HasSubstr("a/model.x: holds content that no reader knows"),
                                               HasSubstr("TensorFlow Lite (.tflite), ONNX")));
  EXPECT_THAT(message(Content::Empty), HasSubstr("is an empty file"));
}

}  // namespace
}  // namespace edgescope::format
