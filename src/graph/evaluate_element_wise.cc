// Arithmetic, comparisons, activations, casts and select: one element at a time.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "graph/evaluation.h"

namespace edgescope::graph::evaluation {
namespace {

// Integers wrap around: computed without a sign, which is defined.
template <typename T, typename Operation>
T wrap(T a, T b, Operation operation) {
  if constexpr (std::is_floating_point_v<T>) return operation(a, b);
  return static_cast<T>(operation(static_cast<std::uint64_t>(a), static_cast<std::uint64_t>(b)));
}

template <typename T>
T power(T base, T exponent) {
  if constexpr (std::is_floating_point_v<T>) {
    return std::pow(base, exponent);
  } else {
    T result = 1;
    for (; exponent > 0; exponent = static_cast<T>(exponent / 2)) {
      if (exponent % 2 != 0) result = wrap(result, base, std::multiplies<>());
      base = wrap(base, base, std::multiplies<>());
    }
    return result;
  }
}

template <typename T>
T divide(T a, T b) {
  if constexpr (std::is_floating_point_v<T>) return a / b;
  if constexpr (std::is_signed_v<T>)
    if (b == T(-1)) return wrap(T(0), a, std::minus<>());
  return static_cast<T>(a / b);
}

template <typename T>
T remainder(T a, T b) {
  if constexpr (std::is_floating_point_v<T>) {
    return std::fmod(a, b);
  } else {
    if constexpr (std::is_signed_v<T>)
      if (b == T(-1)) return 0;
    return static_cast<T>(a % b);
  }
}

template <typename T>
bool other_sign(T rest, T divisor) {
  return rest != 0 && (rest < 0) != (divisor < 0);
}

template <typename T>
T floor_mod(T a, T b) {
  const T rest = remainder(a, b);
  return other_sign(rest, b) ? static_cast<T>(rest + b) : rest;
}

template <typename T>
T floor_divide(T a, T b) {
  if constexpr (std::is_floating_point_v<T>) return std::floor(a / b);
  const T quotient = divide(a, b);
  return other_sign(remainder(a, b), b) ? static_cast<T>(quotient - 1) : quotient;
}

// NaN where one is.
template <typename T>
T larger(T a, T b) {
  return a != a || a > b ? a : b;
}
template <typename T>
T smaller(T a, T b) {
  return a != a || a < b ? a : b;
}

// A function of two elements by its kind; null where there is none for numbers of this type.
template <typename T>
auto binary(Kind kind) -> T (*)(T, T) {
  switch (kind) {
    case Kind::Add:
      return [](T a, T b) { return wrap(a, b, std::plus<>()); };
    case Kind::Subtract:
      return [](T a, T b) { return wrap(a, b, std::minus<>()); };
    case Kind::Multiply:
      return [](T a, T b) { return wrap(a, b, std::multiplies<>()); };
    case Kind::Divide:
      return divide<T>;
    case Kind::FloorDivide:
      return floor_divide<T>;
    case Kind::FloorMod:
      return floor_mod<T>;
    case Kind::Modulo:
      return remainder<T>;
    case Kind::Power:
      return power<T>;
    case Kind::Maximum:
      return larger<T>;
    case Kind::Minimum:
      return smaller<T>;
    case Kind::SquaredDifference:
      return [](T a, T b) {
        const T d = wrap(a, b, std::minus<>());
        return wrap(d, d, std::multiplies<>());
      };
    case Kind::Prelu:
      return [](T a, T b) { return a < 0 ? wrap(a, b, std::multiplies<>()) : a; };
    default:
      return nullptr;
  }
}

template <typename T>
auto comparison(Kind kind) -> std::uint8_t (*)(T, T) {
  switch (kind) {
    case Kind::Equal:
      return [](T a, T b) -> std::uint8_t { return a == b; };
    case Kind::NotEqual:
      return [](T a, T b) -> std::uint8_t { return a != b; };
    case Kind::Less:
      return [](T a, T b) -> std::uint8_t { return a < b; };
    case Kind::LessEqual:
      return [](T a, T b) -> std::uint8_t { return a <= b; };
    case Kind::Greater:
      return [](T a, T b) -> std::uint8_t { return a > b; };
    case Kind::GreaterEqual:
      return [](T a, T b) -> std::uint8_t { return a >= b; };
    case Kind::LogicalAnd:
      return [](T a, T b) -> std::uint8_t { return a != 0 && b != 0; };
    case Kind::LogicalOr:
      return [](T a, T b) -> std::uint8_t { return a != 0 || b != 0; };
    case Kind::LogicalXor:
      return [](T a, T b) -> std::uint8_t { return (a != 0) != (b != 0); };
    default:
      return nullptr;
  }
}

// Of any number.
template <typename T>
auto unary(Kind kind) -> T (*)(T) {
  switch (kind) {
    case Kind::Relu:
      return [](T x) { return x < 0 ? T(0) : x; };
    case Kind::Relu6:
      return [](T x) { return x < 0 ? T(0) : x > 6 ? T(6) : x; };
    case Kind::Relu0To1:
      return [](T x) { return x < 0 ? T(0) : x > 1 ? T(1) : x; };
    case Kind::ReluN1To1:
      return [](T x) { return x < T(-1) ? T(-1) : x > 1 ? T(1) : x; };
    case Kind::Square:
      return [](T x) { return wrap(x, x, std::multiplies<>()); };
    case Kind::Negate:
      if constexpr (std::is_floating_point_v<T>) return [](T x) { return -x; };
      return [](T x) { return wrap(T(0), x, std::minus<>()); };
    case Kind::Abs:
      if constexpr (std::is_floating_point_v<T>) return [](T x) { return std::fabs(x); };
      return [](T x) { return x < 0 ? wrap(T(0), x, std::minus<>()) : x; };
    case Kind::Sign:
      return [](T x) { return x != x ? x : static_cast<T>((x > 0) - (x < 0)); };
    default:
      return nullptr;
  }
}

// Of reals.
template <typename T>
auto function(Kind kind) -> T (*)(T) {
  switch (kind) {
    case Kind::Exp:
      return [](T x) { return std::exp(x); };
    case Kind::Log:
      return [](T x) { return std::log(x); };
    case Kind::Sqrt:
      return [](T x) { return std::sqrt(x); };
    case Kind::Rsqrt:
      return [](T x) { return T(1) / std::sqrt(x); };
    case Kind::Reciprocal:
      return [](T x) { return T(1) / x; };
    case Kind::Floor:
      return [](T x) { return std::floor(x); };
    case Kind::Ceil:
      return [](T x) { return std::ceil(x); };
    case Kind::Round:
      return [](T x) { return std::nearbyint(x); };  // halves to even
    case Kind::Sin:
      return [](T x) { return std::sin(x); };
    case Kind::Cos:
      return [](T x) { return std::cos(x); };
    case Kind::Tan:
      return [](T x) { return std::tan(x); };
    case Kind::Asin:
      return [](T x) { return std::asin(x); };
    case Kind::Acos:
      return [](T x) { return std::acos(x); };
    case Kind::Atan:
      return [](T x) { return std::atan(x); };
    case Kind::Sinh:
      return [](T x) { return std::sinh(x); };
    case Kind::Cosh:
      return [](T x) { return std::cosh(x); };
    case Kind::Asinh:
      return [](T x) { return std::asinh(x); };
    case Kind::Acosh:
      return [](T x) { return std::acosh(x); };
    case Kind::Atanh:
      return [](T x) { return std::atanh(x); };
    case Kind::Erf:
      return [](T x) { return std::erf(x); };
    case Kind::Tanh:
      return [](T x) { return std::tanh(x); };
    case Kind::Logistic:
      return [](T x) { return T(1) / (T(1) + std::exp(-x)); };
    case Kind::Softplus:
      return [](T x) { return x > 0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x)); };
    case Kind::Softsign:
      return [](T x) { return x / (T(1) + std::fabs(x)); };
    case Kind::Mish:
      return [](T x) { return x * std::tanh(std::log1p(std::exp(x))); };
    case Kind::HardSwish:
      return [](T x) { return x * (std::clamp(x + T(3), T(0), T(6)) / T(6)); };
    case Kind::HSigmoid:
      return [](T x) { return std::clamp(x + T(3), T(0), T(6)) / T(6); };
    default:
      return nullptr;
  }
}

