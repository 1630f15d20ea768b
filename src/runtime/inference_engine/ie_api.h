// The part of the Inference Engine of OpenVINO 2021 that we call. It has no C interface and its wheels hold no
// headers, so its member functions are looked up by their C++ names and called as what the Itanium ABI makes
// of them: functions whose first argument is the object. The types here say no more of theirs than their size
// and how they are passed.
//
// The library was built with the old ABI of libstdc++, so this is compiled with _GLIBCXX_USE_CXX11_ABI=0 into a
// worker of its own, together with a second copy of what it needs of ours.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <typeinfo>
#include <vector>

#include "runtime/library.h"

#if _GLIBCXX_USE_CXX11_ABI
#error "OpenVINO 2021 speaks the old ABI of libstdc++: compile with -D_GLIBCXX_USE_CXX11_ABI=0"
#endif

namespace edgescope::runtime::inference_engine {

using Strings = std::map<std::string, std::string>;

struct Core {
  std::shared_ptr<void> impl;
};

struct Network {
  std::shared_ptr<void> impl;
  void* actual = nullptr;
};

struct Executable {
  std::shared_ptr<void> library, impl, older;  // `older`: the same behind the interface of earlier releases
};

struct Request {
  std::shared_ptr<void> library, impl, older, callback;
};

struct QueryResult {
  Strings supported;  // layer -> device
  int code = 0;
  char message[4096] = {};
};

struct Version {
  int major, minor;
  const char* build;
  const char* description;
};

// Of an executable's inputs and outputs we only want the names; each blob tells its type.
using Ports = std::map<std::string, std::shared_ptr<void>>;

struct LayerTime {
  int status;  // 2: executed
  long long real_us, cpu_us;
  char exec_type[256];
  char layer_type[256];
  unsigned index;
};
inline constexpr int kExecuted = 2;
using LayerTimes = std::map<std::string, LayerTime>;

// The beginning of a blob's description.
struct TensorDescription {
  std::uint8_t layout;
  std::vector<std::size_t> shape;
  std::size_t bits;
  const char* precision_name;
  bool is_float;
  std::uint8_t precision;
};

struct Precision {
  std::size_t bits;
  const char* name;
  bool is_float;
  std::uint8_t code;
};
inline constexpr Precision kFloat16{16, "FP16", true, 11};
inline constexpr std::uint8_t kFloat32Code = 10;

// Memory that is held as long as the object lives.
class LockedMemory {
 public:
  virtual ~LockedMemory() = default;
  virtual void* get() const = 0;

 private:
  void* allocator_;
  void* handle_;
  void* locked_;
  int flag_;
  std::size_t offset_;
};

// A virtual function that answers a LockedMemory gets the place for it from its caller, before the object.
struct Blob {
  virtual ~Blob() = default;
  virtual const TensorDescription& description() const noexcept = 0;
  virtual TensorDescription& description() noexcept = 0;
  virtual std::size_t size() const noexcept = 0;
  virtual std::size_t bytes() const noexcept = 0;
  virtual std::size_t element_bytes() const noexcept = 0;
  virtual void allocate() noexcept = 0;
  virtual bool deallocate() noexcept = 0;
  // The rest of the table is not called by name: buffer() is its tenth entry, see memory_of().
};

// A value of any type, as metrics and settings are answered.
class Parameter {
 public:
  virtual ~Parameter() = default;
  template <typename T>
  const T* get() const {
    return value_ != nullptr && value_->is(typeid(T)) ? &static_cast<const Held<T>*>(value_)->value : nullptr;
  }

 private:
  struct Any {
    virtual ~Any() = default;
    virtual bool is(const std::type_info&) const = 0;
    virtual Any* copy() const = 0;
    virtual bool operator==(const Any&) const = 0;
  };
  template <typename T>
  struct Held : Any {
    T value;
  };
  Any* value_ = nullptr;  // not freed: it is asked for a handful of values
};

struct Api {
  const Version* (*version)();
  void (*core)(Core*, const std::string& plugins);
  Network (*read)(const Core*, const std::string& model, const std::string& weights);
  Ports (*network_inputs)(const Network*);   // see data_of()
  Ports (*network_outputs)(const Network*);  // data
  const Precision* (*precision)(const void* data);
  void (*set_precision)(void* data, const Precision&);
  void (*add_output)(Network*, const std::string& layer, std::size_t index);
  Executable (*load)(Core*, const Network&, const std::string& device, const Strings& settings);
  QueryResult (*query)(const Core*, const Network&, const std::string& device, const Strings& settings);
  Parameter (*metric)(const Core*, const std::string& device, const std::string& name);
  Parameter (*setting)(const Core*, const std::string& device, const std::string& name);
  void (*set)(Core*, const Strings& settings, const std::string& device);
  void (*serialize)(const Network*, const std::string& model, const std::string& weights);
  void (*export_to)(Executable*, const std::string& path);
  Network (*graph)(Executable*);
  Parameter (*executable_metric)(const Executable*, const std::string& name);
  Request (*request)(Executable*);
  Ports (*inputs)(const Executable*);
  Ports (*outputs)(const Executable*);
  std::shared_ptr<Blob> (*blob)(Request*, const std::string& name);
  void (*infer)(Request*);
  void (*start)(Request*);
  int (*wait)(Request*, std::int64_t milliseconds);  // -1: until it is done
  void (*on_done)(Request*, std::function<void()>);
  LayerTimes (*times)(const Request*);

  static base::Result<Api> open(const std::string& path);
};

// The data that the description of a network's input is about.
void* data_of(void* input);

// Where a blob's elements lie; valid as long as the blob lives.
void* memory_of(Blob& blob);

}  // namespace edgescope::runtime::inference_engine
