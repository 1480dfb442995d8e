// A driver for a fuzz target where libFuzzer is not at hand: runs the target over every file of a
// folder, then over mutations of them.
//
//   PROGRAM FOLDER [MUTATIONS [SEED]]
//
// An input that breaks a promise ends the process; it is printed before by number, and the same
// arguments find it again.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

constexpr size_t kInputBytesMax = 1 << 16;
constexpr int kEditsMax = 8;

std::vector<std::string> ReadFolder(const std::string& folder) {
  std::vector<std::string> inputs;
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  for (const std::filesystem::path& path : paths) {
    std::ifstream file(path, std::ios::binary);
    inputs.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return inputs;
}

void Run(const std::string& input) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(input.data()), input.size());
}

class Mutator {
 public:
  Mutator(const std::vector<std::string>& corpus, uint64_t seed) : corpus_(corpus), random_(seed) {}

  std::string Next() {
    std::string input = corpus_[Below(corpus_.size())];
    const size_t edits = 1 + Below(kEditsMax);
    for (size_t i = 0; i < edits; ++i) Edit(&input);
    if (input.size() > kInputBytesMax) input.resize(kInputBytesMax);
    return input;
  }

 private:
  size_t Below(size_t bound) { return bound == 0 ? 0 : random_() % bound; }

  void Edit(std::string* input) {
    const size_t at = Below(input->size() + 1);
    const size_t length = Below(std::min<size_t>(64, input->size() - at) + 1);
    switch (Below(5)) {
      case 0:
        input->erase(at, length);
        break;
      case 1:
        input->insert(at, 1, static_cast<char>(Below(256)));
        break;
      case 2:
        if (at < input->size()) (*input)[at] = static_cast<char>((*input)[at] ^ (1 << Below(8)));
        break;
      case 3:
        input->insert(Below(input->size() + 1), input->substr(at, length));
        break;
      default: {
        const std::string& other = corpus_[Below(corpus_.size())];
        const size_t from = Below(other.size() + 1);
        input->insert(at, other.substr(from, Below(256)));
      }
    }
  }

  const std::vector<std::string>& corpus_;
  std::mt19937_64 random_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2 || argc > 4) {
    std::fprintf(stderr, "usage: %s FOLDER [MUTATIONS [SEED]]\n", argv[0]);
    return 2;
  }
  const std::vector<std::string> corpus = ReadFolder(argv[1]);
  if (corpus.empty()) {
    std::fprintf(stderr, "%s holds no inputs\n", argv[1]);
    return 2;
  }
  const int64_t mutations = argc > 2 ? std::atoll(argv[2]) : 0;
  const uint64_t seed = argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 1;
  for (const std::string& input : corpus) Run(input);
  Mutator mutator(corpus, seed);
  for (int64_t i = 0; i < mutations; ++i) Run(mutator.Next());
  std::printf("%zu inputs and %lld mutations of them (seed %llu): every promise kept\n",
              corpus.size(), static_cast<long long>(mutations),
              static_cast<unsigned long long>(seed));
  return 0;
}
