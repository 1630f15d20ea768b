// A worker that misbehaves on purpose, for the tests of the parent's side. How is named by the
// environment variable FAKE_WORKER, which also shows that the composed environment arrives.
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

int main() {
  const char* mode_text = std::getenv("FAKE_WORKER");
  const std::string_view mode = mode_text ? mode_text : "";
  std::string request;
  while (std::getline(std::cin, request)) {
    std::fprintf(stderr, "about to %s\n", mode_text ? mode_text : "do nothing");
    if (mode == "segv") raise(SIGSEGV);
    if (mode == "exit") return 3;
    if (mode == "hang") pause();
    if (mode == "garbage") std::cout << "Segmentation fault? no: a vendor's greeting" << std::endl;
    if (mode == "array") std::cout << "[1, 2, 3]" << std::endl;
    if (mode == "wrong member")
      std::cout << R"({"ok": true, "durations_ns": ["fast", "faster"], "load_ns": -1})" << std::endl;
    if (mode == "half") {
      std::cout << R"({"ok": tr)" << std::flush;
      return 0;
    }
    if (mode == "memory") {
      std::vector<std::string> eaten;
      for (;;) {
        eaten.emplace_back(16 << 20, 'x');
        usleep(5000);
      }
    }
    if (mode == "flood") {
      for (const std::string line(1 << 20, 'x');;) std::cerr << line << '\n';
    }
    if (mode == "child") {  // leaves something behind that holds on to the socket
      if (fork() == 0) {
        pause();
        return 0;
      }
      raise(SIGABRT);
    }
    if (mode == "environment") {
      std::string names;
      for (char** variable = environ; *variable != nullptr; ++variable) names += std::string(*variable) + ";";
      std::string escaped;
      for (char c : names) escaped += c == '"' || c == '\\' ? '_' : c;
      std::cout << R"({"ok": true, "version": ")" << escaped << "\"}" << std::endl;
    }
  }
}
