// A program that behaves like edgetpu_compiler as far as its callers see: it takes the same options, prints
// what it is told to, and writes the files that it is told to. A shell script, so that it needs no build.
#pragma once

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace edgescope::testing_support {

class StandInCompiler {
 public:
  // In `folder`, an existing one. `body` is shell, run with $out (the output folder), $models, $segments and $run
  // (which run this is, from 1 on) set.
  StandInCompiler(const std::filesystem::path& folder, const std::string& body)
      : folder_(folder), path_(folder / "edgetpu_compiler") {
    std::ofstream(path_) << "#!/bin/sh\n"
                            "here='"
                         << folder.string()
                         << "'\n"
                            "echo \"$@\" > \"$here/arguments\"; env > \"$here/environment\"; pwd > \"$here/folder\"\n"
                            "run=$(( $(cat \"$here/runs\" 2>/dev/null || echo 0) + 1 )); echo $run > \"$here/runs\"\n"
                            "out=. models= segments=1\n"
                            "while [ $# -gt 0 ]; do case \"$1\" in\n"
                            "  -o) out=$2; shift;; -n) segments=$2; shift;; -t|-m|-i|-k) shift;; --num_segments=*) "
                            "segments=${1#*=};; -*) ;; *) models=\"$models $1\";;\n"
                            "esac; shift; done\n"
                         << body << "\n";
    ::chmod(path_.c_str(), 0755);
  }

  // Shell that writes `file` as what was compiled of each model, and its log beside it.
  static std::string writes(const std::string& file) {
    return "for m in $models; do stem=$(basename \"$m\" .tflite); i=0; while [ $i -lt $segments ]; do\n"
           "  name=$stem; [ $segments -gt 1 ] && name=${stem}_segment_${i}_of_$segments\n"
           "  cp '" +
           file +
           "' \"$out/${name}_edgetpu.tflite\"; echo 'Operator Count Status' > \"$out/${name}_edgetpu.log\"; "
           "i=$((i+1))\n"
           "done; done\n";
  }
  // Shell that prints what compiler 16 prints of each model.
  static std::string prints_success() {
    return "echo 'Edge TPU Compiler version 16.0.384591198'\n"
           "for m in $models; do printf 'Started a compilation timeout timer of 180 seconds.\\n\\nModel compiled "
           "successfully in 300 ms.\\n\\n'\n"
           "  echo \"Input model: $m\"; echo 'Number of Edge TPU subgraphs: 1'; printf 'Compilation succeeded! \\n'; "
           "done\n";
  }

  std::string path() const { return path_.string(); }
  std::string arguments() const { return text("arguments"); }
  std::string environment() const { return text("environment"); }
  std::string folder() const { return text("folder"); }
  int runs() const {
    const std::string number = text("runs");
    return number.empty() ? 0 : std::stoi(number);
  }

 private:
  std::string text(const std::string& name) const {
    std::ifstream file(folder_ / name);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  std::filesystem::path folder_, path_;
};

}  // namespace edgescope::testing_support
