#include "format/content.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "format/test_content.h"

namespace edgescope::format {
namespace {

using namespace std::string_literals;

struct Case {
  const char* name;
  std::string bytes;
  Content content;
};

class Contents : public ::testing::TestWithParam<Case> {};

TEST_P(Contents, AreRecognised) {
  EXPECT_EQ(content_name(recognise(std::as_bytes(std::span(GetParam().bytes)))), content_name(GetParam().content));
}

INSTANTIATE_TEST_SUITE_P(
    Content, Contents,
    ::testing::Values(
        Case{"Nothing", "", Content::Empty}, Case{"Noise", "what is this?", Content::Unknown},
        Case{"Zeros", std::string(5000, '\0'), Content::Unknown},
        Case{"TfLite", "\x1c\0\0\0TFL3\0\0\0\0"s, Content::TfLite},
        Case{"OnnxOfVersion1",
             "\x08\x01"s + testing::field(7, testing::field(2, "g") + testing::field(1, testing::field(4, "Abs"))),
             Content::Onnx},
        Case{"Onnx",
             "\x08\x08"s + testing::field(2, "maker") +
                 testing::field(7, testing::field(1, testing::field(4, "Abs")) + testing::field(2, "g")),
             Content::Onnx},
        Case{"Ir", "<?xml version=\"1.0\"?><net version=\"11\"/>", Content::OpenVinoIr},
        Case{"Xml", "<?xml version=\"1.0\"?><PMML/>", Content::Xml},
        Case{"Pickle0", "ccopy_reg\n_reconstructor\np0\n", Content::Pickle},
        Case{"Pickle2",
             "\x80\x02"
             "csklearn.tree\n",
             Content::Pickle},
        Case{"Pickle3",
             "\x80\x03"
             "c",
             Content::Pickle},
        Case{"Pickle4", "\x80\x04\x95"s, Content::Pickle}, Case{"Pickle5", "\x80\x05\x95"s, Content::Pickle},
        Case{"Zlib", "\x78\x5e\xa5", Content::Compressed}, Case{"Gzip", "\x1f\x8b\x08", Content::Compressed},
        Case{"Xz",
             "\xfd"
             "7zXZ\0\0"s,
             Content::Compressed},
        Case{"Lzma", "\x5d\0\0@"s, Content::Compressed}, Case{"Bzip2", "BZh31", Content::Compressed},
        Case{"Hdf5", "\x89HDF\r\n\x1a\n", Content::KerasHdf5}, Case{"Npy", "\x93NUMPY\1\0"s, Content::Numpy},
        Case{"KerasArchive", testing::zip({"metadata.json", "config.json", "model.weights.h5"}), Content::KerasArchive},
        Case{"TorchSave", testing::zip({"net/data.pkl", "net/byteorder", "net/data/0", "net/version"}),
             Content::TorchArchive},
        Case{"TorchScript", testing::zip({"net/data.pkl", "net/code/__torch__.py", "net/constants.pkl"}),
             Content::TorchScript},
        Case{"TorchExport", testing::zip({"net/archive_format", "net/data/x.pkl"}), Content::TorchProgram},
        Case{"TorchBeforeZip", "\x80\x02\x8a\n\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.", Content::TorchArchive},
        Case{"Npz", testing::zip({"a.npy", "b.npy"}), Content::NumpyArchive},
        Case{"Zip", testing::zip({"readme.txt"}), Content::Zip},
        Case{"SavedModel", testing::saved_model(), Content::SavedModel},
        Case{"GraphDef", testing::graph_def(), Content::GraphDef},
        Case{"XgboostJson", "{\"learner\":{\"attributes\":{}},\"version\":[2,1,1]}", Content::Xgboost},
        Case{"XgboostUbjson", "{L\0\0\0\0\0\0\0\7learner{"s, Content::Xgboost},
        Case{"Json", "{\"model\": 1}", Content::Unknown},
        Case{"LightGbm", "tree\nversion=v4\nnum_class=1\n", Content::LightGbm},
        Case{"Treelite", "\4\0\0\0\10\0\0\0\1\0\0\0\3\3\0\0\0\0\0\0\0\0"s, Content::Treelite},
        Case{"CatBoost", "CBM1\x10\0\0\0"s, Content::CatBoost},
        Case{"CompilerLog", "Edge TPU Compiler version 16.0.384591198\nInput: a.tflite\n", Content::CompilerLog},
        Case{"MyriadBlob", testing::myriad_blob(), Content::MyriadBlob},
        Case{"ExportedMyriadBlob", std::string(77, 'p') + testing::myriad_blob(), Content::MyriadBlob}),
    [](const auto& test) { return test.param.name; });

TEST(Content, IsRecognisedInAnyBytesWithoutHarm) {
  for (const std::string& whole :
       {testing::saved_model(), testing::graph_def(), testing::myriad_blob(), testing::zip({"net/data.pkl"})})
    for (std::size_t size = 0; size <= whole.size(); ++size)
      for (const char last : {'\0', '\x7f', '\xff'}) {
        std::string bytes = whole.substr(0, size);
        if (!bytes.empty()) bytes.back() = last;
        EXPECT_FALSE(content_name(recognise(std::as_bytes(std::span(bytes)))).empty());
      }
}

}  // namespace
}  // namespace edgescope::format
