#include "cli/runtime_flags.h"

namespace edgescope::cli {

void add_runtime_flags(CLI::App& command, runtime::Places& places) {
  command
      .add_option_function<std::vector<std::string>>(
          "--runtime-library",
          [&places](const std::vector<std::string>& values) {
            for (const std::string& value : values) {
              const std::size_t equals = value.find('=');
              places.libraries[value.substr(0, equals)] = value.substr(equals + 1);
            }
          },
          "A runtime's shared library or its folder: litert=PATH, tflite=PATH, openvino=PATH or ie2021=PATH; may be repeated")
      ->check(
          [](const std::string& value) {
            const std::string family = value.substr(0, value.find('='));
            if (value.find('=') != std::string::npos &&
                (family == "litert" || family == "tflite" || family == "openvino" || family == "ie2021"))
              return std::string();
            return "\"" + value + "\" is not litert=PATH, tflite=PATH, openvino=PATH or ie2021=PATH";
          },
          "")
      ->type_name("FAMILY=PATH");
  command.add_option("--runtimes", places.folder, "Folder that holds the runtimes (the project's runtimes/)")
      ->type_name("FOLDER");
}

void add_on_flag(CLI::App& command, std::vector<std::string>& on) {
  command
      .add_option("--on", on,
                  "Runtimes, with commas between: litert, tflite, tflite+xnnpack, openvino:CPU (every installed one)")
      ->delimiter(',')
      ->type_name("NAME,...");
}

}  // namespace edgescope::cli
