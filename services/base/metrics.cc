#include "services/base/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/metric_family.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <map>
#include <set>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace snapledger::base {
namespace {

constexpr std::string_view kOtherDestinations = "(other)";

const prometheus::Histogram::BucketBoundaries& LatencyBuckets() {
  static const auto& buckets = *new prometheus::Histogram::BucketBoundaries{
      0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
  return buckets;
}

prometheus::MetricFamily GaugeFamily(std::string name, std::string help) {
  return {std::move(name), std::move(help), prometheus::MetricType::Gauge, {}};
}

void AddGauge(std::vector<prometheus::ClientMetric::Label> labels, double value,
              prometheus::MetricFamily* family) {
  prometheus::ClientMetric metric;
  metric.label = std::move(labels);
  metric.gauge.value = value;
  family->metric.push_back(std::move(metric));
}

}  // namespace

class Metrics::Series {
 public:
  Series()
      : calls_(prometheus::BuildCounter()
                   .Name("snapledger_rpc_calls_total")
                   .Help("Finished calls by method and gRPC code")
                   .Register(registry_)),
        seconds_(prometheus::BuildHistogram()
                     .Name("snapledger_rpc_seconds")
                     .Help("Time from a call's arrival to its answer, by method")
                     .Register(registry_)),
        events_(prometheus::BuildCounter()
                    .Name("snapledger_events_total")
                    .Help("Verdicts given on events, by outcome")
                    .Register(registry_)),
        ready_(prometheus::BuildGauge()
                   .Name("snapledger_ready")
                   .Help("1 while this process accepts work")
                   .Register(registry_)
                   .Add({})),
        identity_partitions_(
            prometheus::BuildGauge()
                .Name("snapledger_identity_partitions")
                .Help("Closed identity partitions by where intake asks them for an event")
                .Register(registry_)) {}

  void CountRpc(std::string_view method, std::string_view code, double seconds) {
    const CallSeries series = SeriesOf(method, code);
    series.calls->Increment();
    series.seconds->Observe(seconds);
  }

  void CountEvents(std::string_view outcome, int64_t count) {
    EventsOf(outcome).Increment(static_cast<double>(count));
  }

  void SetReady(bool ready) { ready_.Set(ready ? 1 : 0); }

  void SetIdentityPartitions(int in_memory, int in_database) {
    identity_partitions_.Add({{"asked", "memory"}}).Set(in_memory);
    identity_partitions_.Add({{"asked", "database"}}).Set(in_database);
  }

  void SetBacklog(const std::vector<Backlog>& destinations) {
    absl::MutexLock lock(&mutex_);
    events_by_state_.clear();
    oldest_pending_seconds_.clear();
    set_aside_events_.clear();
    for (const Backlog& backlog : destinations) {
      const std::string label = LabelOf(backlog.destination);
      for (const auto& [state, events] : backlog.events_by_state) {
        events_by_state_[{label, state}] += static_cast<double>(events);
      }
      double& oldest = oldest_pending_seconds_[label];
      const absl::Duration age = backlog.oldest_pending_age.value_or(absl::ZeroDuration());
      oldest = std::max(oldest, absl::ToDoubleSeconds(age));
      set_aside_events_[label] += static_cast<double>(backlog.set_aside_events);
    }
  }

  void SetReceipts(const std::vector<Receipts>& destinations) {
    absl::MutexLock lock(&mutex_);
    receipt_ratio_.clear();
    receipt_divergence_.clear();
    for (const Receipts& receipts : destinations) {
      const std::string label = LabelOf(receipts.destination);
      if (receipts.ratio.has_value()) receipt_ratio_[label] = *receipts.ratio;
      double& divergence = receipt_divergence_[label];
      divergence = std::max(divergence, receipts.diverging ? 1.0 : 0.0);
    }
  }

  void SetCoverageFalls(const std::vector<CoverageFall>& falls) {
    absl::MutexLock lock(&mutex_);
    coverage_falls_.clear();
    for (const CoverageFall& fall : falls) {
      coverage_falls_[{LabelOf(fall.destination), fall.identifier}] +=
          static_cast<double>(fall.scopes);
    }
  }

  std::string Exposition() const {
    std::vector<prometheus::MetricFamily> families = registry_.Collect();
    AppendBacklog(&families);
    AppendReceipts(&families);
    AppendCoverageFalls(&families);
    return prometheus::TextSerializer().Serialize(families);
  }

 private:
  struct CallSeries {
    prometheus::Counter* calls;
    prometheus::Histogram* seconds;
  };

  // To find a series by its labels costs the library a map and its hash, for every call.
  CallSeries SeriesOf(std::string_view method, std::string_view code) {
    {
      absl::ReaderMutexLock lock(&found_mutex_);
      if (const auto by_code = found_calls_.find(method); by_code != found_calls_.end()) {
        if (const auto found = by_code->second.find(code); found != by_code->second.end()) {
          return found->second;
        }
      }
    }
    const CallSeries series = {
        &calls_.Add({{"method", std::string(method)}, {"code", std::string(code)}}),
        &seconds_.Add({{"method", std::string(method)}}, LatencyBuckets())};
    absl::MutexLock lock(&found_mutex_);
    found_calls_[std::string(method)].emplace(code, series);
    return series;
  }