class ElementWise {
 public:
  explicit ElementWise(const Case& c) : c_(c), made_(c.made[0]) {}

  Outcome run() const {
    switch (c_.op.kind) {
      case Kind::Cast:
        return cast();
      case Kind::Quantize:
        return quantize();
      case Kind::Dequantize:
        return c_.in(0).quantization == nullptr ? cast() : dequantize();
      case Kind::Select:
        return select();
      case Kind::FakeQuantize:
        return fake_quantize();
      case Kind::LogicalNot:
        return map<std::uint8_t>([](std::uint8_t x) -> std::uint8_t { return x == 0; });
      default:
        break;
    }
    return with_type(c_.in(0).type, [&](auto zero) -> Outcome { return typed<decltype(zero)>(); });
  }

 private:
  template <typename T>
  Outcome typed() const {
    const Kind kind = c_.op.kind;
    if (const auto f = unary<T>(kind)) return map<T>(f);
    if (const auto f = binary<T>(kind)) {
      if (const auto why = not_defined<T>(); !why.empty()) return c_.refuse(why);
      return pairs<T, T>(f);
    }
    if (const auto f = comparison<T>(kind)) return pairs<T, std::uint8_t>(f);
    if (kind == Kind::Clamp) {
      const double low = c_.get<double>(attr::min, -std::numeric_limits<double>::infinity());
      const double high = c_.get<double>(attr::max, std::numeric_limits<double>::infinity());
      return map<T>([&](T x) {
        const auto value = static_cast<double>(x);
        return value < low ? static_cast<T>(low) : value > high ? static_cast<T>(high) : x;
      });
    }
    if constexpr (std::is_floating_point_v<T>) {
      if (const auto f = function<T>(kind)) return map<T>(f);
      return of_attributes<T>();
    }
    return std::nullopt;
  }

