#include "services/matchrate/posterior_sampler.h"

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <numbers>

#include "services/matchrate/random_stream.h"

namespace snapledger::matchrate {
namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;
using LogLikelihood = std::function<double(const Point&)>;

constexpr int kNewtonStepsMax = 40;
// Far from the peak the parabola's is elsewhere.
constexpr double kNewtonLengthMax = 2;
constexpr int kWarmUpDraws = 150;
// Of the approximation's spread: wider tails than the peak's curvature shows.
constexpr double kApproximationSpread = 1.3;
// The prior alone curves by 1; less means that the likelihood bends upwards there.
constexpr double kCurvatureMin = 0.3;

Point ToPoint(const VectorXd& z) { return {z.data(), z.data() + z.size()}; }

class Sampler {
 public:
  Sampler(size_t dimensions, const LogLikelihood& log_likelihood, uint64_t seed)
      : dimensions_(static_cast<Eigen::Index>(dimensions)),
        log_likelihood_(log_likelihood),
        random_(seed, /*stream=*/0),
        peak_(VectorXd::Zero(dimensions_)) {}

  PosteriorDraws Run(int count) {
    Climb();
    PosteriorDraws result{.peak = ToPoint(peak_)};
    VectorXd z = peak_;
    for (int i = -kWarmUpDraws; i < count; ++i) {
      StepByApproximation(&z);
      StepByPrior(&z);
      if (i >= 0) result.draws.push_back(ToPoint(z));
    }
    return result;
  }

 private:
  double LogDensity(const VectorXd& z) const {
    return log_likelihood_(ToPoint(z)) - z.squaredNorm() / 2;
  }

  // To the peak; leaves the factor of the approximation's covariance there.
  void Climb() {
    double height = LogDensity(peak_);
    for (int step = 0; step < kNewtonStepsMax; ++step) {
      const VectorXd direction = NewtonStep();
      double length = std::min(1.0, kNewtonLengthMax / (direction.norm() + 1e-300));
      double next = LogDensity(peak_ + direction);
      while (!(next > height) && length > 1e-4) {
        length /= 2;
        next = LogDensity(peak_ + length * direction);
      }
      if (!(next > height)) break;
      peak_ += length * direction;
      const bool arrived = next - height < 1e-6;
      height = next;
      if (arrived) break;
    }
    NewtonStep();
  }

  // The step towards the peak of the parabola that fits here, by central differences; sets the
  // factors of its covariance.
  VectorXd NewtonStep() {
    constexpr double kWidth = 1e-3;
    const double middle = LogDensity(peak_);
    VectorXd gradient(dimensions_);
    MatrixXd curvature(dimensions_, dimensions_);
    const auto at = [&](Eigen::Index i, double by_i, Eigen::Index j, double by_j) {
      VectorXd z = peak_;
      z[i] += by_i;
      z[j] += by_j;
      return LogDensity(z);
    };
    for (Eigen::Index i = 0; i < dimensions_; ++i) {
      const double above = at(i, kWidth, i, 0);
      const double below = at(i, -kWidth, i, 0);
      gradient[i] = (above - below) / (2 * kWidth);
      curvature(i, i) = (2 * middle - above - below) / (kWidth * kWidth);
      for (Eigen::Index j = 0; j < i; ++j) {
        curvature(i, j) = curvature(j, i) =
            (at(i, kWidth, j, -kWidth) + at(i, -kWidth, j, kWidth) - at(i, kWidth, j, kWidth) -
             at(i, -kWidth, j, -kWidth)) /
            (4 * kWidth * kWidth);
      }
    }
    const Eigen::SelfAdjointEigenSolver<MatrixXd> solver(curvature);
    const VectorXd curvatures = solver.eigenvalues().cwiseMax(kCurvatureMin);
    const MatrixXd& axes = solver.eigenvectors();
    spread_ = kApproximationSpread * axes * curvatures.cwiseSqrt().cwiseInverse().asDiagonal();
    precision_root_ = curvatures.cwiseSqrt().asDiagonal() * axes.transpose() / kApproximationSpread;
    return axes * (curvatures.cwiseInverse().asDiagonal() * (axes.transpose() * gradient));
  }

  VectorXd Normals() {
    VectorXd normals(dimensions_);
    for (double& normal : normals) normal = random_.NextNormal();
    return normals;
  }

  // Moves `z` on the ellipse through it and `other` around `centre`, to where `log_weight` is above
  // a level drawn below its height at `z`.
  template <typename LogWeight>
  void SliceStep(const VectorXd& centre, const VectorXd& other, const LogWeight& log_weight,
                 VectorXd* z) {
    constexpr int kShrinksMax = 100;
    const double level = log_weight(*z) + std::log(random_.NextUniform());
    double angle = 2 * std::numbers::pi * random_.NextUniform();
    double low = angle - 2 * std::numbers::pi;
    double high = angle;
    for (int i = 0; i < kShrinksMax; ++i) {
      const VectorXd next =
          centre + (*z - centre) * std::cos(angle) + (other - centre) * std::sin(angle);
      if (log_weight(next) > level) {
        *z = next;
        return;
      }
      (angle < 0 ? low : high) = angle;
      angle = low + (high - low) * random_.NextUniform();
    }
  }

  void StepByApproximation(VectorXd* z) {
    const VectorXd other = peak_ + spread_ * Normals();
    SliceStep(
        peak_, other,
        [this](const VectorXd& at) {
          return LogDensity(at) + (precision_root_ * (at - peak_)).squaredNorm() / 2;
        },
        z);
  }

  void StepByPrior(VectorXd* z) {
    const VectorXd other = Normals();
    SliceStep(
        VectorXd::Zero(dimensions_), other,
        [this](const VectorXd& at) { return log_likelihood_(ToPoint(at)); }, z);
  }

  const Eigen::Index dimensions_;
  const LogLikelihood& log_likelihood_;
  RandomStream random_;
  VectorXd peak_;
  MatrixXd spread_;          // times standard normals: the approximation, around the peak
  MatrixXd precision_root_;  // its inverse
};

}  // namespace

PosteriorDraws SamplePosterior(size_t dimensions, const LogLikelihood& log_likelihood,
                               uint64_t seed, int draws) {
  return Sampler(dimensions, log_likelihood, seed).Run(draws);
}

}  // namespace snapledger::matchrate
