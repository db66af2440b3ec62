// Tensors with numbers of their own, for tests.

#ifndef NIWAKI_LIBS_INTERCHANGE_OFA_TEST_TENSORS_H_
#define NIWAKI_LIBS_INTERCHANGE_OFA_TEST_TENSORS_H_

#include <list>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "libs/supernet/ofa_names.h"
#include "libs/tensorfile/tensor.h"

namespace niwaki::interchange {

// A float32 tensor for each of `names`, under our name or theirs. Keeps the numbers.
class TestTensors {
 public:
  TestTensors(const std::vector<supernet::OfaName>& names, std::string supernet::OfaName::*side) {
    float next = 0;
    for (const supernet::OfaName& name : names) {
      std::vector<float> numbers(*tensorfile::CountElements(name.shape));
      for (float& number : numbers) number = next += 0.25f;
      Set(name.*side, name.shape, numbers);
    }
  }

  void Set(const std::string& name, const std::vector<int64_t>& shape,
           const std::vector<float>& numbers) {
    numbers_.push_back(numbers);
    const std::vector<float>& kept = numbers_.back();
    map[name] = {
        tensorfile::Dtype::kF32, shape,
        absl::string_view(reinterpret_cast<const char*>(kept.data()), kept.size() * sizeof(float))};
  }

  tensorfile::TensorMap map;

 private:
  // A list keeps its elements in place.
  std::list<std::vector<float>> numbers_;
};

}  // namespace niwaki::interchange

#endif  // NIWAKI_LIBS_INTERCHANGE_OFA_TEST_TENSORS_H_