  template <typename T>
  Outcome of_attributes() const {
    const auto number = [&](std::string_view name, double otherwise) {
      return static_cast<T>(c_.get<double>(name, otherwise));
    };
    const T alpha = number(attr::alpha, 1), beta = number(attr::beta, 0), gamma = number(attr::gamma, 1);
    switch (c_.op.kind) {
      case Kind::IsNan: {
        std::vector<std::uint8_t> result;
        for (T x : load<T>(c_.in(0))) result.push_back(x != x);
        return Values{store(ElementType::Bool, made_.dims, result)};
      }
      case Kind::LeakyRelu:
        return map<T>([&](T x) { return x < 0 ? x * alpha : x; });
      case Kind::Elu:
        return map<T>([&](T x) { return x < 0 ? alpha * std::expm1(x) : x; });
      case Kind::Selu:
        return map<T>([&](T x) { return gamma * (x <= 0 ? alpha * std::expm1(x) : x); });
      case Kind::HardSigmoid:
        return map<T>([&](T x) { return std::clamp(alpha * x + beta, T(0), T(1)); });
      case Kind::Gelu:
        if (c_.get<bool>(attr::approximate))
          return map<T>([](T x) {
            return T(0.5) * x * (T(1) + std::tanh(T(0.7978845608028654) * (x + T(0.044715) * x * x * x)));
          });
        return map<T>([](T x) { return T(0.5) * x * (T(1) + std::erf(x * T(0.7071067811865476))); });
      default:
        return std::nullopt;
    }
  }

  // Division by zero, and powers that are no whole numbers, of whole numbers.
  template <typename T>
  std::string not_defined() const {
    if constexpr (std::is_floating_point_v<T>) return {};
    const Kind kind = c_.op.kind;
    const std::vector<T> b = load<T>(c_.in(1));
    const bool divides =
        kind == Kind::Divide || kind == Kind::FloorDivide || kind == Kind::FloorMod || kind == Kind::Modulo;
    if (divides && std::find(b.begin(), b.end(), T(0)) != b.end()) return "it divides by zero";
    if (kind == Kind::Power && std::any_of(b.begin(), b.end(), [](T e) { return e < T(0); }))
      return "a power is negative";
    return {};
  }

  template <typename T, typename F>
  Outcome map(F f) const {
    std::vector<T> all = load<T>(c_.in(0));
    for (T& each : all) each = f(each);
    return Values{store(made_.type, made_.dims, all)};
  }

  template <typename T, typename R, typename F>
  Outcome pairs(F f) const {
    const Value &a = c_.in(0), &b = c_.in(1);
    const std::vector<T> left = load<T>(a), right = load<T>(b);
    const Ints left_step = steps(a.dims), right_step = steps(b.dims);
    std::vector<R> result;
    result.reserve(count(made_.dims));
    each_index(made_.dims, [&](const Ints& index) {
      result.push_back(
          f(left[broadcast_place(a.dims, left_step, index)], right[broadcast_place(b.dims, right_step, index)]));
    });
    return Values{store(made_.type, made_.dims, result)};
  }

  // OpenVINO's specification of FakeQuantize-1, in f32; halves are rounded to even.
  Outcome fake_quantize() const {
    if (made_.type != ElementType::Float32) return c_.refuse("is computed for f32 only");
    std::array<std::vector<float>, 5> in;
    std::array<Ints, 5> step;
    for (std::size_t i = 0; i < in.size(); ++i) {
      in[i] = load<float>(c_.in(i));
      step[i] = steps(c_.in(i).dims);
    }
    const auto last = static_cast<float>(c_.get<std::int64_t>(attr::levels, 2) - 1);
    std::vector<float> result;
    each_index(made_.dims, [&](const Ints& index) {
      const auto at = [&](std::size_t i) { return in[i][broadcast_place(c_.in(i).dims, step[i], index)]; };
      const float x = at(0), low = at(1), high = at(2), out_low = at(3), out_high = at(4);
      if (x <= std::min(low, high))
        result.push_back(out_low);
      else if (x > std::max(low, high))
        result.push_back(out_high);
      else
        result.push_back(std::nearbyint((x - low) / (high - low) * last) / last * (out_high - out_low) + out_low);
    });
    return Values{store(made_.type, made_.dims, result)};
  }

