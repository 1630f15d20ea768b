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
          "A runtime's shared library or its folder: litert=PATH, tflite=PATH, openvino=PATH, edgetpu=PATH or "
          "ie2021=PATH; may be repeated")
      ->check(
          [](const std::string& value) {
            const std::string family = value.substr(0, value.find('='));
            if (value.find('=') != std::string::npos &&
                (family == "litert" || family == "tflite" || family == "openvino" || family == "edgetpu" ||
                 family == "ie2021"))
              return std::string();
            return "\"" + value + "\" is not litert=PATH, tflite=PATH, openvino=PATH, edgetpu=PATH or ie2021=PATH";
          },
          "")
      ->type_name("FAMILY=PATH");
  command.add_option("--runtimes", places.folder, "Folder that holds the runtimes (the project's runtimes/)")
      ->type_name("FOLDER");
}

void add_on_flag(CLI::App& command, std::vector<std::string>& on) {
  command
      .add_option("--on", on,
                  "Runtimes, with commas between: litert, tflite, tflite+xnnpack, openvino:CPU (every installed one of "
                  "these), edgetpu, "
                  "edgetpu:1, edgetpu:virtual")
      ->delimiter(',')
      ->type_name("NAME,...");
}

void add_property_flag(CLI::App& command, std::map<std::string, std::string>& properties) {
  command
      .add_option_function<std::vector<std::string>>(
          "--property",
          [&properties](const std::vector<std::string>& values) {
            for (const std::string& value : values)
              properties[value.substr(0, value.find('='))] = value.substr(value.find('=') + 1);
          },
          "A setting in the runtime's own words, such as Performance=Max; may be repeated")
      ->check(
          [](const std::string& value) {
            return value.find('=') == std::string::npos ? "\"" + value + "\" is not NAME=VALUE" : std::string();
          },
          "")
      ->type_name("NAME=VALUE");
}

void add_simulated_flags(CLI::App& command, SimulatedFlags& flags) {
  command.add_option("--sticks", flags.count, "Edge TPU: sticks that the models go round (1)")
      ->check(CLI::Range(1, 16))
      ->type_name("N");
  command
      .add_option("--source", flags.source,
                  "Simulated stick: the model that MODEL was compiled from; its operators then compute the outputs")
      ->type_name("MODEL");
  add_choice<std::string>(command, "--link", flags.link, {{"usb3", "usb3"}, {"usb2", "usb2"}},
                          "Simulated stick: how it is plugged in (usb3)");
  command.add_flag("--dfu", flags.dfu, "Simulated stick: without firmware, as after plugging in");
}

}  // namespace edgescope::cli