  prometheus::Counter& EventsOf(std::string_view outcome) {
    {
      absl::ReaderMutexLock lock(&found_mutex_);
      if (const auto found = found_events_.find(outcome); found != found_events_.end()) {
        return *found->second;
      }
    }
    prometheus::Counter& events = events_.Add({{"outcome", std::string(outcome)}});
    absl::MutexLock lock(&found_mutex_);
    found_events_.emplace(outcome, &events);
    return events;
  }

  std::string LabelOf(const std::string& destination) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (labels_.contains(destination)) return destination;
    if (labels_.size() >= kDestinationLabelsMax) return std::string(kOtherDestinations);
    return *labels_.insert(destination).first;
  }

  void AppendBacklog(std::vector<prometheus::MetricFamily>* families) const {
    auto events = GaugeFamily("snapledger_backlog_events", "Events by destination and state");
    auto oldest = GaugeFamily("snapledger_oldest_pending_seconds",
                              "Age of the oldest event not yet sent; 0 where there is none");
    auto set_aside = GaugeFamily("snapledger_set_aside_events",
                                 "Events that wait but whose stored payload cannot be read");
    absl::MutexLock lock(&mutex_);
    for (const auto& [key, value] : events_by_state_) {
      AddGauge({{"destination", key.first}, {"state", key.second}}, value, &events);
    }
    for (const auto& [destination, value] : oldest_pending_seconds_) {
      AddGauge({{"destination", destination}}, value, &oldest);
    }
    for (const auto& [destination, value] : set_aside_events_) {
      AddGauge({{"destination", destination}}, value, &set_aside);
    }
    families->push_back(std::move(events));
    families->push_back(std::move(oldest));
    families->push_back(std::move(set_aside));
  }

  void AppendReceipts(std::vector<prometheus::MetricFamily>* families) const {
    auto ratio = GaugeFamily("snapledger_receipt_ratio",
                             "Live events of an hour by Snap's count / those delivered in it");
    auto divergence = GaugeFamily("snapledger_receipt_divergence",
                                  "1 while Snap's count and the delivered events diverge");
    absl::MutexLock lock(&mutex_);
    for (const auto& [destination, value] : receipt_ratio_) {
      AddGauge({{"destination", destination}}, value, &ratio);
    }
    for (const auto& [destination, value] : receipt_divergence_) {
      AddGauge({{"destination", destination}}, value, &divergence);
    }
    families->push_back(std::move(ratio));
    families->push_back(std::move(divergence));
  }

  void AppendCoverageFalls(std::vector<prometheus::MetricFamily>* families) const {
    auto falls = GaugeFamily("snapledger_coverage_fallen",
                             "Event names and sources on which an identifier's coverage fell");
    absl::MutexLock lock(&mutex_);
    for (const auto& [key, value] : coverage_falls_) {
      AddGauge({{"destination", key.first}, {"identifier", key.second}}, value, &falls);
    }
    families->push_back(std::move(falls));
  }

  prometheus::Registry registry_;
  prometheus::Family<prometheus::Counter>& calls_;
  prometheus::Family<prometheus::Histogram>& seconds_;
  prometheus::Family<prometheus::Counter>& events_;
  prometheus::Gauge& ready_;
  prometheus::Family<prometheus::Gauge>& identity_partitions_;
  absl::Mutex found_mutex_;
  std::map<std::string, std::map<std::string, CallSeries, std::less<>>, std::less<>> found_calls_
      ABSL_GUARDED_BY(found_mutex_);  // by method and code
  std::map<std::string, prometheus::Counter*, std::less<>> found_events_
      ABSL_GUARDED_BY(found_mutex_);
  mutable absl::Mutex mutex_;
  std::set<std::string> labels_ ABSL_GUARDED_BY(mutex_);
  std::map<std::pair<std::string, std::string>, double> events_by_state_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, double> oldest_pending_seconds_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, double> set_aside_events_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, double> receipt_ratio_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, double> receipt_divergence_ ABSL_GUARDED_BY(mutex_);
  std::map<std::pair<std::string, std::string>, double> coverage_falls_ ABSL_GUARDED_BY(mutex_);
};

Metrics::Metrics() : series_(std::make_unique<Series>()) {}
Metrics::~Metrics() = default;

void Metrics::CountRpc(std::string_view method, std::string_view code, absl::Duration elapsed) {
  series_->CountRpc(method, code, absl::ToDoubleSeconds(elapsed));
}

void Metrics::CountEvents(std::string_view outcome, int64_t count) {
  series_->CountEvents(outcome, count);
}

void Metrics::SetBacklog(const std::vector<Backlog>& destinations) {
  series_->SetBacklog(destinations);
}

void Metrics::SetReceipts(const std::vector<Receipts>& destinations) {
  series_->SetReceipts(destinations);
}

void Metrics::SetCoverageFalls(const std::vector<CoverageFall>& falls) {
  series_->SetCoverageFalls(falls);
}

void Metrics::SetIdentityPartitions(int in_memory, int in_database) {
  series_->SetIdentityPartitions(in_memory, in_database);
}

void Metrics::SetReady(bool ready) { series_->SetReady(ready); }

std::string Metrics::Exposition() const { return series_->Exposition(); }

}  // namespace snapledger::base