  Outcome select() const {
    const auto condition = load<std::uint8_t>(c_.in(0));
    const Ints step = steps(c_.in(0).dims);
    return with_type(made_.type, [&](auto zero) -> Outcome {
      using T = decltype(zero);
      const std::vector<T> yes = load<T>(c_.in(1)), no = load<T>(c_.in(2));
      const Ints yes_step = steps(c_.in(1).dims), no_step = steps(c_.in(2).dims);
      std::vector<T> result;
      each_index(made_.dims, [&](const Ints& index) {
        result.push_back(condition[broadcast_place(c_.in(0).dims, step, index)] != 0
                             ? yes[broadcast_place(c_.in(1).dims, yes_step, index)]
                             : no[broadcast_place(c_.in(2).dims, no_step, index)]);
      });
      return Values{store(made_.type, made_.dims, result)};
    });
  }

  // Reals that the integer type does not hold have no value that all runtimes agree on.
  Outcome cast() const {
    return with_type(c_.in(0).type, [&](auto from) -> Outcome {
      using From = decltype(from);
      const std::vector<From> all = load<From>(c_.in(0));
      return with_type(made_.type, [&](auto to) -> Outcome {
        using To = decltype(to);
        std::vector<To> result;
        for (From each : all) {
          if (made_.type == ElementType::Bool) {
            result.push_back(static_cast<To>(each != From(0)));
            continue;
          }
          if constexpr (std::is_floating_point_v<From> && std::is_integral_v<To>) {
            const double whole = std::trunc(static_cast<double>(each));
            // The type's limits as powers of two, which doubles hold.
            const double above = std::ldexp(1.0, std::numeric_limits<To>::digits);
            const double below = std::is_signed_v<To> ? -above : 0;
            if (!(whole >= below && whole < above)) return c_.refuse("a number lies outside of the integers");
          }
          result.push_back(static_cast<To>(each));
        }
        return Values{store(made_.type, made_.dims, result)};
      });
    });
  }

  base::Result<std::pair<float, std::int64_t>> scale_of(const Quantization* quantization) const {
    if (quantization == nullptr || quantization->scales.size() != 1)
      return c_.refuse("its quantisation is not one scale and zero point");
    return std::pair(quantization->scales[0], quantization->zero_points.empty() ? 0 : quantization->zero_points[0]);
  }

  // TensorFlow Lite rounds halves away from zero, ONNX to even.
  Outcome quantize() const {
    if (!is_float(c_.in(0).type)) return c_.refuse("its data are quantised already");
    if (c_.results.empty() || c_.results[0] == nullptr) return c_.refuse("its result's quantisation is not given");
    EDGESCOPE_TRY(parameters, scale_of(c_.results[0]->quantization.get()));
    const std::vector<float> all = load<float>(c_.in(0));
    return with_type(made_.type, [&](auto zero) -> Outcome {
      using T = decltype(zero);
      std::vector<T> result;
      for (float each : all) {
        if (std::isnan(each)) return c_.refuse("NaN has no quantised value");
        const float scaled = each / parameters.first;
        const double rounded = c_.channels_last() ? std::round(scaled) : std::nearbyint(scaled);
        result.push_back(static_cast<T>(std::clamp(rounded + static_cast<double>(parameters.second),
                                                   static_cast<double>(std::numeric_limits<T>::lowest()),
                                                   static_cast<double>(std::numeric_limits<T>::max()))));
      }
      Values values{store(made_.type, made_.dims, result)};
      values[0].quantization = c_.results[0]->quantization;
      return values;
    });
  }

  Outcome dequantize() const {
    EDGESCOPE_TRY(parameters, scale_of(c_.in(0).quantization.get()));
    return with_type(c_.in(0).type, [&](auto zero) -> Outcome {
      using T = decltype(zero);
      std::vector<float> result;
      for (T each : load<T>(c_.in(0)))
        result.push_back(parameters.first * static_cast<float>(static_cast<std::int64_t>(each) - parameters.second));
      return Values{store(ElementType::Float32, made_.dims, result)};
    });
  }

  const Case& c_;
  const Made& made_;
};

}  // namespace

Outcome element_wise(const Case& c) {
  // Constants of other types can still be moved about.
  if (element_bits(c.in(0).type) < 8 || c.in(0).type == ElementType::BFloat16) return std::nullopt;
  return ElementWise(c).run();
}

}  // namespace edgescope::graph::evaluation
