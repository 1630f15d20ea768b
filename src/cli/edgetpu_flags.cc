#include "cli/edgetpu_flags.h"

namespace edgescope::cli {

void add_edgetpu_flags(CLI::App& command, analysis::EdgeTpuOptions& options) {
  using target::edgetpu::Compiler;
  using target::edgetpu::Link;
  std::vector<std::pair<std::string, Compiler>> compilers;
  for (Compiler compiler :
       {Compiler::V1_0, Compiler::V2_0, Compiler::V2_1, Compiler::V14, Compiler::V15, Compiler::V16})
    compilers.emplace_back(target::edgetpu::compiler_name(compiler), compiler);
  add_choice<Compiler>(command, "--compiler", options.compiler, std::move(compilers),
                       "Version of edgetpu_compiler (16)");
  std::vector<std::pair<std::string, Link>> links;
  for (Link link : {Link::Usb3, Link::Usb2, Link::Pcie}) links.emplace_back(target::edgetpu::link_name(link), link);
  add_choice<Link>(command, "--link", options.link, std::move(links), "How the Edge TPU is connected (usb3)");
  command
      .add_option("--megahertz", options.megahertz,
                  "Its clock: 500 (libedgetpu1-max), 250 (-std), 125 or 63 when hot (500)")
      ->check(CLI::IsMember({500, 250, 125, 63}))
      ->type_name("MHZ");
}

}  // namespace edgescope::cli
